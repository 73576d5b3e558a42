"""Every open item with its age, and what is to be read with it: items without a date, receipts, disputes."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount |
| none       | C1          | 2026-01-01   | .          | EUR      | 100.00 |
| before     | C1          | 2026-01-01   | 2025-12-31 | EUR      | 200.00 |
| good       | C1          | 2026-01-01   | 2026-01-31 | EUR      | 400.00 |
"""
RECEIPTS = {
    "payments": """
    | payment_id | customer_id | payment_date | currency | amount |
    | P1         | C1          | 2026-01-20   | EUR      | 30.00  |
    """,
    "credit_memos": """
    | credit_memo_id | customer_id | credit_date | due_date   | currency | amount |
    | C1             | C1          | 2026-01-21  | .          | EUR      | 7.00   |
    | C2             | C1          | 2026-01-21  | 2026-02-20 | EUR      | 8.00   |
    """,
}


def test_without_a_date_an_item_is_in_no_bucket_of_days(book: SmallBook) -> None:
    book.policy = "aging: {no_due_date: bucket}"
    book.put(invoices=INVOICES)
    book.load()
    book.build("2026-02-28")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | days_past_due | aging_bucket | flags                   |
        | none        | .             | no-due-date  | due_date_missing        |
        | before      | .             | no-due-date  | due_date_before_invoice |
        | good        | 28            | 1-30         | .                       |
        """,
    )
    book.expect(
        "marts.aging_monthly where month_end = date '2026-01-31'",
        """
        | aging_bucket | item_count | open_amount |
        | current      | 1          | 400.00      |
        | no-due-date  | 2          | 300.00      |
        """,
    )


def test_a_receipt_has_no_due_date_and_is_aged_from_its_own(book: SmallBook) -> None:
    book.put(**RECEIPTS)
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | document_date | due_date   | days_past_due |
        | P1          | 2026-01-20    | .          | 11            |
        | C1          | 2026-01-21    | .          | 10            |
        | C2          | 2026-01-21    | 2026-02-20 | -20           |
        """,
    )


def test_only_what_is_disputed_is_disputed(book: SmallBook) -> None:
    book.put(
        invoices=INVOICES,
        **RECEIPTS,
        disputes="""
        | dispute_id | invoice_id | opened_on  | amount |
        | D1         | none       | 2026-01-10 | 60.00  |
        | D2         | none       | 2026-01-11 | 70.00  |
        | D3         | good       | 2026-01-11 | .      |
        """,
    )
    book.load()
    book.build("2026-01-31")
    book.expect(
        "marts.aging_detail",
        """
        | document_id | open_amount | disputed_amount |
        | none        | 100.00      | 100.00          |
        | before      | 200.00      | 0.00            |
        | good        | 400.00      | 400.00          |
        | P1          | -30.00      | 0.00            |
        | C1          | -7.00       | 0.00            |
        | C2          | -8.00       | 0.00            |
        """,
    )


def test_disputes_and_promises_are_those_that_were_known(book: SmallBook) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
        disputes="| dispute_id | invoice_id | opened_on | resolved_on | amount |\n| D1 | I1 | 2026-01-10 | 2026-02-10 | 10.00 |",
        promises="| promise_id | customer_id | invoice_id | made_on | promised_date | amount |\n| M1 | C1 | I1 | 2026-01-20 | 2026-02-20 | 1.00 |",
    )
    book.load("2026-02-01T00:00:00")
    book.put(
        disputes_2="| dispute_id | invoice_id | opened_on | resolved_on | amount |\n| D2 | I1 | 2026-01-11 | 2026-01-31 | 5.00 |\n| D3 | I1 | 2026-01-12 | . | 7.00 |",
        promises_2="| promise_id | customer_id | invoice_id | made_on | promised_date | amount |\n| M1 | C1 | I1 | 2026-01-20 | 2026-02-15 | 1.00 |",
    )
    book.load("2026-03-01T00:00:00")
    for known_at, disputed, promised in (
        ("2026-02-01", "10.00", "2026-02-20"),
        ("2026-03-01", "17.00", "2026-02-15"),
    ):
        book.build("2026-01-31", known_at=f"{known_at}T00:00:00")
        lines = f"| disputed_amount | promised_date |\n| {disputed} | {promised} |"
        book.expect("marts.aging_detail", lines)


def test_cash_that_came_before_its_invoice_is_flagged_on_that_invoice_while_it_is_applied(book: SmallBook) -> None:
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | due_date | currency | amount |\n"
        + "".join(f"| I{n} | C1 | 2026-01-10 | 2026-02-09 | EUR | 100.00 |\n" for n in (1, 2)),
        payments="| payment_id | customer_id | payment_date | currency | amount |\n"
        + "".join(f"| P{n} | C1 | 2026-01-0{n} | EUR | 10.00 |\n" for n in (1, 2)),
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | unapplied_on |
        | A1             | P1        | I1         | 2026-01-12 | 10.00  | 2026-02-01   |
        | A2             | P2        | I1         | 2026-01-12 | 10.00  | 2026-02-01   |
        """,
    )
    book.load()
    for as_of, flag in (("2026-01-31", "paid_before_invoiced"), ("2026-02-01", ".")):
        book.build(as_of)
        lines = f"| document_id | flags |\n| I1 | {flag} |\n| I2 | . |"
        book.expect("marts.aging_detail where open_amount > 0", lines)


def test_a_customer_of_whom_nothing_is_told_has_no_segment_is_no_related_party_and_gets_the_terms_of_the_policy(
    book: SmallBook,
) -> None:
    book.policy = "aging: {no_due_date: terms, default_terms_days: 30}"
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | ar_account |
        | I1         | C1          | 2026-01-01   | EUR      | 100.00 | 1200       |
        """
    )
    book.load()
    book.build("2026-02-28")
    told = [("", False)]
    assert book.rows("select segment, related_party from ledger.open_items") == told
    assert book.rows("select distinct segment, related_party from ledger.period_aging") == told
    book.expect("ledger.movements", "| ar_account | amount |\n| 1200 | 100.00 |")
    book.expect(
        "marts.aging_monthly",
        """
        | month_end  | aging_bucket | open_amount |
        | 2026-01-31 | current      | 100.00      |
        | 2026-02-28 | 1-30         | 100.00      |
        """,
    )
