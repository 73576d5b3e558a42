"""One origin's forecast: the open book, what will be billed, and their sum, by week and day.

Belongs here: how the parts are put together as of a day. Does not: what came of it (`backtest`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np
import polars as pl

from models.forecasts.axis import Axis
from models.forecasts.billings import (
    Billings,
    Collections,
    collection_curves,
    collections_by_billing_week,
    days_ahead,
    forecast_billings,
)
from models.forecasts.challengers import Served, serve
from models.forecasts.hazard import Hazards
from models.forecasts.settings import ForecastSettings
from models.forecasts.settlement import cash_days, settlement_days
from models.forecasts.simulation import cash_by_period, draw_billings, draw_settlement_days, generator
from models.forecasts.standing import Standing, standing

RECENT_WEEKS = 13


@dataclass(frozen=True)
class History:
    """What forecasts of a book are made from, of a day and of days before it: frames as for `forecast_origin`, the
    counts as of `as_of`."""

    spells: pl.DataFrame
    counts: dict[str, pl.DataFrame]
    days: pl.DataFrame
    as_of: date
    settings: ForecastSettings


@dataclass(frozen=True)
class OriginForecast:
    """What is expected as of a day. Open items are in cells of payer × due day, which pay together."""

    axis: Axis
    served: Served
    """The model whose hazards these are."""
    week_of_day: np.ndarray
    """[days]: week ahead (0 the first) of each day of the axis."""
    items: pl.DataFrame
    """As of `standing.open_items`."""
    cash: np.ndarray
    """[cells, days]: probability of cash on each day."""
    cell_amounts: np.ndarray
    drawn_days: np.ndarray
    """[draws, cells]: day of cash; sums of it by any level add up (`simulation.cash_by_period`)."""
    billing_mean: np.ndarray
    """[weeks]: billings expected."""
    billing_draws: np.ndarray
    """[draws, weeks]"""
    collections: tuple[Collections, ...]
    """What becomes of them, by calendar."""
    shares: np.ndarray
    """[calendars]: each one's share of what was billed lately, and so of billings to come."""

    @property
    def receipts(self) -> np.ndarray:
        """[weeks, weeks]: what a week's billings (rows) bring in each week, as shares of them."""
        return reduce(np.add, (share * own.receipts for share, own in zip(self.shares, self.collections, strict=True)))

    @property
    def future_mean(self) -> np.ndarray:
        """[weeks]: cash expected from billings to come."""
        return self.billing_mean @ self.receipts

    @property
    def future_draws(self) -> np.ndarray:
        """[draws, weeks]: that cash in each draw."""
        return self.billing_draws @ self.receipts

    def open_mean(self) -> np.ndarray:
        """[weeks]: cash expected of the open book."""
        weeks = len(self.future_mean)
        by_day = self.cell_amounts @ self.cash if len(self.cash) else np.zeros(len(self.week_of_day))
        return np.bincount(np.minimum(self.week_of_day, weeks), by_day, weeks + 1)[:weeks]

    def open_draws(self) -> np.ndarray:
        """[draws, weeks]: cash of the open book in each draw, centred on what is expected."""
        weeks = len(self.future_mean)
        periods = np.append(self.week_of_day, weeks)
        labels = np.zeros(len(self.cell_amounts), dtype=int)
        draws = cash_by_period(self.drawn_days, self.cell_amounts, labels, 1, periods, weeks)[:, 0]
        return draws - draws.mean(axis=0) + self.open_mean()


def forecast_origin(
    spells: pl.DataFrame,
    counts: dict[str, pl.DataFrame],
    days: pl.DataFrame,
    as_of: date,
    origin_week: int,
    settings: ForecastSettings,
) -> OriginForecast:
    """Forecast as of a day that ends week `origin_week` of the counts; nothing later is read.

    `spells`: `spell_key`, `payer_key`, `calendar_number`, `entry_date`, `due_date`, `settled_date`, `amount`,
    `exit_kind`; `counts`: `hazard_counts`, `calendar_counts`, `delay_counts`; `days`: of `calendar.business_days`, one
    calendar after the other. Hazards are those of lateness in business days of each receivable's own calendar.
    """

    def stood(day: date, week: int) -> Standing:
        return standing(spells, counts, days, day, week, settings)

    now = stood(as_of, origin_week)
    served = serve(settings.model, now, stood, origin_week)
    axis, hazards, cells = now.axis, served.hazards, served.cells
    week_of_day = ((axis.dates - np.datetime64(as_of)).astype(int) - 1) // 7
    payers, due = cells["payer_key"].to_numpy(), cells["due_day"].to_numpy()
    cash = cash_days(settlement_days(served.chances(cells)), due, hazards, axis)
    numbered = np.unique(payers, return_inverse=True)[1]
    drawn = draw_settlement_days(cash, numbered, generator(settings, as_of.toordinal(), 0), settings)
    amounts = cells["amount"].to_numpy()
    recent = billed_lately(now.known, as_of)
    shares = _shares(recent, len(axis.origin_days))
    billings = _billings(now.known, days, axis, shares, settings)
    draws = draw_billings(
        billings.mean, billings.smoothing, billings.residuals, generator(settings, as_of.toordinal(), 1), settings
    )
    collections = _collections(recent, days, axis, hazards, settings)
    billed = billings.mean, draws, collections, shares
    return OriginForecast(axis, served, week_of_day, now.items, cash, amounts, drawn, *billed)


