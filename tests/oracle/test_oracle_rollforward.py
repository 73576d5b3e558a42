"""The roll-forward: its lines by hand, and that it adds up on drawn books.

Belongs here: which line an event's change is on, and on which day. Does not: how much is open (other examples).
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.books import as_ofs, books, known_ats, policies
from tests.oracle.ledger import Book, OraclePolicy, open_items
from tests.oracle.rollforward import LINES, rollforward
from tests.oracle.settlement import Document, documents
from tests.oracle.tables import LATER, book, day

POLICY = OraclePolicy(history_starts_on=day("01-01"))
drawn = settings(max_examples=60, deadline=None, database=None, derandomize=True)


def lines_of(of: Book, first: str, last: str, currency: str = "USD") -> dict[str, Decimal]:
    """line -> amount of the period, without what is zero; it adds up."""
    amounts = rollforward(of, day(last), LATER, POLICY, day(first))
    lines = {line: amounts[("main", currency, line)] for line in LINES}
    assert sum(lines[line] for line in LINES[:-1]) == lines["closing"]
    return {line: amount for line, amount in lines.items() if amount}


EVENTS = book(
    invoices="""
    invoice_id | document_type | invoice_date | posting_date | amount | voided_on
    I1         |               | 01-01        | 01-05        | 100.00 |
    I2         | debit_memo    | 01-10        |              | 60.00  | 04-10
    """,
    payments="""
    payment_id | payment_date | amount
    P1         | 01-15        | 90.00
    P2         | 03-15        | 20.00
    """,
    credit_memos="""
    credit_memo_id | credit_date | amount | voided_on
    C1             | 01-20       | 40.00  | 04-05
    """,
    applications="""
    application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount
    A1             | P1        | I1         | 02-01      | 60.00  | 3.00            | 2.00
    A2             | P1        | I0         | 02-02      | 10.00  |                 |
    A3             | C1        | I2         | 02-03      | 30.00  |                 |
    """,
    refunds="""
    refund_id | source_id | refunded_on | amount | reopens_invoice_id
    R1        | P1        | 02-10       | 15.00  |
    R2        | P1        | 02-11       | 5.00   | I1
    """,
    write_offs="""
    write_off_id | invoice_id | source_id | written_off_on | amount | reversed_on
    W1           | I1         |           | 03-01          | 40.00  | 04-15
    W2           |            | C1        | 03-02          | 10.00  |
    W3           | I2         |           | 03-03          | 30.00  |
    """,
    recoveries="""
    recovery_id | write_off_id | payment_id | recovered_on | amount
    RC1         | W1           | P2         | 03-16        | 20.00
    """,
    payment_reversals="""
    reversal_id | payment_id | reversed_on | amount | undone_on
    V1          | P2         | 03-20       |        | 03-25
    """,
)


@pytest.mark.parametrize(
    ("first", "last", "lines"),
    [
        ("01-05", "01-05", {"invoiced": 100, "closing": 100}),
        ("01-06", "01-31", {"opening": 100, "invoiced": 60, "collected": -90, "credited": -40, "closing": 30}),
        ("02-01", "02-01", {"opening": 30, "discounts": -3, "withheld": -2, "closing": 25}),  # applied nets to zero
        ("02-02", "02-02", {"opening": 25, "before_history": 10, "closing": 35}),
        ("02-03", "02-03", {"opening": 35, "closing": 35}),
        ("02-10", "02-10", {"opening": 35, "refunded": 15, "closing": 50}),  # from P1, which is then used up but for 5
        ("02-11", "02-11", {"opening": 50, "refunded": 5, "closing": 55}),  # I1 is reopened
        ("03-01", "03-01", {"opening": 55, "written_off": -40, "closing": 15}),  # I1 is closed
        ("03-02", "03-02", {"opening": 15, "written_off": 10, "closing": 25}),  # a credit balance
        ("03-03", "03-03", {"opening": 25, "written_off": -30, "closing": -5}),
        ("03-15", "03-15", {"opening": -5, "collected": -20, "closing": -25}),
        ("03-16", "03-16", {"opening": -25, "recovered": 20, "closing": -5}),  # and applied, both sides
        ("03-20", "03-20", {"opening": -5, "payments_reversed": 20, "closing": 15}),
        ("03-25", "03-25", {"opening": 15, "payments_reversed": -20, "closing": -5}),
        # C1 is void: 30 of A3 come back to I2, and the 10 of its own that were written off
        ("04-05", "04-05", {"opening": -5, "voided": 40, "written_off": -10, "closing": 25}),
        ("04-10", "04-10", {"opening": 25, "voided": -60, "written_off": 30, "closing": -5}),
        ("04-15", "04-15", {"opening": -5, "write_offs_reversed": 20, "closing": 15}),  # of 40, less 20 recovered
    ],
)
def test_each_event_is_on_its_line_on_its_day(first, last, lines):
    assert lines_of(EVENTS, first, last) == lines


def test_a_period_has_the_sums_of_its_days():
    assert lines_of(EVENTS, "02-01", "04-30") == {
        "opening": 30,
        "voided": -20,
        "collected": -20,
        "discounts": -3,
        "withheld": -2,
        "written_off": -40,
        "write_offs_reversed": 20,
        "recovered": 20,
        "refunded": 20,
        "before_history": 10,
        "closing": 15,
    }


def test_only_between_currencies_the_two_sides_of_applied_are_on_lines():
    given_book = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 100.00
        """,
        payments="""
        payment_id | payment_date | amount | currency
        P1         | 01-10        | 80.00  | EUR
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount | source_amount
        A1             | P1        | I1         | 01-10      | 90.00  | 80.00
        """,
    )
    assert lines_of(given_book, "01-10", "01-10") == {"opening": 100, "applied": -90, "closing": 10}
    assert lines_of(given_book, "01-10", "01-10", "EUR") == {"collected": -80, "applied": 80}


