"""The pandas version as a stage: from the files to its marts, and the totals that must equal ours."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.__main__ import BASE_CURRENCY
from tests.bench.pandas_book import read_book
from tests.bench.pandas_version import make_marts


def totals_by_pandas(landing: Path, as_of: date) -> dict[str, Any]:
    """Item counts and amounts, in cents, by view, currency and bucket."""
    marts = make_marts(read_book(landing, as_of, BASE_CURRENCY), as_of)
    keys = ["view", "currency", "aging_bucket"]
    totals = marts.aging.groupby(keys, observed=True)[["item_count", "open_amount"]].sum().reset_index()
    rows = totals.sort_values(keys)[[*keys, "item_count", "open_amount"]].to_numpy().tolist()
    return {"aging": [[*row[:3], int(row[3]), int(row[4])] for row in rows if row[3] or row[4]]}
