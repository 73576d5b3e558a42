"""Promises as of the day: kept by whose cash, partly, broken, open or withdrawn, and how far they slipped."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
| I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 1000.00 |
| I2         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 1000.00 |
"""
JANUARY = date(2026, 1, 1)


def paid(*payments: tuple[str, str, str, str]) -> dict[str, str]:
    """Receipts of C1 as (id, day, amount, invoice), each applied to its invoice on its day, or to none."""
    lines = [f"| {number} | C1 | {day} | EUR | {amount} |" for number, day, amount, _ in payments]
    applied = [
        f"| A{number} | {number} | {owed} | {day} | {amount} |" for number, day, amount, owed in payments if owed
    ]
    return {
        "payments": "\n".join(["| payment_id | customer_id | payment_date | currency | amount |", *lines]),
        "applications": "\n".join(["| application_id | source_id | invoice_id | applied_on | amount |", *applied]),
    }


@pytest.mark.parametrize(
    ("day", "amount", "as_of", "state", "kept", "slip"),
    [
        ("2026-02-20", "100.00", "2026-02-18", "open", "0.00", "."),
        ("2026-02-15", "100.00", "2026-02-18", "kept", "100.00", "-5"),
        ("2026-02-23", "100.00", "2026-02-23", "kept", "100.00", "3"),
        ("2026-02-24", "100.00", "2026-02-23", "open", "0.00", "."),
        ("2026-02-24", "100.00", "2026-02-28", "broken", "0.00", "4"),
        ("2026-03-24", "100.00", "2026-02-28", "broken", "0.00", "8"),
        ("2026-02-15", "40.00", "2026-02-18", "open", "40.00", "."),
        ("2026-02-15", "40.00", "2026-02-28", "partly_kept", "40.00", "8"),
        ("2026-02-15", "140.00", "2026-02-28", "kept", "100.00", "-5"),
        ("2026-02-10", "100.00", "2026-02-28", "broken", "0.00", "8"),
    ],
)
def test_cash_after_the_promise_and_by_its_date_with_tolerance_keeps_it(
    book: SmallBook, day: str, amount: str, as_of: str, state: str, kept: str, slip: str
) -> None:
    """100 is promised on 10 February for the 20th; what comes on the 10th itself came before."""
    book.put(
        invoices=INVOICES,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount |
        | M1         | C1          | I1         | 2026-02-10 | 2026-02-20    | 100.00 |
        """,
        **paid(("P1", day, amount, "I1")),
    )
    book.load()
    book.build(as_of)
    book.expect(
        "ledger.promise_states", f"| state | kept_amount | slip_days | currency |\n| {state} | {kept} | {slip} | EUR |"
    )


def test_tolerance_is_the_policys(book: SmallBook) -> None:
    book.policy = "promises: {tolerance_days: 0}"
    book.put(
        invoices=INVOICES,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount |
        | M1         | C1          | I1         | 2026-02-10 | 2026-02-20    | 100.00 |
        """,
        **paid(("P1", "2026-02-21", "100.00", "I1")),
    )
    book.load()
    book.build("2026-02-28")
    book.expect("ledger.promised_amounts", "| last_date |\n| 2026-02-20 |")
    book.expect("ledger.promise_states", "| state | slip_days |\n| broken | 1 |")


