"""The three views of ageing and its history, computed by hand.

Belongs here: examples that anchor the sums over open items. Does not: the items themselves, DSO.
"""

from dataclasses import replace

import pytest

from tests.oracle.ledger import OraclePolicy, aging, aging_monthly, open_items
from tests.oracle.tables import LATER, book, day, expect, rows_of

POLICY = OraclePolicy()

VIEWS = book(
    customers="""
    customer_id | valid_from | payer_id | segment
    acme        |            | group    | small
    acme        | 03-15      | group    | large
    bolt        |            | group    |
    """,
    invoices="""
    entity_id | invoice_id | customer_id | invoice_date | due_date | currency | amount
              | I1         | acme        | 01-01        | 03-31    | USD      | 100.00
              | I2         | acme        | 01-01        | 02-28    | USD      | 50.00
              | I3         | bolt        | 01-01        | 02-28    | USD      | 40.00
              | I4         | cord        | 01-01        | 02-28    | USD      | 30.00
              | E5         | acme        | 01-01        | 02-28    | EUR      | 20.00
    east      | A6         | acme        | 01-01        | 02-28    | USD      | 10.00
    """,
    payments="""
    payment_id | customer_id | payment_date | currency | amount
    P1         | bolt        | 03-20        | USD      | 60.00
    P2         | cord        | 03-21        | USD      | 35.00
    """,
    credit_memos="""
    credit_memo_id | customer_id | credit_date | currency | amount
    C1             | acme        | 01-20       | USD      | 25.00
    """,
)
VIEW_KEYS = ("entity_id", "customer_id", "currency", "aging_bucket")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (
            "gross",
            """
            entity_id | customer_id | currency | aging_bucket | item_count | amount
            main      | acme        | USD      | current      | 1          | 100.00
            main      | acme        | USD      | 31-60        | 1          | 50.00
            main      | acme        | USD      | 61-90        | 1          | -25.00
            main      | bolt        | USD      | 31-60        | 1          | 40.00
            main      | bolt        | USD      | 1-30         | 1          | -60.00
            main      | cord        | USD      | 31-60        | 1          | 30.00
            main      | cord        | USD      | 1-30         | 1          | -35.00
            main      | acme        | EUR      | 31-60        | 1          | 20.00
            east      | acme        | USD      | 31-60        | 1          | 10.00
            """,
        ),
        (
            "separate",
            """
            entity_id | customer_id | currency | aging_bucket | item_count | amount
            main      | acme        | USD      | current      | 1          | 100.00
            main      | acme        | USD      | 31-60        | 1          | 50.00
            main      | acme        | USD      | unapplied    | 1          | -25.00
            main      | bolt        | USD      | 31-60        | 1          | 40.00
            main      | bolt        | USD      | unapplied    | 1          | -60.00
            main      | cord        | USD      | 31-60        | 1          | 30.00
            main      | cord        | USD      | unapplied    | 1          | -35.00
            main      | acme        | EUR      | 31-60        | 1          | 20.00
            east      | acme        | USD      | 31-60        | 1          | 10.00
            """,
        ),
        (
            # C1 25 and 25 of P1 clear I2, 35 more of P1 leave 5 on I3; P2 clears I4 and 5 stay under cord.
            "fifo",
            """
            entity_id | customer_id | currency | aging_bucket | item_count | amount
            main      | acme        | USD      | current      | 1          | 100.00
            main      | bolt        | USD      | 31-60        | 1          | 5.00
            main      | cord        | USD      | unapplied    | 1          | -5.00
            main      | acme        | EUR      | 31-60        | 1          | 20.00
            east      | acme        | USD      | 31-60        | 1          | 10.00
            """,
        ),
    ],
)
def test_the_three_views(view, expected):
    items = open_items(VIEWS, day("03-31"), LATER, POLICY)
    expect(rows_of(aging(items, POLICY, view), *VIEW_KEYS), expected)


FIFO = book(
    customers="""
    customer_id | payer_id
    acme        | group
    bolt        | group
    cord        | group
    dora        | group
    """,
    invoices="""
    invoice_id | document_type | customer_id | invoice_date | due_date | amount
    I0         | invoice       | dora        | 01-01        |          | 5.00
    I1         | invoice       | acme        | 01-02        | 02-28    | 50.00
    I2         | debit_memo    | bolt        | 01-01        | 02-28    | 50.00
    I3         | invoice       | cord        | 01-03        | 01-31    | 30.00
    """,
    payments="""
    payment_id | customer_id | payment_date | posting_date | amount
    P2         | cord        | 03-01        | 03-10        | 60.00
    P1         | acme        | 03-01        |              | 60.00
    """,
    credit_memos="""
    credit_memo_id | customer_id | credit_date | due_date | amount
    C9             | bolt        | 01-05       | 03-04    | 20.00
    """,
)


