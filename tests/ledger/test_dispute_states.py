"""Disputes as of the day: how old, open or resolved, and what they block at each period end (dispute_states, period_disputes)."""

import pytest

from tests.small_books import SmallBook


@pytest.fixture
def built(book: SmallBook) -> SmallBook:
    """I1 of 100 is disputed twice, for 30 and then whole; I2 was settled while disputed; I3 is not in the book."""
    book.put(
        customers="| customer_id | payer_id |\n| C1 | C9 |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-01   | 2026-01-31 | EUR      | 100.00 |
        | I2         | C2          | 2026-01-01   | 2026-01-31 | EUR      | 80.00  |
        """,
        payments="| payment_id | customer_id | payment_date | currency | amount |\n| P1 | C2 | 2026-02-15 | EUR | 60.00 |",
        applications="| application_id | source_id | invoice_id | applied_on | amount |\n| A1 | P1 | I2 | 2026-02-15 | 60.00 |",
        disputes="""
        | dispute_id | invoice_id | reason  | opened_on  | resolved_on | amount | credited_amount |
        | D1         | I1         | pricing | 2026-01-10 | .           | 30.00  | .               |
        | D2         | I1         | .       | 2026-01-20 | .           | .      | .               |
        | D3         | I2         | tax     | 2026-01-10 | 2026-03-01  | 50.00  | 10.00           |
        | D4         | I3         | tax     | 2026-02-10 | .           | 50.00  | .               |
        | D5         | I1         | tax     | 2026-03-10 | .           | 50.00  | .               |
        """,
    )
    book.load()
    book.build("2026-02-28")
    return book


def test_what_disputes_block_on_the_day(built: SmallBook) -> None:
    built.expect(
        "ledger.dispute_states",
        """
        | dispute_id | payer_id | reason  | is_open | age_days | resolution_days | disputed_amount | blocked_amount |
        | D1         | C9       | pricing | True    | 49       | .               | 30.00           | 30.00          |
        | D2         | C9       | .       | True    | 39       | .               | 100.00          | 70.00          |
        | D3         | C2       | tax     | True    | 49       | .               | 50.00           | 20.00          |
        | D4         | .        | tax     | True    | 18       | .               | 50.00           | 0.00           |
        """,
    )


def test_a_resolved_dispute_ages_no_more_and_blocks_nothing(built: SmallBook) -> None:
    built.build("2026-03-31")
    built.expect(
        "ledger.dispute_states where dispute_id = 'D3'",
        """
        | is_open | age_days | resolution_days | blocked_amount | credited_amount |
        | False   | 50       | 50              | 0.00           | 10.00           |
        """,
    )


def test_what_disputes_blocked_at_each_period_end(built: SmallBook) -> None:
    built.expect(
        "ledger.period_disputes",
        """
        | period_end | dispute_id | blocked_amount |
        | 2026-01-31 | D1         | 30.00          |
        | 2026-01-31 | D2         | 70.00          |
        | 2026-01-31 | D3         | 50.00          |
        | 2026-02-28 | D1         | 30.00          |
        | 2026-02-28 | D2         | 70.00          |
        | 2026-02-28 | D3         | 20.00          |
        | 2026-02-28 | D4         | 0.00           |
        """,
    )
