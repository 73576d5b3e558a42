"""The forecast of a day, by every level: the open book and what will be billed, from the same draws.

Belongs here: sums of draws by level, week and day, and their quantiles with calibrated widths. Does not: the draws
(`simulation`), the width (`conformal`, `backtest`), or tables (`models/marts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

import numpy as np
import polars as pl

from models.forecasts.axis import DAYS_OF_WEEK
from models.forecasts.open_book import ALIKE, OpenBook, lay_over, lifetime_cash, parts_of, settlements
from models.forecasts.origin import History, OriginForecast, billed_lately, forecast_origin
from models.forecasts.scheduled import Scheduled, scheduled
from models.forecasts.settlement import cash_days, settlement_days
from models.forecasts.simulation import LEVELS, QUANTILES, cash_by_period, draw_settlement_days, generator

LEVEL_KEYS = {"total": ["all"], "entity": ["entity_id", "currency"], "segment": ["segment"], "payer": ["payer_key"]}
DAILY = ("mean", "p10", "p50", "p90")
OUTER = {"p025": 1.0, "p975": 1.0, "p05": 0.5, "p95": 0.5}
"""How far a quantile's width is that of the 95 % interval; the others have that of the 80 %."""


@dataclass(frozen=True)
class Outlook:
    """What is forecast of a day. `parts` are of `open_book.parts_of`; draws are in base currency."""

    origin: OriginForecast
    parts: pl.DataFrame
    cash_by_hazards: np.ndarray
    """[cells, days]: probability of cash on each day, by the hazards alone."""
    cash: np.ndarray
    """[cells, days]: the same with all that is known of the cells, less discounts."""
    drawn_days: np.ndarray
    items: pl.DataFrame
    recent: pl.DataFrame
    """What was billed in the last 13 weeks, with `money` and `segment`."""
    scheduled: Scheduled
    """Billings to come that are announced; the others are the origin's."""


@dataclass(frozen=True)
class Level:
    """One level: names of its labels, the label of every part and of every announced billing (the number of labels
    where it has none), and each label's share [calendars, labels, weeks] of the trend of billings."""

    name: str
    labels: pl.DataFrame
    label_of_part: np.ndarray
    label_of_bill: np.ndarray
    billing_share: np.ndarray


def outlook(history: History, book: OpenBook, schedule: pl.DataFrame, segments: pl.DataFrame) -> Outlook:
    """Forecast the book as it stands on the day of its history; `schedule`: as for `scheduled.scheduled`; `segments`:
    `payer_key`, `segment`."""
    spells, days, as_of, settings = history.spells, history.days, history.as_of, history.settings
    origin = forecast_origin(spells, history.counts, days, as_of, 0, settings)
    axis, hazards = origin.axis, origin.served.hazards
    parts = parts_of(book, days)
    cells = cells_of(parts)
    payers, due = cells["payer_key"].to_numpy(), cells["due_day"].to_numpy()
    settled = settlement_days(origin.served.of_cells(payers, due))
    by_hazards = cash_days(settled, due, hazards, axis)
    by_hazards[cells["on_account"].to_numpy()] = 0.0
    laid = lay_over(by_hazards, cells, axis)
    cash = laid * (1.0 - cells["discount"].to_numpy())[:, None]
    numbered = np.unique(payers, return_inverse=True)[1]
    drawn = draw_settlement_days(cash, numbered, generator(settings, as_of.toordinal(), 2), settings)
    ever = lifetime_cash(settled, due, cells, hazards, axis)
    items = settlements(parts, laid, ever, axis, book.shares)
    recent = recent_billings(spells, as_of).join(segments, on="payer_key", how="left", maintain_order="left")
    told = scheduled(schedule, recent, days, origin.billing_mean, hazards, axis, book.shares.discount, settings)
    return Outlook(origin, parts, by_hazards, cash, drawn, items, recent, told)


def cells_of(parts: pl.DataFrame) -> pl.DataFrame:
    """The cells of parts, in order, with what makes them alike."""
    return parts.group_by("cell").agg(pl.col(*ALIKE).first()).sort("cell")