@pytest.mark.parametrize(
    ("changes", "as_of", "left"),
    [
        # C9 20 and P1 60: 5 on I0 (aged from 01-01), 30 on I3, 45 on I1 (due with I2, but first by id).
        ({}, "03-05", {("acme", "1-30"): 5, ("bolt", "1-30"): 50}),
        # P2 60 more: 5 and 50, and 5 are left under its own customer.
        ({}, "03-10", {("cord", "unapplied"): -5}),
        # Without a date of its own I0 is served last.
        ({"no_due_date": "bucket"}, "03-05", {("bolt", "1-30"): 50, ("dora", "no-due-date"): 5}),
    ],
)
def test_fifo_serves_the_earliest_aged_first_and_the_oldest_credit_gives_first(changes, as_of, left):
    policy = replace(POLICY, **changes)
    totals = aging(open_items(FIFO, day(as_of), LATER, policy), policy, "fifo")
    assert totals == {("main", c, "USD", bucket): (1, amount) for (c, bucket), amount in left.items()}


def test_fifo_uses_the_credit_of_the_earliest_document_date_then_the_lowest_id():
    given = book(
        customers="""
        customer_id | payer_id
        acme        | group
        bolt        | group
        cord        | group
        """,
        invoices="""
        invoice_id | customer_id | invoice_date | amount
        I1         | acme        | 01-01        | 25.00
        """,
        payments="""
        payment_id | customer_id | payment_date | amount
        P1         | bolt        | 01-10        | 10.00
        P0         | cord        | 01-11        | 10.00
        P3         | bolt        | 01-09        | 10.00
        """,
        credit_memos="""
        credit_memo_id | customer_id | credit_date | amount
        R2             | acme        | 01-10       | 10.00
        """,
    )
    totals = aging(open_items(given, day("01-31"), LATER, POLICY), POLICY, "fifo")
    # P3, P1, then half of R2.
    expect(
        rows_of(totals, *VIEW_KEYS),
        """
        customer_id | aging_bucket | item_count | amount
        acme        | unapplied    | 1          | -5.00
        cord        | unapplied    | 1          | -10.00
        """,
    )


def test_items_that_cancel_in_a_bucket_are_still_counted():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-01        | 25.00
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 01-01        | 25.00
        """,
    )
    items = open_items(given, day("01-31"), LATER, POLICY)
    assert aging(items, POLICY, "gross") == {("main", "acme", "USD", "1-30"): (2, 0)}
    assert aging(items, POLICY, "fifo") == {}


def test_an_unknown_view_is_an_error():
    with pytest.raises(ValueError, match="no such view: net"):
        aging([], POLICY, "net")


MONTHLY_KEYS = ("month_end", "entity_id", "segment", "currency", "aging_bucket")


def test_aging_monthly_is_every_month_end_by_the_segment_of_as_of():
    expect(
        rows_of(aging_monthly(VIEWS, day("04-15"), LATER, POLICY), *MONTHLY_KEYS),
        """
        month_end | entity_id | segment | currency | aging_bucket | item_count | amount
        01-31     | main      | large   | USD      | current      | 2          | 150.00
        01-31     | main      | large   | USD      | 1-30         | 1          | -25.00
        01-31     | main      |         | USD      | current      | 2          | 70.00
        01-31     | main      | large   | EUR      | current      | 1          | 20.00
        01-31     | east      | large   | USD      | current      | 1          | 10.00
        02-28     | main      | large   | USD      | current      | 2          | 150.00
        02-28     | main      | large   | USD      | 31-60        | 1          | -25.00
        02-28     | main      |         | USD      | current      | 2          | 70.00
        02-28     | main      | large   | EUR      | current      | 1          | 20.00
        02-28     | east      | large   | USD      | current      | 1          | 10.00
        03-31     | main      | large   | USD      | current      | 1          | 100.00
        03-31     | main      | large   | USD      | 31-60        | 1          | 50.00
        03-31     | main      | large   | USD      | 61-90        | 1          | -25.00
        03-31     | main      |         | USD      | 31-60        | 2          | 70.00
        03-31     | main      |         | USD      | 1-30         | 2          | -95.00
        03-31     | main      | large   | EUR      | 31-60        | 1          | 20.00
        03-31     | east      | large   | USD      | 31-60        | 1          | 10.00
        """,
    )


@pytest.mark.parametrize(
    ("as_of", "month_ends", "segments"),
    [
        ("01-30", set(), set()),
        ("02-28", {"01-31", "02-28"}, {"small", ""}),
        ("03-14", {"01-31", "02-28"}, {"small", ""}),
        ("03-15", {"01-31", "02-28"}, {"large", ""}),
    ],
)
def test_aging_monthly_ends_with_the_last_month_end_by_as_of(as_of, month_ends, segments):
    totals = aging_monthly(VIEWS, day(as_of), LATER, POLICY)
    assert {key[0] for key in totals} == {day(month_end) for month_end in month_ends}
    assert {key[2] for key in totals} == segments


def test_an_empty_book_has_no_history():
    assert aging_monthly({}, day("03-31"), LATER, POLICY) == {}
