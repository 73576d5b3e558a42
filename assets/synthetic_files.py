"""A synthetic book on disk, as a user's export folder would hold it, with its truth in a folder beside it.

Belongs here: file names, formats and the command to write them. Does not belong here: what is in the rows
(`models.raw.synthetic`), or reading them back (`assets.resources.files`).

    python -m assets.synthetic_files FOLDER --invoices 100000 --seed 7 --format parquet --events core
"""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from models.raw.synthetic import BookSettings, chunk_count, generate_chunks

TRUTH_FOLDER = "truth"


def write_book(
    folder: Path,
    settings: BookSettings,
    file_format: Literal["csv", "parquet"] = "csv",
    chunk_invoices: int = 1_000_000,
) -> dict[str, Any]:
    """Write the feeds of a book to `folder`, and its truth as Parquet to the folder `truth` beside it.

    A book of one chunk is `<feed>.<format>`; of several, `<feed>_001.<format>` and so on, one chunk in memory
    at a time. Returns `{"folder", "truth_folder", "chunks", "rows": {feed: n}, "truth_rows": {name: n}}`.
    Raises FileExistsError when either folder holds anything, since old files would become part of the book,
    and ValueError for another format.
    """
    if file_format not in ("csv", "parquet"):
        raise ValueError(f"file_format must be csv or parquet, not {file_format!r}")
    truth_folder = folder.parent / TRUTH_FOLDER
    for place in (folder, truth_folder):
        _demand_empty(place)
    chunks = chunk_count(settings, chunk_invoices)
    rows: dict[str, int] = {}
    truth_rows: dict[str, int] = {}
    for number, book in enumerate(generate_chunks(settings, chunk_invoices), start=1):
        suffix = f"_{number:03d}" if chunks > 1 else ""
        for name, frame in book.feeds.items():
            _write(frame, folder / f"{name}{suffix}.{file_format}")
            rows[name] = rows.get(name, 0) + len(frame)
        for name, frame in book.truth.items():
            _write(frame, truth_folder / f"{name}{suffix}.parquet")
            truth_rows[name] = truth_rows.get(name, 0) + len(frame)
    return {
        "folder": str(folder),
        "truth_folder": str(truth_folder),
        "chunks": chunks,
        "rows": rows,
        "truth_rows": truth_rows,
    }


def _demand_empty(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    if any(place.iterdir()):
        raise FileExistsError(f"{place} is not empty: a book needs an empty folder, and its truth another")


def _write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m assets.synthetic_files",
        description="Write a synthetic book and, beside it, its truth.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--invoices", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--as-of", type=date.fromisoformat, default=BookSettings().as_of)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--entities", type=int, default=3)
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--events", choices=("core", "all"), default="core")
    parser.add_argument("--bad-rows", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a book as the command line asks and print how many rows each feed has."""
    given = _arguments(arguments)
    settings = BookSettings(
        invoices=given.invoices,
        seed=given.seed,
        as_of=given.as_of,
        months=given.months,
        entities=given.entities,
        events=given.events,
        bad_rows=given.bad_rows,
    )
    written = write_book(given.folder, settings, given.format)
    for name, count in written["rows"].items():
        print(f"{name:20} {count:>12,}")
    print(f"{written['folder']} (truth: {written['truth_folder']})")


if __name__ == "__main__":
    main()
