"""Thirteen weeks of a government's daily receipts, by the intervals of future billings applied to the series itself.

Belongs here: calibration of a long series with a crisis in it. Does not: invoices. `python -m tests.forecast_bench.treasury`.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.billings import forecast_billings
from models.forecasts.calendar import business_days
from models.forecasts.calibration import calibrate
from models.forecasts.settings import OWN, ForecastSettings
from models.forecasts.simulation import LEVELS, QUANTILES, draw_billings, generator
from tests.forecast_bench.bars import covered, line
from tests.forecast_bench.books import DATA

FIRST = date(2005, 6, 12)
WARM_UP = 30


def weekly() -> tuple[list[date], np.ndarray, np.ndarray]:
    """Ends of weeks, receipts without debt in USD million, business days."""
    daily = pl.read_csv(DATA / "treasury_receipts" / "daily_totals.csv", try_parse_dates=True)
    place = ((pl.col("date") - pl.lit(FIRST)).dt.total_days() - 1) // 7
    sums = (
        daily.with_columns(week=place)
        .filter(pl.col("week") >= 0)
        .group_by("week")
        .agg(pl.col("receipts_ex_debt").sum())
        .sort("week")
    )
    days = (
        business_days("US", date(2005, 1, 1), date(2012, 1, 1))
        .filter("is_business_day")
        .with_columns(week=place)
        .group_by("week")
        .len()
    )
    counted = dict(zip(days["week"].to_list(), days["len"].to_list(), strict=True))
    weeks = int(sums["week"].max()) - 1
    receipts = np.bincount(sums["week"].to_numpy(), sums["receipts_ex_debt"].to_numpy())[:weeks]
    return (
        [FIRST + timedelta(days=7 * (week + 1)) for week in range(weeks)],
        receipts,
        np.array([counted[week] for week in range(weeks + 13)]),
    )


def backtest() -> pl.DataFrame:
    """`forecast_backtest` rows of every weekly origin after the first half year."""
    ends, receipts, days = weekly()
    settings, rows = ForecastSettings(), []
    for last in range(WARM_UP, len(ends)):
        found = forecast_billings(receipts[:last], days[:last], days[last : last + 13])
        origin = ends[last - 1]
        draws = draw_billings(
            found.mean, found.smoothing, found.residuals, generator(settings, origin.toordinal(), 1), settings
        )
        levels = dict(zip(QUANTILES, np.quantile(draws, LEVELS, axis=0), strict=True))
        actual = np.append(receipts[last : last + 13], np.full(13, np.nan))[:13]
        rows.append(
            pl.DataFrame({"horizon_week": np.arange(1, 14), "actual": actual, "mean": found.mean, **levels})
            .with_columns(origin=pl.lit(origin), scope=pl.lit("total"), model=pl.lit(OWN))
            .fill_nan(None)
        )
    return calibrate(pl.concat(rows))


def main() -> None:
    """Print coverage of all origins and by year."""
    rows = backtest()
    print(line("treasury 80 % coverage, weeks 1-13, all origins", covered(rows, 1, 13, "p10", "p90"), ".75-.85"))
    through = rows.filter(pl.col("origin") <= date(2008, 12, 31))
    print(line("treasury 80 % coverage, weeks 1-13, through 2008", covered(through, 1, 13, "p10", "p90"), ".75-.85"))
    print(line("treasury 95 % coverage, weeks 1-13, through 2008", covered(through, 1, 13, "p025", "p975"), "-"))
    for year in range(2006, 2011):
        part = rows.filter(pl.col("origin").dt.year() == year)
        print(line(f"  80 % coverage, origins of {year}", covered(part, 1, 13, "p10", "p90"), "-"))


if __name__ == "__main__":
    main()
