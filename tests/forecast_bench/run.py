"""Run the rolling origins of a real ledger and keep them by origin: `python -m tests.forecast_bench.run b2b_brl <folder>`,
with the challengers `... <folder> 2 0 glm lightgbm`.

Belongs here: running and resuming. Does not: the table of bars (`bars`).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from models.forecasts.backtest import backtest
from models.forecasts.settings import ForecastSettings
from tests.forecast_bench import books


def origins(book: books.Book, step: int) -> list[date]:
    """Every `step`-th weekly origin of a book, the last one included."""
    weeks = (book.last_origin - book.first_origin).days // 7
    return [book.last_origin - timedelta(days=7 * back) for back in range(weeks, -1, -1) if back % step == 0]


def main(name: str, folder: Path, step: int = 1, shift: int = 0, *challengers: str) -> None:
    """Write one Parquet file of weeks, and one of items, an origin; those that are there are not done again.

    `shift`: days by which all origins are moved, to see that nothing hangs on the weekday on which weeks end.
    """
    settings = ForecastSettings(challengers=challengers)
    book = getattr(books, name)()
    book = replace(
        book,
        first_origin=book.first_origin + timedelta(days=shift),
        last_origin=book.last_origin + timedelta(days=shift),
    )
    counted = books.counts(book.spells, book.days, book.last_origin)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [each for each in origins(book, step) if not (folder / f"{name}_{each}_weeks.parquet").exists()]
    for origin, weeks, items in backtest(
        book.spells, counted, book.days, missing, book.last_origin, book.end, settings
    ):
        if items.height:
            items.write_parquet(folder / f"{name}_{origin}_items.parquet")
        weeks.write_parquet(folder / f"{name}_{origin}_weeks.parquet")


def read(name: str, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All origins' weeks and items of a book."""
    return pl.read_parquet(folder / f"{name}_*_weeks.parquet"), pl.read_parquet(folder / f"{name}_*_items.parquet")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *(int(each) for each in sys.argv[3:5]), *sys.argv[5:])
