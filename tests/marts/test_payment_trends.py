"""How each payer pays: weighted days, trend, shares, exposure and a score, worked out by hand."""

from tests.features.test_receivable_spells import built
from tests.small_books import SmallBook


def test_the_features_of_a_payer_by_hand(book: SmallBook) -> None:
    book.put(
        disputes="| dispute_id | invoice_id | opened_on | amount |\n| D1 | I2 | 2026-02-01 | 5.00 |",
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount |
        | R1         | C1          | I2         | 2026-02-20 | 2026-02-25    | EUR      | 50.00  |
        """,
    )
    built(book, "2026-05-12").expect(
        "marts.payment_trends",
        """
        | payer_id | days_beyond_terms_3m | days_beyond_terms_12m | days_beyond_terms_trend | late_share | partial_share |
        | C1       | 12.273               | 9.730                 | 2.543                   | 1.000      | 0.662         |
        """,
    )
    book.expect(
        "marts.payment_trends",
        """
        | discounted_share | disputed_share | open_exposure | past_due_exposure | broken_promise_count | concentration |
        | 0.013            | 0.185          | 70.00         | 70.00             | 1                    | 1.000         |
        """,
    )
    book.expect("marts.payment_trends", "| payment_score | days_to_pay_12m |\n| 0.000 | 39.730 |")
