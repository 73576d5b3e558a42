"""The rates by roll rates again, in a loop over months from what is published beside them: the matrix and its recoveries."""

from collections import defaultdict

import pytest

from tests.small_books import SmallBook

MONTHS = 400
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


def test_rates_are_recomputed_from_the_matrix_and_its_recoveries(rated: SmallBook) -> None:
    """Money of each state is walked through the months until nothing is left, and what is lost of it added up."""
    matrix = rated.rows("""
        select aging_bucket, months_in_bucket, becomes, opening, share from marts.allowance_matrix where pool = 'all'
    """)
    lost_of = {
        (kind, bucket): share
        for kind, bucket, share in rated.rows(
            "select kind, aging_bucket, loss_given_default from marts.allowance_recoveries where pool = 'all'"
        )
    }
    held = {(bucket, month): opening for bucket, month, _, opening, _ in matrix}
    lost, opened = defaultdict(float), defaultdict(float)
    for (bucket, month), opening in held.items():
        opened[bucket] += opening
        lost[bucket] += opening * walked((bucket, month), matrix, lost_of)
    told = rated.rows("""
        select aging_bucket, historical_rate from marts.allowance_loss_rates
        where pool = 'all' and method = 'roll_rates' and aging_bucket <> 'over-365' and historical_rate is not null
    """)
    assert len(told) == 6
    assert {bucket: lost[bucket] / opened[bucket] for bucket, _ in told} == pytest.approx(dict(told))


def walked(state: tuple[str, int], matrix: list[tuple], lost_of: dict[tuple[str, str], float]) -> float:
    """What is lost for good of one unit that stands in a state."""
    standing, lost = {state: 1.0}, 0.0
    for _ in range(MONTHS):
        after: dict[tuple[str, int], float] = defaultdict(float)
        for bucket, month, becomes, _, share in matrix:
            moved = standing.get((bucket, month), 0.0) * share
            if becomes == "written_off":
                lost += moved * lost_of["written_off", bucket]
            elif becomes == "over-365":
                lost += moved * lost_of["aged_out", bucket]
            elif becomes not in ("paid", "diluted"):
                after[becomes, month + 1 if becomes == bucket else 1] += moved
        standing = after
    return lost
