"""The rates by roll rates again, in a loop over months from what is published beside them: the matrix and its recoveries."""

import pytest

from models.allowance.rates_again import rate_differences, rates_of
from tests.small_books import SmallBook

TABLES = ("allowance_loss_rates", "allowance_matrix", "allowance_recoveries")
BOOK = {
    "invoices": """
    | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
    | A          | C1          | 2024-01-05   | 2024-03-20 | USD      | 100.00 |
    | B          | C2          | 2024-01-05   | 2024-03-20 | USD      | 80.00  |
    | C          | C3          | 2024-01-05   | 2024-03-20 | USD      | 60.00  |
    | D          | C4          | 2024-02-05   | 2024-03-25 | USD      | 40.00  |
    """,
    "payments": """
    | payment_id | customer_id | payment_date | currency | amount |
    | P1         | C1          | 2024-06-10   | USD      | 90.00  |
    | P2         | C2          | 2024-09-20   | USD      | 20.00  |
    """,
    "applications": """
    | application_id | source_id | invoice_id | applied_on | amount |
    | X1             | P1        | A          | 2024-06-10 | 90.00  |
    """,
    "write_offs": """
    | write_off_id | invoice_id | written_off_on | amount | reason |
    | W1           | B          | 2024-07-15     | 80.00  | credit |
    | W2           | C          | 2024-12-15     | 60.00  | credit |
    """,
    "recoveries": """
    | recovery_id | write_off_id | payment_id | recovered_on | amount |
    | R1          | W1           | P2         | 2024-09-20   | 20.00  |
    """,
}


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """Two write-offs, a quarter of the first recovered, the second too young for that; 10 and 40 given up for their age."""
    book = SmallBook(tmp_path_factory.mktemp("rates"))
    book.put(**BOOK)
    book.load()
    book.build("2025-10-31")
    return book


def test_what_was_made_good_is_published_by_bucket(rated: SmallBook) -> None:
    rated.expect(
        "marts.allowance_recoveries where pool = '(book)' and aging_bucket in ('91-120', 'over-120', 'over-365')",
        """
        | kind        | aging_bucket | lost   | recovered | loss_events | basis       | loss_given_default |
        | written_off | 91-120       | 80.000 | 20.000    | 1           | history     | 0.750              |
        | written_off | over-120     | 0.000  | 0.000     | 0           | all_buckets | 0.750              |
        | written_off | over-365     | 0.000  | 0.000     | 0           | all_buckets | 0.750              |
        | aged_out    | 91-120       | 0.000  | 0.000     | 0           | none        | 1.000              |
        | aged_out    | over-120     | 0.000  | 0.000     | 0           | none        | 1.000              |
        | aged_out    | over-365     | 0.000  | 0.000     | 0           | none        | 1.000              |
        """,
    )
    pools = "select count(*), count(distinct pool) from allowance.recoveries where as_of = date '2025-10-31'"
    assert rated.rows(pools) == [(32, 2)]


def test_every_row_of_the_matrix_adds_up_to_one(rated: SmallBook) -> None:
    sums = "select sum(share) from allowance.matrix group by pool, aging_bucket, months_in_bucket"
    assert [total for (total,) in rated.rows(sums)] == pytest.approx([1.0] * len(rated.rows(sums)))
    rated.expect(
        "marts.allowance_matrix where pool = 'all' and aging_bucket = '91-120'",
        """
        | months_in_bucket | becomes     | opening | share |
        | 1                | over-120    | 190.000 | 0.579 |
        | 1                | written_off | 190.000 | 0.421 |
        """,
    )


def frozen(rated: SmallBook) -> dict[str, list[dict]]:
    """The published tables that rates are recalculated from."""
    for name in TABLES:
        rated.rows(f"select count(*) from marts.{name}")
    with rated.home().warehouse(read_only=True) as warehouse:
        return {name: warehouse.frame(f"select * from marts.{name}").to_dicts() for name in TABLES}


def test_rates_are_recomputed_from_the_matrix_and_its_recoveries(rated: SmallBook) -> None:
    """Money of each state is walked through the months until nothing is left, and what is lost of it added up."""
    tables = frozen(rated)
    told = [row for row in tables["allowance_loss_rates"] if row["pool"] == "all" and row["method"] == "roll_rates"]
    own = {row["aging_bucket"]: row["historical_rate"] for row in told if row["historical_rate"] is not None}
    matrix = [row for row in tables["allowance_matrix"] if row["pool"] == "all"]
    lost = {(row["kind"], row["aging_bucket"]): row["loss_given_default"] for row in tables["allowance_recoveries"]}
    assert len(own.keys() - {"over-365"}) == 6
    ours = rates_of(matrix, lost, "over-365")
    assert ours == pytest.approx({bucket: rate for bucket, rate in own.items() if bucket != "over-365"})
    assert rate_differences(tables, "over-365") == []


@pytest.mark.parametrize(
    ("name", "column"), [("allowance_matrix", "share"), ("allowance_recoveries", "loss_given_default")]
)
def test_a_rate_that_its_matrix_does_not_come_to_is_named(rated: SmallBook, name: str, column: str) -> None:
    tables = frozen(rated)
    tables[name] = [{**row, column: row[column] * 0.9} for row in tables[name]]
    said = rate_differences(tables, "over-365")
    assert said and all(line.startswith("rate of ") and "recalculated from its matrix" in line for line in said)


def test_a_pool_that_borrows_within_its_matrix_is_left_out() -> None:
    """What rolls to where nothing of the pool ever stood is lost by the rate of the pool above, which is not here."""
    rows = [{"aging_bucket": "1-30", "months_in_bucket": 1, "becomes": "31-60", "opening": 9.0, "share": 1.0}]
    assert rates_of(rows, {}, "over-365") == {}
