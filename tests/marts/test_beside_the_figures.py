"""What is published beside the figures: what each check said (data_quality), and what each column means (glossary)."""

import polars as pl

from tests.small_books import SmallBook, table_of


def test_data_quality_and_glossary_are_published(book: SmallBook) -> None:
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-10   | 2206-01-01 | EUR      | 300.00 |
        """
        + "\n".join(f"| G{n} | C1 | 2026-01-10 | 2026-02-09 | EUR | 10.00 |" for n in range(30))
        + "\n| B1 | C1 | 2026-01-10 | 2026-02-09 | EUR | 1.005 |"
    )
    outcome = book.run("2026-01-31")
    quality = table_of(outcome, "data_quality")
    failed = quality.filter(~pl.col("passed")).select(
        "table_name", "check_name", "severity", "failing_rows", "failing_amount"
    )
    assert [(*row[:4], str(row[4])) for row in failed.sort("table_name", "check_name").iter_rows()] == [
        ("allowance.items", "every_exposure_has_a_rate", "warn", 31, "600.0000"),
        ("forecasts.made", "receipts_can_be_forecast", "warn", 1, "None"),
        ("ledger.open_items", "no_due_date_is_mistaken", "warn", 1, "300.0000"),
        ("marts.aging_detail", "every_due_date_can_be_believed", "warn", 1, "300.0000"),
        ("staging.rejected_rows", "no_row_is_rejected", "warn", 1, "1.0050"),
    ]
    assert quality.height > 200
    assert quality.filter(table_name="raw.file_notes").is_empty(), "what depends on the folder is not the book's"
    glossary = table_of(outcome, "glossary")
    told = glossary.filter(column_name="days_past_due").select("unit", "tables").row(0)
    assert told == ("days", "aging_detail")
    columns = {name for table in ("aging", "aging_detail", "dso") for name in table_of(outcome, table).columns}
    assert columns <= set(glossary["column_name"])