CAPPED = book(
    invoices="""
    invoice_id | invoice_date | amount | voided_on
    I1         | 01-01        | 100.00 | 03-01
    """,
    payments="""
    payment_id | payment_date | amount
    P1         | 01-10        | 40.00
    """,
    applications="""
    application_id | source_id | invoice_id | applied_on | amount | unapplied_on
    A1             | P1        | I1         | 01-10      | 40.00  | 02-10
    """,
    write_offs="""
    write_off_id | invoice_id | written_off_on | amount | reversed_on
    W1           | I1         | 01-20          | 90.00  | 03-05
    """,
    recoveries="""
    recovery_id | write_off_id | recovered_on | amount
    RC1         | W1           | 02-01        | 35.00
    """,
)


@pytest.mark.parametrize(
    ("on", "lines"),
    [
        ("01-20", {"opening": 60, "written_off": -60}),  # of 90
        ("02-01", {"recovered": 5, "closing": 5}),  # it asks 55 and gets them: 5 less than the 60 that it had
        ("02-10", {"opening": 5, "written_off": -30, "recovered": 30, "closing": 5}),  # room for 90; less all 35
        ("03-01", {"opening": 5, "voided": -100, "written_off": 90, "recovered": -35, "closing": -40}),
        ("03-05", {"opening": -40, "closing": -40}),  # nothing is left to reverse
    ],
)
def test_a_recovery_reinstates_what_was_really_written_off_and_a_void_takes_both_back(on, lines):
    assert lines_of(CAPPED, on, on) == lines


def test_a_write_off_that_ends_on_a_day_of_a_void_is_reversed():
    same_day = CAPPED | {"write_offs": [CAPPED["write_offs"][0] | {"reversed_on": day("03-01")}]}
    lines = {"opening": 5, "voided": -100, "write_offs_reversed": 55, "closing": -40}
    assert lines_of(same_day, "03-01", "03-01") == lines


@drawn
@given(books(), as_ofs, st.integers(0, 90), known_ats, policies())
def test_it_adds_up_from_open_items_to_open_items(drawn_book, as_of, days, known_at, policy):
    start = as_of - timedelta(days)
    amounts = rollforward(drawn_book, as_of, known_at, policy, start)
    for name, at in (("opening", start - timedelta(1)), ("closing", as_of)):
        totals: dict[tuple, Decimal] = defaultdict(Decimal)
        for item in open_items(drawn_book, at, known_at, policy):
            totals[(item["entity_id"], item["currency"])] += item["open_amount"]
        found = {(entity, currency): a for (entity, currency, line), a in amounts.items() if line == name}
        assert {pair: a for pair, a in found.items() if a} == {pair: a for pair, a in totals.items() if a}
    for entity_id, currency in {key[:2] for key in amounts}:
        lines = [amounts[(entity_id, currency, line)] for line in LINES]
        assert sum(lines[:-1]) == lines[-1]


@drawn
@given(books(), as_ofs, st.integers(1, 90), st.data(), known_ats, policies())
def test_periods_in_a_row_are_one_period(drawn_book, as_of, days, data, known_at, policy):
    start = as_of - timedelta(days)
    cut = start + timedelta(data.draw(st.integers(0, days - 1)))
    whole = rollforward(drawn_book, as_of, known_at, policy, start)
    first = rollforward(drawn_book, cut, known_at, policy, start)
    second = rollforward(drawn_book, as_of, known_at, policy, cut + timedelta(1))
    for key, amount in whole.items():
        if key[2] not in ("opening", "closing"):
            assert amount == first.get(key, 0) + second[key], key


@drawn
@given(books(), as_ofs, known_ats, policies())
def test_from_the_beginning_documents_are_on_their_own_lines(drawn_book, as_of, known_at, policy):
    amounts = rollforward(drawn_book, as_of, known_at, policy, day("2020-01-01"))
    wanted: dict[tuple, Decimal] = defaultdict(Decimal)
    found: list[Document] = list(documents(drawn_book, known_at, policy).values())
    for d in found:
        lines = {"payment": "collected", "credit_memo": "credited"}
        if d.posting_date <= as_of and not (d.voided_on and d.voided_on <= d.posting_date):
            wanted[(d.entity_id, d.currency, lines.get(d.document_type, "invoiced"))] += d.sign * d.amount
            if d.voided_on and d.voided_on <= as_of:
                wanted[(d.entity_id, d.currency, "voided")] -= d.sign * d.amount
    own = {key: a for key, a in amounts.items() if key[2] in ("invoiced", "voided", "credited", "collected") and a}
    assert own == {key: a for key, a in wanted.items() if a}