def recent_billings(spells: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Receivables entered in the 13 weeks before a day, with their `money`."""
    return billed_lately(spells.filter(pl.col("entry_date") <= as_of), as_of)


def billing_shares(
    recent: pl.DataFrame, left: np.ndarray, labels: pl.DataFrame, keys: list[str], calendars: int
) -> np.ndarray:
    """[calendars, labels, weeks]: the share of each label in the trend of billings, that of the recent ones, as far as
    it is `left` [recent, weeks] to them."""
    label = recent.select(keys).join(labels, on=keys, how="left", maintain_order="left")["label"]
    size = labels.height + 1
    place = recent["calendar_number"].to_numpy() * size + label.fill_null(labels.height).to_numpy()
    found = np.zeros((calendars * size, left.shape[1]))
    np.add.at(found, place, recent["money"].to_numpy()[:, None] * left)
    return found.reshape(calendars, size, -1)[:, :-1] / max(float(recent["money"].sum()), 1e-12)


def levels_of(found: Outlook, largest: int) -> Iterator[Level]:
    """The levels of `cash_forecast`: total, entity × currency, segment, and the payers that owe most.

    A label's share of the trend of billings is its share of the last 13 weeks', less what schedules stand for.
    """
    parts, bills = found.parts, found.scheduled.bills
    recent = found.recent.with_columns(all=pl.lit(0))
    left = found.scheduled.left_of(recent)
    top = parts.group_by("payer_key").agg(pl.col("amount").sum()).sort("amount", "payer_key", descending=[True, False])
    chosen = top.head(largest).select("payer_key")
    for name, keys in LEVEL_KEYS.items():
        rows = [frame.with_columns(all=pl.lit(0)).select(keys) for frame in (parts, recent, bills)]
        known = pl.concat(rows).unique() if name != "total" else pl.DataFrame({"all": [0]}, schema={"all": pl.Int32})
        known = known.join(chosen, on="payer_key", how="semi") if name == "payer" else known
        labels = known.sort(keys).with_row_index("label").with_columns(pl.col("label").cast(pl.Int64))
        of_part, of_bill = (
            one.join(labels, on=keys, how="left", maintain_order="left")["label"].fill_null(labels.height).to_numpy()
            for one in (rows[0], rows[2])
        )
        share = billing_shares(recent, left, labels, keys, len(found.origin.collections))
        yield Level(name, labels, of_part, of_bill, share)


@dataclass(frozen=True)
class LevelDraws:
    """Cash of a level by calendar day after the day, in base currency; `mean` [labels, days] is what is expected, and
    draws [draws, labels, days] are centred on it."""

    level: Level
    open_mean: np.ndarray
    open_draws: np.ndarray
    future_mean: np.ndarray
    future_draws: np.ndarray

    def components(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Name, draws and mean of each component."""
        yield "open_items", self.open_draws, self.open_mean
        yield "future_billings", self.future_draws, self.future_mean
        yield "total", self.open_draws + self.future_draws, self.open_mean + self.future_mean


def level_draws(found: Outlook, level: Level, as_of: date) -> LevelDraws:
    """Draws of a level by day; cash of the trend of billings is spread over a week's business days alike, those of
    each calendar for what is billed on it."""
    origin, bills = found.origin, found.scheduled
    weeks = len(origin.billing_mean)
    span = DAYS_OF_WEEK * weeks
    offset = (origin.axis.dates - np.datetime64(as_of)).astype(int) - 1
    periods = np.append(np.minimum(offset, span), span)
    opened, mean = _item_draws(found.parts, found.cash, found.drawn_days, level, level.label_of_part, periods)
    told, expected = _item_draws(bills.bills, bills.cash, bills.drawn_days, level, level.label_of_bill, periods)
    week, trend, usual = np.arange(span) // DAYS_OF_WEEK, [], []
    for share, own, spread in zip(level.billing_share, origin.collections, origin.axis.spread(weeks), strict=True):
        drawn = np.einsum("db,lb,bw->dlw", origin.billing_draws, share, own.receipts, optimize=True)
        trend.append(drawn[:, :, week] * spread)
        usual.append(((share * origin.billing_mean) @ own.receipts)[:, week] * spread)
    return LevelDraws(level, mean, opened, reduce(np.add, usual) + expected, reduce(np.add, trend) + told)


def weekly(drawn: LevelDraws, scales: dict[str, tuple[np.ndarray, np.ndarray]], as_of: date) -> pl.DataFrame:
    """Rows of `cash_forecast` of one level: labels × weeks × components × statistics, amounts in base currency.

    `scales`: of each component the factors on the widths of the 80 % and the 95 % interval, by week.
    """
    frames = []
    for component, draws, mean in drawn.components():
        frames.append(_statistics(drawn.level, component, _by_week(draws), _by_week(mean), *scales[component]))
    rows = pl.concat(frames).with_columns(level=pl.lit(drawn.level.name)).rename({"step": "horizon_week"})
    start = pl.lit(as_of) + pl.duration(days=1) + pl.duration(days=DAYS_OF_WEEK) * (pl.col("horizon_week") - 1)
    return rows.with_columns(week_start=start).with_columns(week_end=pl.col("week_start") + pl.duration(days=6))


def daily(drawn: LevelDraws, scales: dict[str, tuple[np.ndarray, np.ndarray]], as_of: date) -> pl.DataFrame:
    """Rows of `cash_forecast_daily` of one level: labels × days × components, with mean and three quantiles."""
    week = np.arange(drawn.open_mean.shape[1]) // DAYS_OF_WEEK
    frames = []
    for component, draws, mean in drawn.components():
        if component == "future_billings":
            continue
        inner, outer = (scale[week] for scale in scales[component])
        rows = _statistics(drawn.level, component, draws, mean, inner, outer)
        frames.append(rows.filter(pl.col("statistic").is_in(DAILY)))
    rows = pl.concat(frames).with_columns(level=pl.lit(drawn.level.name))
    dated = rows.with_columns(date=pl.lit(as_of) + pl.duration(days=1) * pl.col("step"))
    keys = [name for name in dated.columns if name not in ("statistic", "amount_base")]
    return dated.pivot("statistic", index=keys, values="amount_base").drop("step")


def _by_week(by_day: np.ndarray) -> np.ndarray:
    """Sums of the last axis, days, by seven."""
    return by_day.reshape(*by_day.shape[:-1], -1, DAYS_OF_WEEK).sum(axis=-1)


def _item_draws(
    items: pl.DataFrame, cash: np.ndarray, drawn_days: np.ndarray, level: Level, labels: np.ndarray, periods: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """[draws, labels, periods] of items in cells, centred on [labels, periods] of what is expected of them.

    `periods`: [days + 1], the period of each day, their number where it is outside.
    """
    count, size = level.labels.height, int(periods[-1])
    sums = items.select("cell", "amount").with_columns(label=labels).filter(pl.col("label") < count)
    sums = sums.group_by("cell", "label").agg(pl.col("amount").sum()).sort("cell", "label")
    cell, label, money = (sums[name].to_numpy() for name in ("cell", "label", "amount"))
    mean = np.zeros((count, len(periods) - 1))
    for start in range(0, len(cell), 8192):
        part = slice(start, start + 8192)
        np.add.at(mean, label[part], money[part][:, None] * cash[cell[part]])
    by_period = np.zeros((count, size + 1))
    np.add.at(by_period.T, periods[:-1], mean.T)
    draws = cash_by_period(drawn_days[:, cell], money, label, count, periods, size)
    return draws - draws.mean(axis=0) + by_period[:, :size], by_period[:, :size]


def _statistics(
    level: Level, component: str, draws: np.ndarray, mean: np.ndarray, inner: np.ndarray, outer: np.ndarray
) -> pl.DataFrame:
    """Long rows of a component: mean, and quantiles with their width scaled, in order and never below nothing."""
    found = np.quantile(draws, LEVELS, axis=0)
    for place, name in enumerate(QUANTILES):
        factor = inner + OUTER.get(name, 0.0) * (outer - inner)
        found[place] = mean + (found[place] - mean) * factor
    found = np.sort(np.maximum(found, 0.0), axis=0)
    count, periods = mean.shape
    frames = []
    for name, values in (("mean", mean), *zip(QUANTILES, found, strict=True)):
        columns = {
            "label": np.repeat(np.arange(count), periods),
            "step": np.tile(np.arange(1, periods + 1), count),
            "amount_base": values.ravel(),
        }
        frames.append(pl.DataFrame(columns).with_columns(statistic=pl.lit(name), component=pl.lit(component)))
    return pl.concat(frames).join(level.labels, on="label").drop("label")


def origins_before(as_of: date, count: int) -> list[date]:
    """The weekly origins that end on `as_of`, oldest first."""
    return [as_of - timedelta(days=DAYS_OF_WEEK * back) for back in range(count, -1, -1)]
