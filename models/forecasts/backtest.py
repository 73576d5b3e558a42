"""Rolling origins: what would have been forecast, beside what came and what simple rules would have said.

Belongs here: one origin's rows. Does not: the width of intervals (`calibration`), measures over origins
(`accuracy_frame`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from models.forecasts import baselines
from models.forecasts.accuracy import crps_of_days, median_day, noise_floor
from models.forecasts.grains import DAYS, Grains, errors, of_cells, of_items, reliability, spread
from models.forecasts.lateness import bin_of
from models.forecasts.multipliers import dense_counts
from models.forecasts.origin import OriginForecast, forecast_origin, weekly_sums
from models.forecasts.settings import OWN, ForecastSettings
from models.forecasts.settlement import by_calendar_day, settlement_days
from models.forecasts.simulation import LEVELS, QUANTILES
from models.forecasts.standing import known_at

ITEM_SPAN = 90
NEVER = 999


class LookedBack(NamedTuple):
    """What is kept of an origin (`look_back`)."""

    weeks: pl.DataFrame
    items: pl.DataFrame
    finer: pl.DataFrame
    chances: pl.DataFrame


def backtest(
    spells: pl.DataFrame,
    counts: dict[str, pl.DataFrame],
    days: pl.DataFrame,
    origins: Iterable[date],
    last_origin: date,
    end: date,
    settings: ForecastSettings,
) -> Iterator[tuple[date, pl.DataFrame, pl.DataFrame]]:
    """Each origin with its `forecast_backtest` rows (not calibrated) and its rows of items.

    `counts` are as of `last_origin`; origins lie whole weeks before it. `end`: last day whose receipts are known.
    """
    for origin in origins:
        found = look_back(spells, counts, days, origin, last_origin, end, settings)
        yield origin, with_actuals(found.weeks, spells, end), found.items


def look_back(
    spells: pl.DataFrame,
    counts: dict[str, pl.DataFrame],
    days: pl.DataFrame,
    origin: date,
    last_origin: date,
    end: date,
    settings: ForecastSettings,
) -> LookedBack:
    """What would have been forecast at an origin, and what was measured of it, empty where 90 days are not known.

    Rows of weeks: `origin`, `horizon_week` (from 1), `scope` (open_items, total), `model`, `mean`, quantiles (empty
    for rules), `noise_floor`; nothing in them was learned after the origin. Rows of items: `origin`, `model`,
    `item_count`, `crps`, `days_mae`, `brier_7`, `brier_14`, `brier_30` (means over open items).
    Rows of finer grains and of chances: of `grains.errors` and `grains.reliability`, with `origin`.
    """
    forecasts = {
        model: forecast_origin(
            spells, counts, days, origin, (last_origin - origin).days // 7, replace(settings, model=model)
        )
        for model in (OWN, *settings.challengers)
    }
    forecast = forecasts[OWN]
    delays = _item_delays(forecast)
    rows = [row for model, each in forecasts.items() for row in _model_rows(model, each)]
    pooled, totals = _pooled(forecast, counts), _total_rules(forecast, known_at(spells, origin))
    rows += _open_rules(forecast, pooled, delays) + [_rows("total", name, mean) for name, mean in totals.items()]
    weeks = _of_origin(origin, pl.concat(rows))
    if origin + timedelta(days=ITEM_SPAN) > end:
        return LookedBack(weeks, pl.DataFrame(), pl.DataFrame(), pl.DataFrame())
    finer = errors(_expected(forecasts, pooled, delays, totals), _seen(forecast, spells))
    items, chances = _item_rows(forecasts, spells, delays)
    return LookedBack(weeks, items, _of_origin(origin, finer), _of_origin(origin, chances))


def with_actuals(rows: pl.DataFrame, spells: pl.DataFrame, end: date) -> pl.DataFrame:
    """Rows of origins with `actual`: what was settled in cash in the week; empty where it is not over by `end`."""
    weeks, found = int(rows["horizon_week"].to_numpy().max()), []
    for origin in rows["origin"].unique(maintain_order=True).to_list():
        opened = (pl.col("entry_date") <= origin) & (pl.col("settled_date") > origin)
        for scope, inside in (("open_items", spells.filter(opened)), ("total", spells)):
            came = _came(inside, origin, end, weeks)
            frame = pl.DataFrame({"horizon_week": np.arange(1, weeks + 1), "actual": came})
            found.append(frame.with_columns(origin=pl.lit(origin), scope=pl.lit(scope)))
    keys = ["origin", "scope", "horizon_week"]
    joined = rows.join(pl.concat(found).fill_nan(None), on=keys, how="left", maintain_order="left")
    return joined.select("origin", "horizon_week", "actual", pl.exclude("origin", "horizon_week", "actual"))


def _rows(
    scope: str,
    model: str,
    mean: np.ndarray,
    draws: np.ndarray | None = None,
    floor: np.ndarray | None = None,
) -> pl.DataFrame:
    """One scope's and model's rows of an origin; quantiles of draws [draws, weeks], not below zero."""
    nothing = np.full(len(mean), np.nan)
    levels = np.maximum(np.quantile(draws, LEVELS, axis=0), 0.0) if draws is not None else [nothing] * len(LEVELS)
    columns = {
        "horizon_week": np.arange(1, len(mean) + 1),
        "mean": mean,
        "noise_floor": nothing if floor is None else floor,
    }
    columns |= dict(zip(QUANTILES, levels, strict=True))
    named = pl.DataFrame(columns).with_columns(scope=pl.lit(scope), model=pl.lit(model)).fill_nan(None)
    return named.with_columns(pl.col("mean", "noise_floor", *QUANTILES).cast(pl.Float64))


def _in_cash(spells: pl.DataFrame) -> pl.DataFrame:
    """Spells that ended in cash: credits and write-offs are no receipts."""
    return spells.filter(pl.col("exit_kind") == "cash")


def _came(settled: pl.DataFrame, as_of: date, end: date, weeks: int) -> np.ndarray:
    """[weeks]: what was settled in cash in each week after `as_of`; nan where the week is not over by `end`."""
    settled = _in_cash(settled)
    week = ((pl.col("settled_date") - pl.lit(as_of)).dt.total_days() - 1) // 7
    inside = settled.filter(pl.col("settled_date") > as_of).with_columns(week=week).filter(pl.col("week") < weeks)
    sums = np.bincount(inside["week"].to_numpy(), inside["amount"].cast(pl.Float64).to_numpy(), weeks)
    over = np.array([as_of + timedelta(days=7 * (place + 1)) <= end for place in range(weeks)])
    return np.where(over, sums, np.nan)


def _item_delays(forecast: OriginForecast) -> dict[str, np.ndarray]:
    """Calendar days from the origin at which the simple rules expect each open item."""
    items, known = forecast.items, forecast.served.hazards.delays
    as_of = np.datetime64(forecast.axis.as_of)
    due = (items["due_date"].to_numpy().astype("datetime64[D]") - as_of).astype(int)
    joined = items.select("payer_key").join(known, on="payer_key", how="left", maintain_order="left")
    usual = (
        float((known["items"] * known["mean_days"]).sum()) / max(float(known["items"].sum()), 1e-9)
        if known.height
        else 0.0
    )
    middle = known["median_days"].median() or 0.0
    mean, median = joined["mean_days"].fill_null(usual).to_numpy(), joined["median_days"].fill_null(middle).to_numpy()
    return {
        "due_date": baselines.due_date(due, 0),
        "due_date_mean": baselines.due_date_and_delay(due, mean, 0),
        "due_date_median": baselines.due_date_and_delay(due, median, 0),
    }


def _pooled(forecast: OriginForecast, counts: dict[str, pl.DataFrame]) -> np.ndarray:
    """[cells, days]: settlement by the pooled Kaplan–Meier curve, given the lateness that each cell has reached."""
    axis = forecast.axis
    at_risk, exits = dense_counts(counts["calendar_counts"], axis.origin_days)
    hazard = exits.sum(1) / np.maximum(at_risk.sum(1), 1)
    due = forecast.served.cells["due_day"].to_numpy()
    return settlement_days(axis.shut(hazard[bin_of(axis.lateness(due))], due))


def _roll(forecast: OriginForecast, day: np.ndarray) -> np.ndarray:
    """The first business day of each item on or after its calendar day [items], both counted from the origin."""
    as_of = np.datetime64(forecast.axis.as_of)
    place = forecast.axis.place_of(forecast.items["due_day"].to_numpy(), as_of + day)
    return np.append((forecast.axis.dates - as_of).astype(int), 70_000)[place]


def _model_rows(model: str, forecast: OriginForecast) -> list[pl.DataFrame]:
    """Rows of a model of our own, of the open book and of total receipts."""
    weeks = len(forecast.future_mean)
    place = np.minimum(forecast.week_of_day, weeks)
    by_week = np.stack([forecast.cash[:, place == week].sum(axis=1) for week in range(weeks)], axis=1)
    floor = noise_floor(by_week, forecast.cell_amounts)
    mean, draws = forecast.open_mean(), forecast.open_draws()
    return [
        _rows("open_items", model, mean, draws, floor),
        _rows("total", model, mean + forecast.future_mean, draws + forecast.future_draws),
    ]


def _open_rules(forecast: OriginForecast, pooled: np.ndarray, delays: dict[str, np.ndarray]) -> list[pl.DataFrame]:
    """Rows of the open book by the rules of items."""
    weeks, rows = len(forecast.future_mean), []
    amounts = forecast.items["amount"].cast(pl.Float64).to_numpy()
    for name, day in delays.items():
        for rule, when in ((name, day), (f"{name}_rolled", _roll(forecast, day))):
            expected = np.bincount(np.minimum((when - 1) // 7, weeks), amounts, weeks + 1)[:weeks]
            rows.append(_rows("open_items", rule, expected))
    place, by_day = np.minimum(forecast.week_of_day, weeks), forecast.cell_amounts @ pooled
    rows.append(_rows("open_items", "kaplan_meier", np.bincount(place, by_day, weeks + 1)[:weeks]))
    return rows


def _total_rules(forecast: OriginForecast, known: pl.DataFrame) -> dict[str, np.ndarray]:
    """[weeks] of total receipts by the rules of the series."""
    weeks = len(forecast.future_mean)
    history = weekly_sums(_in_cash(known), "settled_date", forecast.axis.as_of)
    return {
        "mean_8_weeks": baselines.mean_of_last(history, 8, weeks),
        "last_year": baselines.same_week_last_year(history, weeks),
        "auto_ets": baselines.auto_ets(history, weeks),
        "auto_arima": baselines.auto_arima(history, weeks),
        "auto_theta": baselines.auto_theta(history, weeks),
    }


def _item_rows(
    forecasts: dict[str, OriginForecast], spells: pl.DataFrame, delays: dict[str, np.ndarray]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measures of items, of our models and of the rules, cut at 90 calendar days; and how reliable our chances are."""
    forecast = forecasts[OWN]
    came, cell = _came_on(forecast, spells), forecast.items["cell"].to_numpy()
    own = {
        model: by_calendar_day(np.cumsum(each.cash, axis=1), each.axis, ITEM_SPAN)[cell]
        for model, each in forecasts.items()
    }
    curves = own | {name: (day[:, None] <= np.arange(1, ITEM_SPAN + 1)).astype(float) for name, day in delays.items()}
    held, rows = np.minimum(came, ITEM_SPAN + 1), []
    for name, curve in curves.items():
        brier = {f"brier_{span}": float(((curve[:, span - 1] - (came <= span)) ** 2).mean()) for span in (7, 14, 30)}
        rows.append(
            {
                "origin": forecast.axis.as_of,
                "model": name,
                "item_count": len(came),
                "crps": float(crps_of_days(curve, came).mean()),
                "days_mae": float(np.abs(median_day(curve) - held).mean()),
                **brier,
            }
        )
    return pl.DataFrame(rows), reliability(own, came)


