"""Ageing of a book in euros, kept in dollars and reported in yen: each amount is rounded once, to the units that its currency has."""

from tests.small_books import SmallBook


def euros(book: SmallBook) -> SmallBook:
    """An invoice that is paid in part, one that is not due, and cash that is not applied."""
    book.policy = "base_currency: JPY"
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | 2026-01-31 | EUR      | 100.00 | 109.99            |
        | I2         | C1          | 2026-02-05   | 2026-03-07 | EUR      | 30.00  | 33.33             |
        """,
        payments="""
        | payment_id | customer_id | payment_date | currency | amount | functional_amount |
        | P1         | C1          | 2026-02-10   | EUR      | 33.34  | 36.00             |
        | P2         | C1          | 2026-02-20   | EUR      | 10.00  | 11.07             |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount |
        | A1             | P1        | I1         | 2026-02-10 | 33.34  |
        """,
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate   |
        | 2026-01-10 | EUR           | JPY         | 161.00 |
        | 2026-01-31 | EUR           | JPY         | 160.55 |
        | 2026-02-05 | EUR           | JPY         | 162.35 |
        | 2026-02-10 | EUR           | JPY         | 163.00 |
        | 2026-02-20 | EUR           | JPY         | 164.00 |
        | 2026-02-28 | EUR           | JPY         | 165.15 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    return book


def test_what_is_left_of_an_item_is_its_share_of_what_was_booked_and_is_worth_the_rate_of_the_day(
    book: SmallBook,
) -> None:
    euros(book).expect(
        "marts.aging_detail",
        """
        | document_id | aging_bucket | open_amount | open_amount_functional | open_amount_base |
        | I1          | 1-30         | 66.66       | 73.32                  | 11009.00         |
        | I2          | current      | 30.00       | 33.33                  | 4955.00          |
        | P2          | 1-30         | -10.00      | -11.07                 | -1652.00         |
        """,
    )


def test_buckets_add_up_in_every_currency_and_fifo_shows_what_netting_leaves(book: SmallBook) -> None:
    euros(book).expect(
        "marts.aging",
        """
        | view     | aging_bucket | item_count | open_amount | open_amount_functional | open_amount_base |
        | gross    | 1-30         | 2          | 56.66       | 62.25                  | 9357.00          |
        | gross    | current      | 1          | 30.00       | 33.33                  | 4955.00          |
        | separate | 1-30         | 1          | 66.66       | 73.32                  | 11009.00         |
        | separate | current      | 1          | 30.00       | 33.33                  | 4955.00          |
        | separate | unapplied    | 1          | -10.00      | -11.07                 | -1652.00         |
        | fifo     | 1-30         | 1          | 56.66       | 62.32                  | 9357.00          |
        | fifo     | current      | 1          | 30.00       | 33.33                  | 4955.00          |
        | fifo     | unapplied    | 0          | 0.00        | -0.07                  | 0.00             |
        """,
    )


def test_each_month_end_is_worth_its_own_rate(book: SmallBook) -> None:
    euros(book).expect(
        "marts.aging_monthly",
        """
        | month_end  | aging_bucket | item_count | open_amount | open_amount_functional | functional_currency | open_amount_base | base_currency |
        | 2026-01-31 | current      | 1          | 100.00      | 109.99                 | USD                 | 16055.00         | JPY           |
        | 2026-02-28 | 1-30         | 2          | 56.66       | 62.25                  | USD                 | 9357.00          | JPY           |
        | 2026-02-28 | current      | 1          | 30.00       | 33.33                  | USD                 | 4955.00          | JPY           |
        """,
    )


def test_each_movement_is_worth_the_rate_of_its_day(book: SmallBook) -> None:
    book = euros(book)
    book.expect(
        "ledger.movements",
        """
        | effective_date | kind      | sign | amount  | amount_functional | amount_base |
        | 2026-01-10     | invoiced  | 1    | 100.00  | 109.99            | 16100.00    |
        | 2026-02-05     | invoiced  | 1    | 30.00   | 33.33             | 4871.00     |
        | 2026-02-10     | collected | -1   | -33.34  | -36.00            | -5434.00    |
        | 2026-02-10     | applied   | -1   | 33.34   | 36.00             | 5434.00     |
        | 2026-02-10     | applied   | 1    | -33.34  | -36.67            | -5434.00    |
        | 2026-02-20     | collected | -1   | -10.00  | -11.07            | -1640.00    |
        """,
    )
    assert book.rows("select distinct ar_account from ledger.movements") == [("",)]


def test_without_a_rate_there_is_no_amount_and_no_total(book: SmallBook) -> None:
    book = euros(book)
    book.build("2026-03-31")
    book.expect("marts.aging_detail", "| open_amount_base | unrealised_gain_functional |\n" + "| . | . |\n" * 3)
    book.expect(
        "marts.aging where view = 'gross'",
        """
        | aging_bucket | open_amount | open_amount_functional | open_amount_base |
        | 1-30         | 30.00       | 33.33                  | .                |
        | 31-60        | 56.66       | 62.25                  | .                |
        """,
    )
    book.expect(
        "marts.aging_monthly where month_end = date '2026-03-31'",
        """
        | aging_bucket | open_amount | open_amount_functional | open_amount_base |
        | 1-30         | 30.00       | 33.33                  | .                |
        | 31-60        | 56.66       | 62.25                  | .                |
        """,
    )


def test_what_moves_on_one_day_is_rounded_one_kind_after_the_other(book: SmallBook) -> None:
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | EUR      | 3.00   | 1.01              |
        """,
        credit_memos="""
        | credit_memo_id | customer_id | credit_date | currency | amount | functional_amount |
        | M1             | C1          | 2026-01-10  | EUR      | 2.00   | 2.00              |
        """,
        applications="""
        | application_id | source_id | invoice_id | applied_on | amount | discount_amount |
        | A1             | M1        | I1         | 2026-02-10 | 1.00   | 1.00            |
        | A2             | M1        | I1         | 2026-02-20 | 0.50   | .               |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "ledger.movements where sign = 1",
        """
        | effective_date | kind      | amount | amount_functional |
        | 2026-01-10     | invoiced  | 3.00   | 1.01              |
        | 2026-02-10     | applied   | -1.00  | -0.34             |
        | 2026-02-10     | discounts | -1.00  | -0.33             |
        | 2026-02-20     | applied   | -0.50  | -0.17             |
        """,
    )


def test_an_invoice_of_one_euro_is_no_credit_and_what_was_told_finer_than_cents_is_open_in_cents(
    book: SmallBook,
) -> None:
    book.put(
        entities="| entity_id | functional_currency |\n| main | USD |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-10   | 2026-01-31 | EUR      | 1.00   | 1.0050            |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect("marts.aging_detail", "| open_amount_functional |\n| 1.01 |")
    for view in ("gross", "separate", "fifo"):
        book.expect(f"marts.aging where view = '{view}'", "| aging_bucket | open_amount_functional |\n| 1-30 | 1.01 |")
    book.expect(
        "marts.aging_monthly",
        """
        | month_end  | aging_bucket | open_amount_functional |
        | 2026-01-31 | current      | 1.01                   |
        | 2026-02-28 | 1-30         | 1.01                   |
        """,
    )
