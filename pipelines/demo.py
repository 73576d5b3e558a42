"""A synthetic book to try everything on: made once in its home, and the same for the same size and seed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from assets.resources.files import write_whole
from assets.synthetic_files import write_book
from models.raw.synthetic import BookSettings

BASE_CURRENCY = "USD"


def prepare_demo(home: Path, invoices: int, seed: int) -> tuple[Path, Path, date]:
    """Write the book's landing files, unless they are there, and a policy; returns both and the as-of day.

    Raises ValueError when the home holds another book.
    """
    settings = BookSettings(invoices=invoices, seed=seed, bad_rows=True, events="all")
    book, said = home / "book", settings.model_dump_json(indent=1)
    marker = book / "settings.json"
    if marker.is_file():
        if marker.read_text(encoding="utf-8") != said:
            raise ValueError(f"{home} holds another demo; give --home a new folder, or remove this one")
    else:
        shutil.rmtree(book, ignore_errors=True)
        write_book(book / "landing", settings)
        write_whole(book / "policy.yml", f"base_currency: {BASE_CURRENCY}\n".encode())
        write_whole(marker, said.encode())
    return book / "landing", book / "policy.yml", settings.as_of