def _came_on(forecast: OriginForecast, spells: pl.DataFrame) -> np.ndarray:
    """[items]: calendar days after the origin on which each open item was paid, far ahead where it was not."""
    paid = _in_cash(spells).select("spell_key", "settled_date")
    joined = forecast.items.join(paid, on="spell_key", how="left", maintain_order="left")
    return (joined["settled_date"] - forecast.axis.as_of).dt.total_days().fill_null(NEVER).to_numpy()


def _expected(
    forecasts: dict[str, OriginForecast],
    pooled: np.ndarray,
    delays: dict[str, np.ndarray],
    totals: dict[str, np.ndarray],
) -> dict[str, Grains]:
    """What each model and rule expects by day, and by payer and week."""
    forecast = forecasts[OWN]
    amounts = forecast.items["amount"].cast(pl.Float64).to_numpy()
    found = {"kaplan_meier": of_cells(forecast, pooled)}
    for model, each in forecasts.items():
        opened = of_cells(each, each.cash)
        assert opened.by_day is not None
        found[model] = replace(opened, total=opened.by_day + spread(each, each.future_mean))
    for name, day in delays.items():
        for rule, when in ((name, day), (f"{name}_rolled", _roll(forecast, day))):
            found[rule] = of_items(forecast, when, amounts)
    return found | {name: Grains(total=spread(forecast, mean)) for name, mean in totals.items()}


def _seen(forecast: OriginForecast, spells: pl.DataFrame) -> Grains:
    """What came, by day, and by payer and week."""
    opened = of_items(forecast, _came_on(forecast, spells), forecast.items["amount"].cast(pl.Float64).to_numpy())
    after = (pl.col("settled_date") - pl.lit(forecast.axis.as_of)).dt.total_days()
    near = _in_cash(spells).filter(after.is_between(1, DAYS)).select(after, pl.col("amount").cast(pl.Float64))
    total = np.bincount(near["settled_date"].to_numpy(), near["amount"].to_numpy(), DAYS + 1)[1:]
    return replace(opened, total=total)


def _of_origin(origin: date, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their origin first."""
    return rows.select(pl.lit(origin).alias("origin"), pl.all())
