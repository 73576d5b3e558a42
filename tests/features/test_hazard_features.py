"""What hazards are counted from: what is open and known of it, the axis of business days, and days at risk."""

from tests.features.test_receivable_spells import built
from tests.small_books import SmallBook


def test_what_can_still_become_cash_and_what_is_known_of_it(book: SmallBook) -> None:
    book.put(
        disputes="| dispute_id | invoice_id | opened_on | amount |\n| D1 | I2 | 2026-02-01 | 5.00 |",
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount |
        | R1         | C1          | I2         | 2026-02-20 | 2026-03-06    | EUR      | 50.00  |
        """,
        payments_2="| payment_id | customer_id | payment_date | currency | amount |\n| P9 | C1 | 2026-02-27 | EUR | 20.00 |",
    )
    built(book, "2026-02-28").expect(
        "features.open_receivables",
        """
        | open_amount | left_open | disputed_open | expected_resolution_date | is_insolvent |
        | 50.00       | 30.00     | 5.00          | 2026-03-18               | False        |
        """,
    )
    book.expect(
        "features.promised_parts",
        "| promised_date | keep_probability | promised_amount |\n| 2026-03-06 | 0.500 | 25.00 |",
    )
    book.expect(
        "ledger.netted_items",
        "| document_id | left_open |\n| I2 | 30.00 |\n| P9 | 0.00 |",
    )


def test_each_instalment_of_a_plan_is_promised_by_itself(book: SmallBook) -> None:
    """Of the hundred, forty are promised for the 6th and thirty for the 20th; the promise made before the plan is over."""
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-05 | EUR | 100.00 |",
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount | plan_id |
        | R1         | C1          | I1         | 2026-02-10 | 2026-03-02    | EUR      | 100.00 | .       |
        | R2         | C1          | I1         | 2026-02-20 | 2026-03-20    | EUR      | 30.00  | PLAN    |
        | R3         | C1          | I1         | 2026-02-20 | 2026-03-06    | EUR      | 40.00  | PLAN    |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "features.promised_parts",
        "| promised_date | promised_amount |\n| 2026-03-06 | 40.00 |\n| 2026-03-20 | 30.00 |",
    )


def test_a_promise_that_names_no_invoice_is_of_what_is_due_first_and_not_promised_by_invoice(book: SmallBook) -> None:
    """C1 promises 150 of its account, the newest of two: sixty of I1 are promised by themselves, so 40 of I1, then I2, which
    is due before I3; what is owed in dollars, or by C2, is not promised."""
    book.put(
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount |
        | I1         | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00 |
        | I2         | C1          | 2026-01-06   | 2026-02-05 | EUR      | 50.00  |
        | I3         | C1          | 2026-01-07   | 2026-02-06 | EUR      | 200.00 |
        | I4         | C1          | 2026-01-01   | 2026-01-31 | USD      | 300.00 |
        | I5         | C2          | 2026-01-01   | 2026-01-31 | EUR      | 400.00 |
        """,
        promises="""
        | promise_id | customer_id | invoice_id | made_on    | promised_date | currency | amount |
        | R1         | C1          | I1         | 2026-02-10 | 2026-03-02    | EUR      | 60.00  |
        | R2         | C1          | .          | 2026-02-11 | 2026-03-04    | EUR      | 500.00 |
        | R3         | C1          | .          | 2026-02-20 | 2026-03-06    | EUR      | 150.00 |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "features.promised_parts as told inner join features.open_receivables as owed on told.spell_key = owed.spell_key",
        """
        | left_open | promised_date | promised_amount |
        | 100.00    | 2026-03-02    | 60.00           |
        | 100.00    | 2026-03-06    | 40.00           |
        | 50.00     | 2026-03-06    | 50.00           |
        | 200.00    | 2026-03-06    | 60.00           |
        """,
    )


def test_insolvency_is_known_while_its_case_is_open(book: SmallBook) -> None:
    book.put(
        specific_events="""
        | event_id | customer_id | kind       | event_date | expected_loss_rate |
        | E1       | C1          | bankruptcy | 2026-02-01 | 0.9                |
        """
    )
    built(book, "2026-02-28").expect(
        "features.open_receivables",
        "| left_open | is_insolvent | expected_recovery_share |\n| 50.00 | True | 0.100 |",
    )


def test_what_is_recovered_is_what_the_allowance_does_not_reserve(book: SmallBook) -> None:
    """A case over one invoice leaves the others alone; the scenarios of a bankruptcy are weighed; a status has the
    policy's loss of its kind."""
    book.put(
        customers="| customer_id | status |\n| C1 | . |\n| C2 | . |\n| C3 | litigation |",
        invoices="""
        | invoice_id | customer_id | invoice_date | currency | amount |
        | I1         | C1          | 2026-01-05   | EUR      | 100.00 |
        | I2         | C1          | 2026-01-05   | EUR      | 200.00 |
        | I3         | C2          | 2026-01-05   | EUR      | 300.00 |
        | I4         | C3          | 2026-01-05   | EUR      | 400.00 |
        """,
        specific_events="""
        | event_id | scenario | weight | customer_id | invoice_id | kind       | event_date | expected_loss_rate |
        | E1       | .        | .      | C1          | I1         | litigation | 2026-02-01 | 0.7                |
        | E2       | good     | 3      | C2          | .          | bankruptcy | 2026-02-01 | 0.4                |
        | E2       | bad      | 1      | C2          | .          | bankruptcy | 2026-02-01 | 0.8                |
        """,
    )
    book.load()
    book.build("2026-02-28")
    book.expect(
        "features.open_receivables",
        """
        | left_open | is_insolvent | expected_recovery_share |
        | 100.00    | True         | 0.300                   |
        | 200.00    | False        | .                       |
        | 300.00    | True         | 0.500                   |
        | 400.00    | True         | 0.500                   |
        """,
    )
    allowed = "select distinct expected_loss_rate from allowance.specific_events order by 1"
    assert [float(rate) for (rate,) in book.rows(allowed)] == [0.5, 0.7]


def test_the_axis_counts_business_days_and_weeks_end_on_the_day(book: SmallBook) -> None:
    built(book, "2026-02-28")
    book.expect(
        "features.business_days where day between date '2026-02-27' and date '2026-03-02'",
        """
        | day        | is_business_day | weekday | month_position | days_to_month_end |
        | 2026-02-27 | True            | 4       | 5              | 1                 |
        | 2026-02-28 | False           | 5       | 5              | 0                 |
        | 2026-03-01 | False           | 6       | 0              | 30                |
        | 2026-03-02 | True            | 0       | 0              | 29                |
        """,
    )
    book.expect(
        "features.count_weeks where age_week < 2",
        """
        | age_week | week_start | week_end   |
        | 0        | 2026-02-22 | 2026-02-28 |
        | 1        | 2026-02-15 | 2026-02-21 |
        """,
    )
    book.expect("features.lateness_bins where lateness_bin = 12", "| first_lateness | last_lateness |\n| 0 | 0 |")


def test_days_at_risk_end_with_what_settled_the_receivable(book: SmallBook) -> None:
    """I1 is due on Wednesday 4 February and is settled on Saturday the 14th, which counts as the Friday before."""
    built(book, "2026-02-28")
    of_first = (
        "spell_key = (select min(spell_key) from features.receivable_spells where entry_date = date '2026-01-05')"
    )
    book.expect(
        f"features.lateness_spans where {of_first} and lateness_bin >= 12",
        """
        | lateness_bin | exit_kind |
        | 12           | .         |
        | 13           | .         |
        | 14           | .         |
        | 15           | .         |
        | 16           | .         |
        | 17           | .         |
        | 18           | cash      |
        """,
    )
    book.expect("features.delay_counts where delay_days = 10", "| age_week | item_count |\n| 2 | 1 |")
    exits = "sum(exit_count) from features.hazard_counts", "sum(exit_count) from features.calendar_counts"
    assert [book.rows(f"select {each}") for each in exits] == [[(3,)], [(3,)]]
