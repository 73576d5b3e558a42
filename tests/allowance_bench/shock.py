"""A real ledger through the shock of 2020: roll rates month by month, and what each month-end would have set aside.

Belongs here: what is set beside what. `python -m tests.allowance_bench.shock`; the ledger is read where it lies.

It tells neither write-offs nor recoveries, so an item counts as lost that is past due by more than 120 days. Each month-end
is built as of its day, and judged by what of its items was unpaid that long after it was due, and is so on the last day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

from tests.small_books import SmallBook

LAST = date(2020, 9, 30)
MONTH_ENDS = [date(2019, month, day) for month, day in ((6, 30), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31))]
MONTH_ENDS += [date(2020, month, day) for month, day in ((1, 31), (2, 29), (3, 31), (4, 30), (5, 31))]
"""The last is just old enough for what was open on it to be past due by more than 120 days by the end."""
POLICY = """
base_currency: BRL
forecast: {fewest_settled: 1000000000}
allowance: {lost_after_days: 120}
"""
SOURCES = Path(__file__).resolve().parents[1] / "sources" / "b2b_brl.yml"
BUCKETS = ("current", "1-30", "31-60", "61-90", "91-120")
ROLLED = """
    select from_month, from_bucket, sum(rolled) / sum(opening)
    from marts.allowance_roll_rates
    where from_month >= date '2019-09-30'
    group by from_month, from_bucket
    having sum(opening) > 0
    order by from_month
"""
ITEMS = "select document_key, exposure, allowance, aging_bucket from allowance.items where treatment = 'pool'"
UNPAID = """
    select document_key, open_amount from ledger.open_items
    where open_amount > 0 and date_diff('day', aged_from, as_of) > 120
"""


REACHED = """
    select documents.document_key, sum(postings.amount)
    from ledger.documents as documents
    inner join ledger.postings as postings on documents.document_key = postings.document_key
    where documents.sign = 1 and documents.aged_from + 120 < date '2020-09-30'
        and postings.effective_date <= documents.aged_from + 120
    group by documents.document_key
    having sum(postings.amount) > 0
"""


def main() -> None:
    """Print both tables as the cells of Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        book = SmallBook(Path(folder), policy=POLICY, sources=SOURCES)
        book.load("2020-10-01T00:00:00")
        book.build(LAST.isoformat())
        ends = [dict(book.rows(REACHED)), dict(book.rows(UNPAID))]
        for line in chain(roll_rates(book), (hindsight(book, day, ends) for day in MONTH_ENDS)):
            print(f"| {line} |", flush=True)


def roll_rates(book: SmallBook) -> Iterator[str]:
    """Of each bucket's balance, the share that was in an older one a month later."""
    by_month: dict[date, dict[str, Decimal]] = {}
    for month, bucket, rate in book.rows(ROLLED):
        by_month.setdefault(month, {})[bucket] = rate
    for month, rates in by_month.items():
        yield " | ".join([str(month), *(f"{100 * float(rates.get(name, 0)):.1f}" for name in BUCKETS)])


def hindsight(book: SmallBook, day: date, ends: list[dict[int, Decimal]]) -> str:
    """What was exposed and set aside at a month-end, and what of it each end left unpaid, with the first over the last.

    What was past due by more than 120 days already is left out: there is nothing to foresee of it.
    """
    book.build(day.isoformat())
    items = [row for row in book.rows(ITEMS) if row[3] in BUCKETS]
    exposed = sum(exposure for _, exposure, _, _ in items)
    set_aside = sum(allowance or 0 for _, _, allowance, _ in items)
    cells = [f"{exposed:,.0f}", f"{set_aside:,.0f}"]
    for unpaid in ends:
        left = sum(min(exposure, unpaid.get(key, Decimal(0))) for key, exposure, _, _ in items)
        cells += [f"{left:,.0f}", f"{float(set_aside / left):.2f}" if left else ""]
    return " | ".join([str(day), *cells])


if __name__ == "__main__":
    main()
