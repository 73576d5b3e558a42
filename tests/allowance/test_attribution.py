"""What drove the provision, in the currency of the documents and in the entity's own."""

from checks.contract_checks import run_check
from checks.marts import RECONCILIATIONS
from models.contract import contract, sql
from tests.small_books import SmallBook

AGAIN = ("allowance.movements", "allowance.drivers", "marts.allowance_rollforward", "marts.allowance_attribution")
POLICY = """
allowance: {method: given, given_rates: [{pool: all, aging_bucket: current, rate: 0.05}]}
"""


def foreign(book: SmallBook) -> SmallBook:
    """1,000 dollars of an entity that counts in euros, reserved at 5 % after 20; a dollar is .80 now and was .90 at the close."""
    book.policy = POLICY
    book.put(
        entities="| entity_id | functional_currency |\n| main | EUR |",
        fx_rates="| rate_date | from_currency | to_currency | rate |\n| 2026-01-05 | USD | EUR | 0.9 |\n| 2026-01-31 | USD | EUR | 0.8 |",
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
        | I1         | C1          | 2026-01-05   | 2026-03-02 | USD      | 1000.00 |
        """,
        allowance_openings="| period_end | pool | currency | amount |\n| 2025-12-31 | all | USD | 20.00 |",
    )
    book.load()
    book.build("2026-01-31")
    book.rows("select * from marts.allowance_attribution")
    as_of, known_at = book.built or ()
    with book.home().warehouse() as warehouse:
        warehouse.execute("update allowance.openings set allowance_functional = 18")
        for table in AGAIN:
            warehouse.replace(contract(table), sql(table), {as_of: "test"}, known_at=known_at)
    return book


def test_what_the_opening_is_worth_otherwise_is_a_line_of_its_own_and_drives_no_provision(book: SmallBook) -> None:
    """30 dollars are provided, 24 euros at the day's rate; the opening's 18 euros are 16 at it. It tells no exposure."""
    foreign(book)
    book.expect(
        "marts.allowance_rollforward where amount_functional <> 0",
        """
        | line      | amount | amount_functional | functional_currency |
        | opening   | 20.00  | 18.00             | EUR                 |
        | provision | 30.00  | 24.00             | EUR                 |
        | fx        | 0.00   | -2.00             | EUR                 |
        | closing   | 50.00  | 40.00             | EUR                 |
        """,
    )
    book.expect(
        "marts.allowance_attribution where amount <> 0 or driver = 'fx'",
        """
        | driver | amount | amount_functional | amount_base |
        | volume | 50.00  | 40.00             | 40.00       |
        | rate   | -20.00 | -16.00            | -16.00      |
        | fx     | 0.00   | 0.00              | 0.00        |
        """,
    )


def test_drivers_that_do_not_add_up_in_the_entity_s_own_currency_are_found(book: SmallBook) -> None:
    foreign(book)
    (check,) = [one for one in RECONCILIATIONS if one.name == "drivers_add_up_to_the_provision"]
    as_of, known_at = book.built or ()
    with book.home().warehouse() as warehouse:
        given = {"as_of": as_of, "known_at": known_at}
        assert run_check(check, warehouse, given)[0] == 0
        warehouse.execute("update marts.allowance_attribution set amount_functional = 1 where driver = 'fx'")
        assert run_check(check, warehouse, given)[0] == 1
