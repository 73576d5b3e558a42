"""Invoices that fall due in parts: each part is an open item, settled earliest due first unless a payment names it."""

import pytest

from tests.small_books import SmallBook

INVOICE = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | C1          | 2026-01-01   | 2026-12-31 | USD      | 300.00 |
"""
THIRDS = """
| invoice_id | instalment | due_date   | amount |
| I1         | c          | 2026-03-31 | 100.00 |
| I1         | a          | 2026-01-31 | 100.00 |
| I1         | b          | 2026-02-28 | 100.00 |
"""


@pytest.fixture
def billed(book: SmallBook) -> SmallBook:
    """An invoice of 300 in three parts, and 150 paid for it on 10 February."""
    book.put(
        invoices=INVOICE,
        instalments=THIRDS,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | USD | 150.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 150.00 |",
    )
    return book


def test_a_payment_settles_what_was_due_first(billed: SmallBook) -> None:
    billed.load()
    billed.expect_open(
        "2026-02-09",
        """
        | instalment | due_date   | original_amount | open_amount |
        | a          | 2026-01-31 | 100.00          | 100.00      |
        | b          | 2026-02-28 | 100.00          | 100.00      |
        | c          | 2026-03-31 | 100.00          | 100.00      |
        """,
    )
    billed.expect_open("2026-02-10", "| instalment | open_amount |\n| b | 50.00 |\n| c | 100.00 |")
    billed.build("2026-03-05")
    billed.expect(
        "marts.aging_detail",
        """
        | document_id | instalment | days_past_due | aging_bucket | open_amount |
        | I1          | b          | 5             | 1-30         | 50.00       |
        | I1          | c          | -26           | current      | 100.00      |
        """,
    )
    billed.expect(
        "ledger.instalment_balances",
        """
        | instalment | effective_date | next_date  | open_amount | open_before |
        | a          | 2026-01-01     | 2026-02-10 | 100.00      | 0.00        |
        | b          | 2026-01-01     | 2026-02-10 | 100.00      | 100.00      |
        | c          | 2026-01-01     | 2026-02-10 | 100.00      | 200.00      |
        | a          | 2026-02-10     | .          | 0.00        | 0.00        |
        | b          | 2026-02-10     | .          | 50.00       | 0.00        |
        | c          | 2026-02-10     | .          | 100.00      | 50.00       |
        """,
    )
    billed.expect(
        "ledger.instalment_changes where effective_date > date '2026-01-31'",
        "| instalment | effective_date | change |\n| a | 2026-02-28 | -100.00 |\n| b | 2026-02-28 | -50.00 |",
    )
    billed.expect(
        "ledger.payer_changes",
        """
        | month_number | change  | past_due_change | billed_amount | collected_amount |
        | 24313        | 300.00  | 0.00            | 300.00        | 0.00             |
        | 24314        | -150.00 | 0.00            | 0.00          | 150.00           |
        | 24315        | 0.00    | 50.00           | 0.00          | 0.00             |
        """,
    )
    billed.expect(
        "marts.payer_monthly where period_end = date '2026-03-05'",
        "| owed_past_due_amount |\n| 50.00 |",
    )
    billed.expect(
        "marts.aging_monthly where item_count > 0",
        """
        | month_end  | aging_bucket | item_count | open_amount |
        | 2026-01-31 | current      | 3          | 300.00      |
        | 2026-02-28 | current      | 2          | 150.00      |
        """,
    )


def test_a_payment_settles_the_instalment_that_it_names(billed: SmallBook) -> None:
    billed.put(
        applications="""
        | application_id | source_id | invoice_id | instalment | applied_on | amount |
        | A1             | P1        | I1         | c          | 2026-02-10 | 120.00 |
        """
    )
    billed.load()
    # 100 settle the part that is named; the 20 beyond it, the part that was due first
    billed.expect_open("2026-02-10", "| instalment | open_amount |\n| a | 80.00 |\n| b | 100.00 |\n| . | -30.00 |")


@pytest.mark.parametrize(
    ("third", "parts"),
    [
        ("40.00", [("a", "100.00"), ("b", "100.00"), ("c", "40.00"), ("", "60.00")]),
        ("170.00", [("a", "100.00"), ("b", "100.00"), ("c", "100.00")]),
    ],
)
def test_parts_that_do_not_add_up_to_their_invoice(book: SmallBook, third: str, parts: list[tuple[str, str]]) -> None:
    book.put(invoices=INVOICE, instalments=THIRDS.replace("2026-03-31 | 100.00", f"2026-03-31 | {third}"))
    book.load()
    book.build("2026-01-15")
    found = book.rows(
        "select instalment, cast(part_amount as decimal(18, 2)) from ledger.instalments order by part_order"
    )
    assert [(name, str(amount)) for name, amount in found] == parts
    assert book.rows("select sum(open_amount) from ledger.open_items") == [(300,)]


def test_a_void_and_a_write_off_leave_no_instalment_open(billed: SmallBook) -> None:
    billed.put(write_offs="| write_off_id | invoice_id | written_off_on | amount |\n| W1 | I1 | 2026-03-01 | 150.00 |")
    billed.load()
    billed.expect_open("2026-03-01", "| instalment | open_amount |")
    billed.expect(
        "ledger.instalment_steps where period_number = 3",
        "| instalment | next_period | open_amount |\n| a | . | 0.00 |\n| b | . | 0.00 |\n| c | . | 0.00 |",
    )


def test_a_dispute_of_part_of_an_invoice_falls_on_what_was_due_first(billed: SmallBook) -> None:
    billed.put(disputes="| dispute_id | invoice_id | opened_on | amount |\n| D1 | I1 | 2026-02-15 | 70.00 |")
    billed.load()
    billed.build("2026-02-20")
    billed.expect("marts.aging_detail", "| instalment | disputed_amount |\n| b | 50.00 |\n| c | 20.00 |")


@pytest.mark.parametrize(
    ("advances", "parts"),
    [
        ("earliest_due", "| b | 100.00 |\n| c | 100.00 |"),
        ("pro_rata", "| a | 66.67 |\n| b | 66.66 |\n| c | 66.67 |"),
    ],
)
def test_policy_says_what_a_payment_without_a_part_settles(billed: SmallBook, advances: str, parts: str) -> None:
    """A hundred for three parts of a hundred: the first, or a third of each to the cent, the last taking what remains."""
    billed.policy = f"instalments: {{advances: {advances}}}"
    billed.put(
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 100.00 |"
    )
    billed.load()
    billed.build("2026-02-10")
    billed.expect("ledger.open_items where document_type = 'invoice'", f"| instalment | open_amount |\n{parts}")


@pytest.mark.parametrize(
    ("advances", "parts"),
    [
        ("earliest_due", "| a | 70.00 |\n| b | 100.00 |\n| c | 40.00 |"),
        ("pro_rata", "| a | 87.50 |\n| b | 87.50 |\n| c | 35.00 |"),
    ],
)
def test_a_part_that_is_named_comes_first_under_either_policy(billed: SmallBook, advances: str, parts: str) -> None:
    """60 name c; 30 name nothing, and are shared by what is then left: 100, 100 and 40 of 240."""
    billed.policy = f"instalments: {{advances: {advances}}}"
    billed.put(
        applications="""
        | application_id | source_id | invoice_id | instalment | applied_on | amount |
        | A1             | P1        | I1         | c          | 2026-02-10 | 60.00  |
        | A2             | P1        | I1         | .          | 2026-02-10 | 30.00  |
        """
    )
    billed.load()
    billed.build("2026-02-10")
    billed.expect("ledger.open_items where document_type = 'invoice'", f"| instalment | open_amount |\n{parts}")


@pytest.mark.parametrize(
    ("currency", "parts"),
    [("JPY", "| a | 67 |\n| b | 66 |\n| c | 67 |"), ("KWD", "| a | 66.667 |\n| b | 66.666 |\n| c | 66.667 |")],
)
def test_shares_are_whole_minor_units_of_the_currency(billed: SmallBook, currency: str, parts: str) -> None:
    billed.policy = "instalments: {advances: pro_rata}"
    billed.put(
        invoices=INVOICE.replace("USD", currency).replace("300.00", "300"),
        instalments=THIRDS.replace("100.00", "100"),
        payments=f"| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | {currency} | 100 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 100 |",
    )
    billed.load()
    billed.build("2026-02-10")
    found = billed.rows("select instalment, open_amount from ledger.open_items order by instalment")
    assert [(name, float(amount)) for name, amount in found] == [
        (row.split("|")[1].strip(), float(row.split("|")[2])) for row in parts.splitlines()
    ]


FOREIGN_PARTS = """
| invoice_id | instalment | due_date   | amount |
| I1         | a          | 2026-01-31 | 33.33  |
| I1         | b          | 2026-02-28 | 33.33  |
| I1         | c          | 2026-03-31 | 33.34  |
"""


@pytest.mark.parametrize(("told", "first", "second"), [("71.00", 66, 67), ("71.0049", 67, 66), (".", 66, 67)])
def test_booked_amounts_of_parts_add_up_to_their_invoices(book: SmallBook, told: str, first: int, second: int) -> None:
    """100 dollars are 71.00 euro, told or by rate. Rounded one by one, parts of 33.33, 33.33 and 33.34 would be 23.66, 23.66
    and 23.67, a cent less; what the first parts are worth together is rounded instead, and each is what it adds to that."""
    book.put(
        entities="| entity_id | functional_currency |\n| main | EUR |",
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-01 | USD           | EUR         | 0.71 |
        | 2026-02-10 | USD           | EUR         | 0.75 |
        """,
        invoices=f"""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-01   | USD      | 100.00 | {told}            |
        """,
        instalments=FOREIGN_PARTS,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-02-10 | USD | 10.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I1 | 2026-02-10 | 10.00 |",
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "ledger.open_items",
        f"| instalment | open_amount_functional |\n| a | 23.{first} |\n| b | 23.{second} |\n| c | 23.67 |",
    )
    for advances in ("earliest_due", "pro_rata"):
        book.policy = f"instalments: {{advances: {advances}}}"
        book.load()
        for day, left in (("2026-01-31", "71.00"), ("2026-02-28", "63.90")):
            book.build(day)
            newest = f"period_end = date '{day}'"
            for table in (
                "(select sum(open_amount_functional) as amount from ledger.open_items)",
                "(select sum(amount_functional) as amount from ledger.movements)",
                f"(select sum(open_amount_functional) as amount from ledger.period_aging where {newest})",
                f"(select amount_functional as amount from marts.rollforward where line = 'closing' and {newest})",
            ):
                book.expect(table, f"| amount |\n| {left} |")
