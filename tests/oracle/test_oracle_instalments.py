"""Invoices that fall due in parts, computed by hand.

Belongs here: examples of the parts of an invoice, of what is settled of each, and of their ages. Does not: how much is
settled of the invoice as a whole.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.oracle.ledger import Book, OraclePolicy, aging, dso, open_items
from tests.oracle.tables import LATER, book, day, expect

POLICY = OraclePolicy()
I1_OF_100 = """
    invoice_id | invoice_date | due_date | amount
    I1         | 01-01        | 02-15    | 100.00
    """
P1_OF_100 = """
    payment_id | payment_date | amount
    P1         | 01-10        | 100.00
    """


def parts_on(given: Book, as_of: str) -> list[tuple]:
    """(instalment, original amount, open amount) of I1, in the order of the items."""
    items = open_items(given, day(as_of), LATER, POLICY)
    of_invoice = [i for i in items if i["document_id"] == "I1"]
    return [(i["instalment"], i["original_amount"], i["open_amount"]) for i in of_invoice]


def test_an_invoice_with_instalments_is_an_item_for_each_aged_by_its_own_due_date():
    given = book(
        invoices="""
        invoice_id | invoice_date | due_date | amount
        I1         | 01-01        | 02-15    | 100.00
        I2         | 01-01        | 02-15    | 10.00
        """,
        instalments="""
        entity_id | invoice_id | instalment | due_date | amount
                  | I1         | a          | 01-31    | 50.00
        main      | I1         | b          | 03-31    | 50.00
        east      | I1         | c          | 01-31    | 50.00
        main      | I9         | a          | 01-31    | 50.00
        """,
    )
    items = open_items(given, day("02-28"), LATER, POLICY)
    expect(
        items,
        """
        document_id | instalment | due_date | days_past_due | aging_bucket | original_amount | open_amount
        I1          | a          | 01-31    | 28            | 1-30         | 50.00           | 50.00
        I1          | b          | 03-31    | -31           | current      | 50.00           | 50.00
        I2          |            | 02-15    | 13            | 1-30         | 10.00           | 10.00
        """,
    )
    assert aging(items, POLICY, "gross") == {
        ("main", "acme", "USD", "1-30"): (2, 60),
        ("main", "acme", "USD", "current"): (1, 50),
    }
    rows = dso(given, day("02-28"), LATER, POLICY)
    receivables = {d: rows[(day("02-28"), "main", "USD", d)]["receivables"] for d in ("simple_90", "best_possible_90")}
    assert receivables == {"simple_90": 110, "best_possible_90": 50}


@pytest.mark.parametrize(
    ("amounts", "parts"),
    [
        (("30.00", "40.00", "50.00"), [("a", 30, 30), ("b", 30, 30), ("c", 40, 40)]),  # b is due last: 30 of 50
        (("60.00", "50.00", "50.00"), [("a", 60, 60), ("c", 40, 40)]),  # nothing is left of b
        (("30.00", "20.00", "10.00"), [("", 40, 40), ("a", 30, 30), ("b", 10, 10), ("c", 20, 20)]),
    ],
)
def test_instalments_that_do_not_add_up_are_cut_at_the_end_or_leave_a_rest(amounts, parts):
    given = book(
        invoices=I1_OF_100,
        instalments=f"""
        invoice_id | instalment | due_date | amount
        I1         | b          | 03-31    | {amounts[2]}
        I1         | c          | 02-28    | {amounts[1]}
        I1         | a          | 02-28    | {amounts[0]}
        """,
    )
    assert parts_on(given, "01-31") == parts


@pytest.mark.parametrize(
    ("due_date", "paid", "left"),
    [
        ("02-15", "35.00", {"": 35, "b": 30}),  # a, then the rest, then b
        ("02-15", "75.00", {"b": 25}),
        ("", "75.00", {"": 25}),  # without a due date the rest is last
        ("2025-12-01", "35.00", {"a": 30, "": 5, "b": 30}),  # first, though not believed
    ],
)
def test_the_rest_has_the_invoices_due_date_and_its_place_among_the_others(due_date, paid, left):
    given = book(
        invoices=f"""
        invoice_id | invoice_date | due_date   | amount
        I1         | 01-01        | {due_date} | 100.00
        """,
        instalments="""
        invoice_id | instalment | due_date | amount
        I1         | a          | 01-31    | 30.00
        I1         | b          | 03-31    | 30.00
        """,
        payments=P1_OF_100,
        applications=f"""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | P1        | I1         | 01-10      | {paid}
        """,
    )
    assert {name: amount for name, _, amount in parts_on(given, "01-31")} == left


@pytest.mark.parametrize(
    ("link", "amounts", "left"),
    [
        ("", ("20.00", ""), {"a": 30, "b": 50}),
        ("b", ("20.00", ""), {"a": 50, "b": 30}),
        ("b", ("70.00", ""), {"a": 30}),  # 50 fill b, the rest goes to the earliest due
        ("b", ("20.00", "10.00"), {"a": 50, "b": 20}),  # the discount is linked too
        ("z", ("20.00", ""), {"a": 30, "b": 50}),  # no such instalment
    ],
)
def test_linked_settlements_count_on_their_instalment_and_all_else_earliest_due_first(link, amounts, left):
    given = book(
        invoices=I1_OF_100,
        instalments="""
        invoice_id | instalment | due_date | amount
        I1         | a          | 01-31    | 50.00
        I1         | b          | 03-31    | 50.00
        """,
        payments=P1_OF_100,
        applications=f"""
        application_id | source_id | invoice_id | instalment | applied_on | amount       | discount_amount
        A1             | P1        | I1         | {link}     | 01-10      | {amounts[0]} | {amounts[1]}
        """,
    )
    assert {name: amount for name, _, amount in parts_on(given, "01-31")} == left


def test_what_is_not_linked_waits_for_links_of_later_days():
    given = book(
        invoices=I1_OF_100,
        instalments="""
        invoice_id | instalment | due_date | amount
        I1         | a          | 01-31    | 50.00
        I1         | b          | 03-31    | 50.00
        """,
        payments=P1_OF_100,
        applications="""
        application_id | source_id | invoice_id | instalment | applied_on | amount
        A1             | P1        | I1         |            | 01-10      | 40.00
        A2             | P1        | I1         | a          | 01-15      | 40.00
        """,
        write_offs="""
        write_off_id | invoice_id | written_off_on | amount
        W1           | I1         | 01-20          | 5.00
        """,
    )
    assert parts_on(given, "01-10") == [("a", 50, 10), ("b", 50, 50)]
    assert parts_on(given, "01-15") == [("b", 50, 20)]  # 40 linked to a; of A1 10 more there, 30 on b
    assert parts_on(given, "01-20") == [("b", 50, 15)]  # a write-off is linked to none


@pytest.mark.parametrize(
    ("reopened", "left"),
    [
        ("30.00", {"a": 0, "b": 30}),  # of 60 + 40 linked 70 stand: a has its 60, b 10
        ("70.00", {"a": 30, "b": 40}),
    ],
)
def test_what_is_linked_stands_in_order_as_far_as_reopenings_leave_it(reopened, left):
    given = book(
        invoices=I1_OF_100,
        instalments="""
        invoice_id | instalment | due_date | amount
        I1         | a          | 01-31    | 60.00
        I1         | b          | 03-31    | 40.00
        """,
        payments=P1_OF_100,
        applications="""
        application_id | source_id | invoice_id | instalment | applied_on | amount
        A1             | P1        | I1         | b          | 01-10      | 40.00
        A2             | P1        | I1         | a          | 01-15      | 60.00
        """,
        refunds=f"""
        refund_id | source_id | refunded_on | amount     | reopens_invoice_id
        R1        | P1        | 01-20       | {reopened} | I1
        """,
    )
    found = {name: amount for name, _, amount in parts_on(given, "01-20")}
    assert {"a": 0, "b": 0} | found == left


def test_a_parts_due_date_is_judged_and_its_invoices_flags_are_its_own():
    given = book(
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 01-11        | 100.00
        """,
        instalments="""
        invoice_id | instalment | due_date   | amount
        I1         | early      | 01-10      | 20.00
        I1         | far        | 2027-02-16 | 20.00
        I1         | good       | 01-31      | 20.00
        """,
        payments=P1_OF_100,
        applications="""
        application_id | source_id | invoice_id | instalment | applied_on | amount
        A1             | P1        | I1         | good       | 01-10      | 10.00
        """,
    )
    items = [i for i in open_items(given, day("02-10"), LATER, POLICY) if i["document_id"] == "I1"]
    expect(
        items,
        """
        instalment | due_date | days_past_due | open_amount | flags
        early      |          | 30            | 20.00       | paid_before_invoiced due_date_before_invoice
        far        |          | 30            | 20.00       | paid_before_invoiced due_date_beyond_terms
        good       | 01-31    | 10            | 10.00       | paid_before_invoiced
                   |          | 30            | 40.00       | paid_before_invoiced due_date_missing
        """,
    )