def billed_lately(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Receivables entered in the thirteen weeks to a day, of those entered by then, with their `money`."""
    age = (pl.lit(as_of) - pl.col("entry_date")).dt.total_days()
    return known.filter(age < 7 * RECENT_WEEKS).with_columns(money=pl.col("amount").cast(pl.Float64))


def _shares(recent: pl.DataFrame, calendars: int) -> np.ndarray:
    """[calendars]: each one's share of what was billed lately; all alike where nothing was."""
    money = np.bincount(recent["calendar_number"].to_numpy(), recent["money"].to_numpy(), calendars)
    return money / money.sum() if money.sum() > 0 else np.full(calendars, 1.0 / calendars)


def weekly_sums(known: pl.DataFrame, column: str, as_of: date) -> np.ndarray:
    """Amounts by complete week of a date column, oldest first, the last week ending on `as_of`."""
    age = (pl.lit(as_of) - pl.col(column)).dt.total_days() // 7
    sums = (
        known.filter(pl.col(column) <= as_of)
        .group_by(age=age)
        .agg(pl.col("amount").sum().cast(pl.Float64))
        .filter(pl.col("age") >= 0)
    )
    if not sums.height:
        return np.zeros(0)
    ages = sums["age"].to_numpy()
    series = np.bincount(ages, sums["amount"].to_numpy())[::-1]
    steady = np.flatnonzero(series > 0.2 * np.median(series[series > 0]))
    return series[steady[0] + 1 :] if len(steady) else series


def _business_days_of_weeks(days: pl.DataFrame, as_of: date, weeks: np.ndarray) -> np.ndarray:
    """Business days of weeks numbered from the one that follows `as_of` (0); earlier ones are negative."""
    number = (pl.col("date") - pl.lit(as_of) - pl.duration(days=1)).dt.total_days().floordiv(7)
    counted = days.filter("is_business_day").group_by(number.alias("week")).len()
    table = dict(zip(counted["week"].to_list(), counted["len"].to_list(), strict=True))
    return np.array([table.get(int(week), 0) for week in weeks])


def _billings(
    known: pl.DataFrame, days: pl.DataFrame, axis: Axis, shares: np.ndarray, settings: ForecastSettings
) -> Billings:
    """Billings expected by week, which has the mean of the calendars' business days, weighed by their shares."""
    history = weekly_sums(known, "entry_date", axis.as_of)
    weeks = np.arange(-len(history), settings.horizon_weeks)
    own = [_business_days_of_weeks(part, axis.as_of, weeks) for part in days.partition_by("calendar_number")]
    count = shares @ np.stack(own)
    return forecast_billings(history, count[: len(history)], count[len(history) :])


def _collections(
    recent: pl.DataFrame, days: pl.DataFrame, axis: Axis, hazards: Hazards, settings: ForecastSettings
) -> tuple[Collections, ...]:
    """What becomes of billings to come by calendar, by the terms of those of late and the hazards as they stand."""
    on_entry = (pl.col("settled_date") <= pl.col("entry_date")).fill_null(value=False)
    money = pl.col("money")
    paid, total = recent.select(money.filter(on_entry).sum(), money.sum().alias("all")).row(0)
    length = (pl.col("due_date") - pl.col("entry_date")).dt.total_days().clip(-150, 150)
    terms = recent.filter(~on_entry).group_by("payer_key", terms=length).agg(money.sum()).sort("payer_key", "terms")
    curves = collection_curves(
        terms["payer_key"].to_numpy(), terms["terms"].to_numpy(), terms["money"].to_numpy(), hazards, settings
    )
    by_weekday = np.bincount(recent["entry_date"].dt.weekday().to_numpy() - 1, recent["money"].to_numpy(), 7)
    on_weekday = by_weekday / max(by_weekday.sum(), 1e-12)
    ahead = [
        days_ahead(part, axis.as_of, int(origin_day))
        for part, origin_day in zip(days.partition_by("calendar_number"), axis.origin_days, strict=True)
    ]
    return tuple(
        collections_by_billing_week(curves, paid / total if total else 0.0, on_weekday, own, settings.horizon_weeks)
        for own in ahead
    )
