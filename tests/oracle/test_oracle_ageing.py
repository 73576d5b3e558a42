"""Payers, due dates, buckets and flags of an open item, computed by hand.

Belongs here: examples that anchor what the oracle says about an open item besides its amount. Does not: open
amounts (test_oracle_itself.py, test_oracle_caps.py), sums of items (test_oracle_views.py), DSO.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.oracle.ledger import OraclePolicy, open_items
from tests.oracle.tables import LATER, book, day, expect

POLICY = OraclePolicy()

DUE_DATES = book(
    customers="""
    customer_id | valid_from | terms_days
    acme        |            | 45
    acme        | 02-15      | 10
    bolt        |            |
    """,
    invoices="""
    invoice_id | customer_id | invoice_date | due_date   | amount
    good       | acme        | 01-01        | 01-31      | 100.00
    same_day   | acme        | 01-01        | 01-01      | 100.00
    missing    | acme        | 01-01        |            | 100.00
    before     | bolt        | 01-01        | 2025-12-31 | 100.00
    400_days   | nobody      | 01-01        | 2027-02-05 | 100.00
    401_days   | nobody      | 01-01        | 2027-02-06 | 100.00
    """,
    payments="""
    payment_id | payment_date | amount
    receipt    | 01-11        | 10.00
    """,
    credit_memos="""
    credit_memo_id | credit_date | due_date   | amount
    credit         | 01-11       |            | 10.00
    credit_due     | 01-11       | 01-21      | 10.00
    credit_bad     | 01-11       | 01-10      | 10.00
    """,
)


def test_a_bad_due_date_is_flagged_and_aged_from_the_invoice_date():
    expect(
        open_items(DUE_DATES, day("01-31"), LATER, POLICY),
        """
        document_id | due_date   | days_past_due | aging_bucket | flags
        good        | 01-31      | 0             | current      |
        same_day    | 01-01      | 30            | 1-30         |
        missing     |            | 30            | 1-30         | due_date_missing
        before      |            | 30            | 1-30         | due_date_before_invoice
        400_days    | 2027-02-05 | -370          | current      |
        401_days    |            | 30            | 1-30         | due_date_beyond_terms
        receipt     |            | 20            | 1-30         |
        credit      |            | 20            | 1-30         |
        credit_due  | 01-21      | 10            | 1-30         |
        credit_bad  |            | 20            | 1-30         | due_date_before_invoice
        """,
    )


@pytest.mark.parametrize(
    ("changes", "as_of", "days_past_due"),
    [
        ({}, "01-31", {"good": 0, "missing": 30, "before": 30, "credit_due": 10}),
        ({"no_due_date": "terms"}, "01-31", {"good": 0, "missing": -15, "before": 0, "credit": 20}),
        ({"no_due_date": "terms"}, "02-15", {"missing": 35, "before": 15}),
        ({"no_due_date": "terms", "default_terms_days": 20}, "01-31", {"before": 10, "401_days": 10}),
        ({"no_due_date": "bucket"}, "01-31", {"good": 0, "missing": None, "before": None, "credit": 20}),
        ({"basis": "invoice_date"}, "01-31", {"good": 30, "400_days": 30, "credit_due": 10, "receipt": 20}),
        ({"basis": "invoice_date", "no_due_date": "bucket"}, "01-31", {"missing": 30}),
        ({"longest_terms_days": 29}, "01-31", {"good": 30, "400_days": 30}),
    ],
)
def test_what_a_policy_ages_from(changes, as_of, days_past_due):
    items = open_items(DUE_DATES, day(as_of), LATER, replace(POLICY, **changes))
    found = {item["document_id"]: item["days_past_due"] for item in items}
    assert {document_id: found[document_id] for document_id in days_past_due} == days_past_due


def test_without_a_basis_date_an_item_has_a_bucket_of_its_own():
    items = open_items(DUE_DATES, day("01-31"), LATER, replace(POLICY, no_due_date="bucket"))
    own = {item["document_id"] for item in items if item["aging_bucket"] == "no-due-date"}
    assert own == {"missing", "before", "401_days"}


@pytest.mark.parametrize(
    ("changes", "buckets"),
    [
        ({}, "-1 current | 0 current | 1 1-30 | 30 1-30 | 31 31-60 | 60 31-60 | 61 61-90 | 90 61-90"),
        ({}, "91 91-120 | 120 91-120 | 121 over-120 | 5000 over-120 | -5000 current"),
        ({"due_today_is_current": False}, "-1 current | 0 1-30 | 1 1-30 | 31 31-60"),
        ({"grace_days": 5}, "0 current | 1 current | 5 current | 6 1-30 | 31 31-60"),
        ({"grace_days": 35}, "35 current | 36 31-60"),
        ({"grace_days": 5, "due_today_is_current": False}, "0 current | 5 current | 6 1-30"),
        ({"buckets": (("not due", None, 0), ("late", 1, None))}, "0 not due | 1 late | 400 late"),
    ],
)
def test_whole_day_buckets_without_a_gap(changes, buckets):
    given = book(
        invoices="""
        invoice_id | invoice_date | posting_date | due_date   | amount
        I1         | 2000-01-01   | 1980-01-01   | 2000-02-01 | 100.00
        """
    )
    for wanted in buckets.split(" | "):
        days_past_due, bucket = wanted.split(" ", 1)
        as_of = day("2000-02-01") + timedelta(int(days_past_due))
        (item,) = open_items(given, as_of, LATER, replace(POLICY, **changes))
        assert (item["days_past_due"], item["aging_bucket"]) == (int(days_past_due), bucket)


def test_the_payer_is_the_invoices_else_the_customers_of_the_day_else_the_customer():
    given = book(
        customers="""
        customer_id | valid_from | payer_id
        acme        | 02-15      | late
        acme        | 01-15      | middle
        acme        |            | early
        bolt        | 02-15      | late
        """,
        invoices="""
        invoice_id | customer_id | payer_id | invoice_date | amount
        I1         | acme        | direct   | 01-01        | 100.00
        I2         | acme        |          | 01-01        | 100.00
        I3         | bolt        |          | 01-01        | 100.00
        I4         | nobody      |          | 01-01        | 100.00
        """,
        payments="""
        payment_id | customer_id | payment_date | amount
        P1         | acme        | 01-01        | 10.00
        """,
    )
    payers = {
        as_of: [item["payer_id"] for item in open_items(given, day(as_of), LATER, POLICY)]
        for as_of in ("01-14", "01-15", "02-15")
    }
    assert payers == {
        "01-14": ["direct", "early", "bolt", "nobody", "early"],
        "01-15": ["direct", "middle", "bolt", "nobody", "middle"],
        "02-15": ["direct", "late", "late", "nobody", "late"],
    }


@pytest.mark.parametrize(("as_of", "flagged"), [("01-09", set()), ("01-10", {"I1", "I2"}), ("01-20", {"I1"})])
def test_paid_before_invoiced_compares_own_dates_while_the_application_counts(as_of, flagged):
    given = book(
        invoices="""
        invoice_id | invoice_date | posting_date | due_date | amount
        I1         | 01-10        | 01-05        | 02-10    | 100.00
        I2         | 01-10        |              | 02-10    | 100.00
        I3         | 01-10        |              | 02-10    | 100.00
        """,
        payments="""
        payment_id | payment_date | posting_date | amount
        P1         | 01-09        | 01-10        | 10.00
        P3         | 01-10        |              | 10.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | voided_on | amount
        C2             | 01-01       | 01-20     | 10.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-09      | 10.00
        A2             | C2        | I2         | 01-09      | 10.00
        A3             | P3        | I3         | 01-10      | 10.00
        """,
    )
    items = open_items(given, day(as_of), LATER, POLICY)
    assert {i["document_id"] for i in items if "paid_before_invoiced" in i["flags"]} == flagged