def test_each_unit_of_cash_keeps_one_promise_the_earliest_first(book: SmallBook) -> None:
    """120 on I1 keeps the promise for the 15th and leaves 20 for the one for the 25th; the withdrawn one takes nothing."""
    book.put(
        invoices=INVOICES,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount | withdrawn_on |
        | M1         | C1          | I1         | 2026-02-01 | 2026-02-25    | 100.00 | .            |
        | M2         | C1          | I1         | 2026-02-01 | 2026-02-15    | 100.00 | .            |
        | M3         | C1          | I1         | 2026-02-01 | 2026-02-14    | 100.00 | 2026-02-05   |
        | M4         | C1          | I1         | 2026-02-01 | 2026-02-27    | 100.00 | 2026-03-20   |
        """,
        **paid(("P1", "2026-02-10", "120.00", "I1"), ("P2", "2026-02-20", "30.00", "I1")),
    )
    book.load()
    book.build("2026-03-10")
    book.expect(
        "ledger.promise_states",
        """
        | promise_id | state       | kept_amount |
        | M1         | partly_kept | 50.00       |
        | M2         | kept        | 100.00      |
        | M3         | withdrawn   | 0.00        |
        | M4         | broken      | 0.00        |
        """,
    )
    book.expect(
        "ledger.promise_kept", "| kept_amount | reached_on |\n| 100.00 | 2026-02-10 |\n| 50.00 | . |\n| 0.00 | . |"
    )


def test_a_promise_about_the_account_is_kept_by_what_no_other_promise_has(book: SmallBook) -> None:
    """Of 300 from C1, 80 went to I1, which has a promise of its own; 50 of a receipt bounced: 170 keeps the account's."""
    book.put(
        invoices=INVOICES,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount | currency |
        | M1         | C1          | .          | 2026-02-01 | 2026-02-15    | 250.00 | EUR      |
        | M2         | C1          | I1         | 2026-02-01 | 2026-02-15    | 80.00  | .        |
        | M3         | C1          | .          | 2026-02-01 | 2026-02-15    | 9.00   | USD      |
        """,
        payment_reversals="| reversal_id | payment_id | reversed_on | amount |\n| R1 | P2 | 2026-02-12 | 50.00 |",
        **paid(
            ("P1", "2026-02-05", "80.00", "I1"),
            ("P2", "2026-02-06", "100.00", ""),
            ("P3", "2026-02-07", "120.00", "I2"),
        ),
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.promise_cash",
        """
        | customer_id | paid_on    | cash_amount |
        | .           | 2026-02-05 | 80.00       |
        | C1          | 2026-02-06 | 50.00       |
        | C1          | 2026-02-07 | 120.00      |
        """,
    )
    book.expect(
        "ledger.promise_states",
        """
        | promise_id | state       | kept_amount |
        | M1         | partly_kept | 170.00      |
        | M2         | kept        | 80.00       |
        | M3         | broken      | 0.00        |
        """,
    )


def test_cash_that_an_earlier_promise_passed_over_is_not_gone_back_to(book: SmallBook) -> None:
    """M2, for the later day, was made first: the 100 of the 10th, which came before M1 was made, would be in time for it."""
    book.put(
        invoices=INVOICES,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | amount |
        | M1         | C1          | I1         | 2026-01-20 | 2026-01-25    | 100.00 |
        | M2         | C1          | I1         | 2026-01-01 | 2026-01-30    | 100.00 |
        """,
        **paid(("P1", "2026-01-10", "100.00", "I1"), ("P2", "2026-01-22", "100.00", "I1")),
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.promise_states",
        "| promise_id | state | kept_amount |\n| M1 | kept | 100.00 |\n| M2 | broken | 0.00 |",
    )


def kept_one_by_one(promises: list[tuple[date, date, int]], cash: list[tuple[date, int]]) -> list[int]:
    """The rule said as a loop: each promise, the earliest date first, goes on where the one before left off."""
    used, found = 0, []
    for made, promised, amount in promises:
        before = sum(money for day, money in cash if day <= made)
        by_then = sum(money for day, money in cash if day <= promised + timedelta(3))
        start = max(used, before)
        used = min(start + amount, by_then)
        found.append(max(used - start, 0))
    return found


def test_many_promises_of_many_invoices_are_kept_as_if_one_by_one(book: SmallBook) -> None:
    drawn = random.Random(7)
    invoices, promises, payments, wanted = [], [], [], {}
    for number in range(60):
        made = [JANUARY + timedelta(drawn.randrange(40)) for _ in range(drawn.randint(1, 5))]
        asked = sorted({(day + timedelta(drawn.randrange(30)), day, drawn.randrange(1, 9)) for day in made})
        cash = [(JANUARY + timedelta(drawn.randrange(80)), drawn.randrange(1, 9)) for _ in range(drawn.randrange(6))]
        kept = kept_one_by_one([(day, promised, amount) for promised, day, amount in asked], cash)
        invoices.append(f"| I{number} | C1 | 2026-01-01 | EUR | 1000.00 |")
        for place, (promised, day, amount) in enumerate(asked):
            promises.append(f"| M{number}-{place} | C1 | I{number} | {day} | {promised} | {amount} |")
            wanted[f"M{number}-{place}"] = Decimal(kept[place])
        payments += [
            (f"P{number}-{place}", str(day), str(money), f"I{number}") for place, (day, money) in enumerate(cash)
        ]
    book.put(
        invoices="\n".join(["| invoice_id | customer_id | invoice_date | currency | amount |", *invoices]),
        promises="\n".join(["| promise_id | customer_id | invoice_id | made_on | promised_date | amount |", *promises]),
        **paid(*payments),
    )
    book.load()
    book.build("2026-04-30")
    found = dict(book.rows("select promise_id, kept_amount from ledger.promise_states"))
    assert found == wanted
    assert sum(amount > 0 for amount in found.values()) > 40
