"""The review of one account or of the book, from the last publication alone: what the command `qbr` does.

What slides say belongs to `assets.review`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from assets.pack.edition import Edition
from assets.publications import newest_publication
from assets.resources.files import write_whole
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.review.deck import deck_of
from assets.review.read_back import verify_deck
from assets.review.scope import scope_of
from assets.review.slides import slides


def write_review(home: Home, customer: str, out: Path | None) -> tuple[Path, int]:
    """Write the review of an account, or of the whole book where `customer` is empty; returns it and how many of its
    totals were found equal to the tables'.

    Raises ValueError where nothing is published or the account is not in it, PackError where the file says otherwise.
    """
    published = newest_publication(home)
    with Warehouse(published.folder / "receivables.duckdb", read_only=True) as bundle:
        edition = Edition.of(published.manifest, bundle)
        scope = scope_of(bundle, customer, edition.base)
        found = slides(bundle, edition, scope)
    packed = deck_of(edition, scope, found)
    count = verify_deck(packed, found)
    path = out or home.root / "reviews" / published.manifest["as_of"] / f"{file_name(customer)}.pptx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, packed)
    return path, count


def file_name(customer: str) -> str:
    """A name for the file of an account: its id, and where that holds what no file name should, a hash beside it."""
    if not customer:
        return "portfolio"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", customer)[:60]
    return f"account-{plain if plain == customer else f'{plain}-{hashlib.sha256(customer.encode()).hexdigest()[:8]}'}"