def test_instalments_are_as_known_and_fifo_uses_the_earliest_of_them():
    given = book(
        invoices=I1_OF_100,
        instalments="""
        invoice_id | instalment | due_date | amount | known_from | known_to
        I1         | b          | 01-31    | 30.00  | 02-01      |
        I1         | a          | 01-31    | 70.00  | 02-01      |
        I1         | a          | 03-31    | 70.00  | 01-01      | 02-01
        """,
        payments=P1_OF_100.replace("100.00", "80.00"),
    )
    items = open_items(given, day("02-10"), LATER, POLICY)
    assert [i["instalment"] for i in items] == ["a", "b", ""]
    # 70 of a, 10 of b: one item is left, of 20.
    assert aging(items, POLICY, "fifo") == {("main", "acme", "USD", "1-30"): (1, 20)}
    before = open_items(given, day("02-10"), LATER.replace(2026, 1, 15), replace(POLICY, no_due_date="terms"))
    assert [(i["instalment"], i["open_amount"]) for i in before] == [("", 30), ("a", 70), ("", -80)]


@pytest.mark.parametrize(
    ("paid", "linked", "left"),
    [
        ("100.00", "0.00", {"a": "66.67", "b": "66.66", "c": "66.67"}),
        ("0.00", "60.00", {"a": "100", "b": "100", "c": "40"}),
        ("30.00", "60.00", {"a": "87.50", "b": "87.50", "c": "35"}),
        ("0.01", "0.00", {"a": "100", "b": "99.99", "c": "100"}),  # two thirds of a cent are for the first two together
        ("240.00", "60.00", {}),
    ],
)
def test_policy_can_share_what_is_not_linked_by_what_links_leave_of_each(paid, linked, left):
    given = book(
        invoices="invoice_id | invoice_date | amount\nI1 | 01-01 | 300.00",
        instalments="""
        invoice_id | instalment | due_date | amount
        I1         | a          | 01-31    | 100.00
        I1         | b          | 02-28    | 100.00
        I1         | c          | 03-31    | 100.00
        """,
        payments="payment_id | payment_date | amount\nP1 | 01-10 | 300.00",
        applications=f"""
        application_id | source_id | invoice_id | instalment | applied_on | amount
        A1             | P1        | I1         | c          | 01-10      | {linked}
        A2             | P1        | I1         |            | 01-10      | {paid}
        """,
    )
    shared = replace(POLICY, advances="pro_rata")
    found = [item for item in open_items(given, day("01-31"), LATER, shared) if item["document_id"] == "I1"]
    assert {item["instalment"]: item["open_amount"] for item in found} == {n: Decimal(a) for n, a in left.items()}
