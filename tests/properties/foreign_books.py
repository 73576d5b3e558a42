"""Books in several currencies: what was booked in the entity's own, rates told one way, the other or both, with gaps.

Belongs here: drawing them, and a general ledger, over the books of `tests/oracle`, and their files. Does not: what a rate
or an amount must be (`tests/oracle/currencies.py`, `foreign.py`, `closes.py`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.oracle.books import BATCH_TIMES, KEYS, KEYS_BESIDE, OPEN_END, as_ofs, books
from tests.oracle.ledger import month_end
from tests.oracle.settlement import Book
from tests.properties.pipeline import Deliveries, deliveries_of

OWN_DATES = {"invoices": "invoice_date", "payments": "payment_date", "credit_memos": "credit_date"}
PAIRS = (("USD", "EUR"), ("USD", "JPY"), ("EUR", "JPY"))
WAYS = ("there", "there", "back", "back", "both", "none")
ACCOUNTS = (("1200", "receivable"), ("1210", None), ("1290", "unapplied"), ("1300", "allowance"))
GL_PERIOD_ENDS = (date(2024, 2, 29), date(2024, 4, 15), date(2024, 5, 31))
CLOSINGS = (None, None, date(2024, 3, 10), date(2024, 4, 20), date(2024, 5, 10))


@dataclass(frozen=True)
class ForeignBook:
    """A book with entities, rates in versions, and fiscal periods of which some are closed."""

    book: Book

    @property
    def deliveries(self) -> Deliveries:
        """The files of its batches."""
        return deliveries_of(self.book)


@st.composite
def foreign_books(draw: st.DrawFn) -> ForeignBook:
    """A book whose documents were booked at a rate of their own, or at none that is known."""
    book = draw(books())
    booked: dict[tuple, Decimal | None] = {}
    booking_rates = st.sampled_from((None, Decimal("0.93"), Decimal("1.071"), Decimal("0.0066")))
    for feed in OWN_DATES:
        for row in book[feed]:
            rate = booked.setdefault((feed, row["entity_id"], row[KEYS[feed][1]]), draw(booking_rates))
            row["functional_amount"] = rate and max(Decimal("0.01"), round(row["amount"] * rate, 2))
            row["ar_account"] = draw(st.sampled_from((None, None, "1200", "1210", "1299")))
    first = {"known_from": BATCH_TIMES[0], "known_to": OPEN_END}
    entities = [
        {"entity_id": name, "functional_currency": draw(st.sampled_from(("USD", "EUR")))} | first
        for name in ("main", "east")
    ]
    rates, periods = draw(told_rates()), draw(st.just([]) | fiscal_periods())
    beside = {"entities": entities, "fx_rates": rates, "fiscal_periods": periods}
    return ForeignBook(book | beside | draw(general_ledgers()))


@st.composite
def told_rates(draw: st.DrawFn) -> list[dict]:
    """Rates of up to eight days, told one way, the other, both or not at all; some come late, change or go."""
    values = st.sampled_from((Decimal("0.91"), Decimal("151.25"), Decimal("0.0066")))
    days = sorted(draw(st.sets(as_ofs, max_size=8)))
    rates = []
    for one, other in PAIRS:
        way = draw(st.sampled_from(WAYS))
        ways = {"there": ((one, other),), "back": ((other, one),), "both": ((one, other), (other, one))}.get(way, ())
        for given, wanted in ways:
            for day in days:
                start = draw(st.sampled_from((None, 0, 0, 0, 1)))
                if start is None:
                    continue
                row = {"rate_date": day, "from_currency": given, "to_currency": wanted, "rate": draw(values)}
                rates += _versions(draw, row, start, draw(values))
    return rates


def _versions(draw: st.DrawFn, row: dict, start: int, fresh: Decimal) -> list[dict]:
    """A rate as it was told first, and what became of it: nothing, another rate, or no rate."""
    change = draw(st.sampled_from((None, None, "changed", "deleted")))
    at = BATCH_TIMES[start + draw(st.integers(1, 2))]
    first = row | {"known_from": BATCH_TIMES[start], "known_to": at if change else OPEN_END}
    if change == "changed" and fresh != row["rate"]:
        return [first, row | {"rate": fresh, "known_from": at, "known_to": OPEN_END}]
    return [first | {"known_to": OPEN_END} if change == "changed" else first]


@st.composite
def general_ledgers(draw: st.DrawFn) -> dict[str, list[dict]]:
    """Balances of a few accounts at a few period ends, and entries that explain something of them."""
    first = {"known_from": BATCH_TIMES[0], "known_to": OPEN_END}
    amounts = st.sampled_from((0, 100, -15, 7)).map(Decimal)
    balances: dict[tuple, dict] = {}
    for _ in range(draw(st.integers(0, 6))):
        account, account_kind = draw(st.sampled_from(ACCOUNTS))
        row = {
            "entity_id": draw(st.sampled_from(("main", "main", "east"))),
            "period_end": draw(st.sampled_from(GL_PERIOD_ENDS)),
            "account": account,
            "account_kind": account_kind,
            "currency": draw(st.sampled_from(("USD", "USD", "EUR", "JPY"))),
            "currency_kind": draw(st.sampled_from((None, "document", "functional"))),
            "balance": draw(amounts),
        }
        balances.setdefault(tuple(row[name] for name in KEYS_BESIDE["gl_balances"]), row | first)
    entries = [
        {
            "entity_id": row["entity_id"],
            "entry_id": f"E{number}",
            "account": row["account"],
            "posting_date": row["period_end"] + timedelta(draw(st.integers(-3, 1))),
            "currency": row["currency"],
            "amount": draw(amounts),
            "functional_amount": draw(st.sampled_from((None, Decimal(3)))),
            "class": draw(st.sampled_from((None, "manual", "timing"))),
        }
        | first
        for number, row in enumerate(balances.values())
        if draw(st.booleans())
    ]
    return {"gl_balances": list(balances.values()), "gl_entries": entries}


@st.composite
def fiscal_periods(draw: st.DrawFn) -> list[dict]:
    """The calendar months of the main entity, the earlier ones closed, as the first batch says or a later one."""
    periods = []
    start, known_from = date(2023, 12, 1), draw(st.sampled_from(BATCH_TIMES[:2]))
    for closed_on in sorted((draw(st.sampled_from(CLOSINGS)) for _ in range(9)), key=lambda day: day or date.max):
        periods.append(
            {
                "entity_id": "main",
                "period_id": f"{start:%Y-%m}",
                "period_start": start,
                "period_end": month_end(start),
                "closed_on": closed_on,
                "known_from": known_from,
                "known_to": OPEN_END,
            }
        )
        start = month_end(start) + timedelta(1)
    return periods
