"""Promises, disputes, credits and rates, computed by hand.

Belongs here: examples of what the oracle says of them. Does not: that the SQL says the same (tests/properties).
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.currencies import Rates
from tests.oracle.disputes import dispute_states, dispute_trends
from tests.oracle.ledger import OraclePolicy
from tests.oracle.payers import credit_balances
from tests.oracle.promises import made_out_of_order, promise_states
from tests.oracle.tables import LATER, book, day

POLICY = OraclePolicy()
BOOK = book(
    invoices="""
    invoice_id | invoice_date | amount
    I1         | 01-01        | 300.00
    """,
    payments="""
    payment_id | payment_date | amount
    P1         | 01-10        | 100.00
    P2         | 01-22        | 60.00
    P3         | 01-23        | 200.00
    """,
    applications="""
    application_id | source_id | invoice_id | applied_on | amount
    A1             | P1        | I1         | 01-10      | 100.00
    A2             | P2        | I1         | 01-22      | 60.00
    """,
    promises="""
    promise_id | invoice_id | made_on | promised_date | amount
    M1         | I1         | 01-20   | 01-25         | 80.00
    M2         | I1         | 01-01   | 01-30         | 100.00
    M3         |            | 01-20   | 01-22         | 150.00
    """,
    disputes="""
    dispute_id | invoice_id | opened_on | resolved_on | amount | credited_amount
    D1         | I1         | 01-05     | 02-10       | 100.00 | 20.00
    D2         | I1         | 01-06     |             |        |
    """,
)


@pytest.mark.parametrize(
    ("as_of", "states"),
    [
        ("01-22", {"M1": ("open", 60, None), "M2": ("kept", 100, -20)}),
        ("02-10", {"M1": ("partly_kept", 60, 16), "M2": ("kept", 100, -20), "M3": ("kept", 150, 1)}),
    ],
)
def test_each_unit_of_cash_keeps_one_promise(as_of, states):
    found = promise_states(BOOK, day(as_of), LATER, POLICY)
    told = {name: (row["state"], row["kept_amount"], row["slip_days"]) for (_, name), row in found.items()}
    assert {name: told[name] for name in states} == states
    assert made_out_of_order(BOOK, day(as_of), LATER, POLICY) == {("main", "M1"), ("main", "M2")}


def test_disputes_block_what_is_open_the_first_raised_first():
    found = dispute_states(BOOK, day("01-31"), LATER, POLICY)
    assert {name: row["blocked_amount"] for (_, name), row in found.items()} == {"D1": 100, "D2": 40}
    row = dispute_trends(BOOK, day("02-28"), LATER, POLICY)[(day("02-28"), "main", "", "USD")]
    assert (row["days_to_resolve"], row["credited_share"], row["blocked_amount"]) == (36, Fraction(1, 5), 140)


def test_a_credit_beyond_what_the_payer_owes_is_due_to_be_refunded():
    row = credit_balances(BOOK, day("01-31"), LATER, POLICY)[("main", "P3")]
    assert (row["candidate_amount"], row["refund_due_amount"], row["age_days"]) == (140, 60, 8)


def test_a_rate_is_told_inverted_or_crossed_and_carried_for_a_week():
    told = [("EUR", "USD", "1.25"), ("EUR", "JPY", "160")]
    rows = [
        {"rate_date": day("01-05"), "from_currency": one, "to_currency": other, "rate": Decimal(rate)}
        | {"known_from": datetime(2026, 1, 5), "known_to": datetime(9999, 12, 31)}
        for one, other, rate in told
    ]
    rates = Rates({"fx_rates": rows}, LATER, "EUR")
    assert rates.rate("EUR", "USD", day("01-12")).value == Fraction(5, 4)
    assert rates.rate("USD", "EUR", day("01-05")).source == "inverse"
    assert rates.rate("USD", "JPY", day("01-06")).value == 128
    assert rates.rate("EUR", "USD", day("01-13")) is None
