"""Entities with a calendar of their own: what is due, counted and weighed by whose business days (`features.business_days`)."""

from tests.small_books import SmallBook

INVOICES = """
| invoice_id | entity_id | customer_id | invoice_date | due_date   | currency | amount |
| I1         | DE01      | C1          | 2026-04-01   | 2026-05-01 | EUR      | 100.00 |
| I2         | US01      | C1          | 2026-04-01   | 2026-05-01 | EUR      | 200.00 |
"""


def test_an_invoice_is_due_on_a_business_day_of_its_entity(book: SmallBook) -> None:
    """On 1 May, a Friday, Germany rests and the United States work: by Tuesday one is a day late, the other two."""
    book.policy = "forecast: {calendar: US, entity_calendars: {DE01: DE}}"
    book.put(invoices=INVOICES)
    book.load()
    book.build("2026-05-05")
    book.expect("staging.entity_calendars", "| entity_id | calendar_number | calendar_code |\n| DE01 | 1 | DE |")
    found = book.rows(
        "select spells.entity_id, days.day, due.last_at_risk_day - due.due_day"
        " from features.receivable_spells as spells"
        " inner join features.spell_days as due on spells.spell_key = due.spell_key"
        " inner join features.business_days as days on due.due_day = days.business_day and days.is_business_day"
        " order by spells.entity_id"
    )
    assert [(entity, f"{day:%d.%m.}", late) for entity, day, late in found] == [
        ("DE01", "04.05.", 1),
        ("US01", "01.05.", 2),
    ]
    at_risk = "select sum(at_risk_count) from features.hazard_counts where lateness_bin >= 12"
    assert book.rows(at_risk) == [(2 + 3,)]
    lateness = "select max(lateness_bin) from features.calendar_counts where business_day {} 1000000"
    assert [book.rows(lateness.format(side)) for side in ("<", ">")] == [[(14,)], [(13,)]]
    book.expect(
        "features.count_weeks where age_week = 0",
        """
        | calendar_number | week_start | week_end   |
        | 0               | 2026-04-29 | 2026-05-05 |
        | 1               | 2026-04-29 | 2026-05-05 |
        """,
    )
    lengths = "select last_business_day - first_business_day + 1 from features.count_weeks where age_week = 0 order by calendar_number"
    assert book.rows(lengths) == [(5,), (4,)]


def test_days_of_payment_and_billings_say_of_which_calendar_they_are(book: SmallBook) -> None:
    book.policy = "forecast: {entity_calendars: {DE01: DE}}"
    book.put(
        invoices=INVOICES,
        payments="""
        | payment_id | entity_id | customer_id | payment_date | currency | amount |
        | P1         | DE01      | C1          | 2026-05-04   | EUR      | 60.00  |
        | P2         | US01      | C1          | 2026-05-04   | EUR      | 50.00  |
        """,
    )
    book.load()
    book.build("2026-05-05")
    for table, column in (("payment_days", "amount_base"), ("recent_billings", "billed_amount")):
        found = book.rows(f"select calendar_number, {column} from features.{table} order by 1")
        assert [(number, int(amount)) for number, amount in found] == {
            "payment_days": [(0, 50), (1, 60)],
            "recent_billings": [(0, 200), (1, 100)],
        }[table]
