"""What closed periods say now against what they said at their close: late, deleted, corrected, settled otherwise."""

from tests.small_books import SmallBook


def test_each_document_of_a_closed_period_that_changed_is_named_with_its_cause(book: SmallBook) -> None:
    book.put(
        fiscal_periods="""
        | entity_id | period_id | period_start | period_end | closed_on  |
        | main      | P1        | 2026-01-01   | 2026-01-31 | 2026-02-05 |
        | main      | P2        | 2026-02-01   | 2026-02-28 | .          |
        """,
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | I1         | C1          | 2026-01-10   | USD      | 100.00 |
        | I2         | C1          | 2026-01-11   | USD      | 40.00  |
        | I3         | C1          | 2026-01-12   | USD      | 30.00  |
        | I4         | C1          | 2026-01-13   | USD      | 20.00  |
        """,
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    book.build("2026-01-31", known_at="2026-02-20T00:00:00")
    book.expect("marts.restatements", "| document_id |")
    book.put(
        invoices_2="""
        | invoice_id | customer_id | invoice_date | currency | amount | _deleted |
        | I1         | C1          | 2026-01-10   | USD      | 110.00 | false    |
        | I2         | C1          | 2026-01-11   | USD      | 40.00  | true     |
        | I5         | C1          | 2026-01-31   | USD      | 5.00   | false    |
        | I6         | C1          | 2026-02-01   | USD      | 6.00   | false    |
        """,
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C1 | 2026-01-30 | USD | 30.00 |",
        applications_2="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I3 | 2026-01-30 | 30.00 |",
    )
    book.load(recorded_at="2026-02-10T00:00:00")
    book.build("2026-02-28", known_at="2026-02-20T00:00:00")
    book.expect(
        "marts.restatements",
        """
        | closed_as_of | document_id | amount_at_close | amount_now | cause             |
        | 2026-01-31   | I1          | 100.00          | 110.00     | corrected         |
        | 2026-01-31   | I2          | 40.00           | 0.00       | deleted           |
        | 2026-01-31   | I3          | 30.00           | 0.00       | settled_otherwise |
        | 2026-01-31   | I5          | 0.00            | 5.00       | late              |
        """,
    )
    book.policy = "close: {materiality: 30}"
    book.load()
    book.build("2026-02-28", known_at="2026-02-20T00:00:00")
    assert book.rows("select document_id from marts.restatements where is_material order by 1") == [("I2",), ("I3",)]
    newest = "(select batch_id from raw.batches where batch_number = 2)"
    assert book.rows(f"select distinct batch = {newest} from marts.restatements") == [(True,)]
    book.build("2026-02-28", known_at="2026-02-05T00:00:00")
    book.expect("marts.restatements", "| document_id |")


def test_the_batch_is_the_newest_that_changed_the_amount_even_where_it_took_back_what_came_after_the_close(
    book: SmallBook,
) -> None:
    """100 at the close; the second batch says 120, the third that there is no such invoice, the fourth only its due date."""
    invoice = "| invoice_id | customer_id | invoice_date | due_date | currency | amount | _deleted |\n"
    book.put(
        fiscal_periods="| entity_id | period_id | period_start | period_end | closed_on |\n"
        "| main | P1 | 2026-01-01 | 2026-01-31 | 2026-02-05 |",
        invoices=invoice
        + "| I1 | C1 | 2026-01-10 | . | USD | 100.00 | false |\n| I2 | C1 | 2026-01-10 | . | USD | 10.00 | false |",
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    for number, rows in enumerate(
        (
            "| I1 | C1 | 2026-01-10 | . | USD | 120.00 | false |\n| I2 | C1 | 2026-01-10 | . | USD | 12.00 | false |",
            "| I1 | C1 | 2026-01-10 | . | USD | 120.00 | true |",
            "| I2 | C1 | 2026-01-10 | 2026-02-10 | USD | 12.00 | false |",
        ),
        start=2,
    ):
        book.put(**{f"invoices_{number}": invoice + rows})
        book.load(recorded_at=f"2026-02-1{number}T00:00:00")
    book.build("2026-02-28", known_at="2026-02-20T00:00:00")
    book.expect(
        "marts.restatements as told inner join raw.batches on told.batch = batches.batch_id",
        """
        | document_id | amount_now | cause     | batch_number |
        | I1          | 0.00       | deleted   | 3            |
        | I2          | 12.00      | corrected | 2            |
        """,
    )


def test_a_close_of_which_nothing_is_left_is_restated_all_the_same(book: SmallBook) -> None:
    """All that January had is deleted, so that the book begins in March now."""
    invoice = "| invoice_id | customer_id | invoice_date | currency | amount | _deleted |\n"
    book.put(
        fiscal_periods="| entity_id | period_id | period_start | period_end | closed_on |\n"
        "| main | P1 | 2026-01-01 | 2026-01-31 | 2026-02-05 |",
        invoices=invoice + "| I1 | C1 | 2026-01-10 | USD | 100.00 | false |",
    )
    book.load(recorded_at="2026-02-01T00:00:00")
    book.put(
        invoices_2=invoice
        + "| I1 | C1 | 2026-01-10 | USD | 100.00 | true |\n| I2 | C1 | 2026-03-01 | USD | 1 | false |"
    )
    book.load(recorded_at="2026-03-02T00:00:00")
    book.build("2026-03-31", known_at="2026-04-01T00:00:00")
    book.expect(
        "marts.restatements", "| document_id | amount_at_close | amount_now | cause |\n| I1 | 100.00 | 0.00 | deleted |"
    )
