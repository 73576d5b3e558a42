"""DSO computed by hand: sales, the ten definitions, countback, related parties.

Belongs here: examples that anchor the oracle's DSO, the published one among them. Does not: open amounts.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.ledger import OraclePolicy, countback, dso
from tests.oracle.tables import LATER, book, day, expect, read

POLICY = OraclePolicy()


def dso_rows(given: dict, as_of: str, period_end: str | None = None) -> list[dict]:
    """The rows of one period end, as_of's own by default."""
    wanted: date = day(period_end or as_of)
    return [
        {"entity_id": entity_id, "currency": currency, "definition": definition} | row
        for (end, entity_id, currency, definition), row in dso(given, day(as_of), LATER, POLICY).items()
        if end == wanted
    ]


def test_countback_published_example():
    """AR 212,000 against months of 100,000, 80,000, 70,000 (newest first) of 30 days each: 73.714."""
    found = countback(Decimal(212_000), [(30, Decimal(m)) for m in (100_000, 80_000, 70_000)])
    assert found["days"] == 30 + 30 + Fraction(30 * 32, 70)
    assert round(float(found["days"]), 3) == 73.714
    assert found["flags"] == set()


@pytest.mark.parametrize(
    ("receivables", "months", "days", "sales", "flags"),
    [
        ("100", [(31, 200), (30, 50)], "31/2", 200, set()),  # within the newest month
        ("200", [(31, 200), (30, 50)], "31", 200, set()),  # just the newest month
        ("250", [(31, 200), (30, 50)], "61", 250, set()),  # history just suffices
        ("251", [(31, 200), (30, 50)], "61", 250, {"history_ends"}),
        ("300", [(31, 100), (30, 0), (31, 400)], "153/2", 500, {"month_without_sales"}),
        ("300", [(31, 100), (30, -200), (31, 800)], "153/2", 700, {"month_without_sales"}),
        ("300", [(31, 100), (30, 0)], "61", 100, {"month_without_sales", "history_ends"}),
        ("0", [(31, 100)], "0", 0, {"no_receivables"}),
        ("-5", [(31, 100)], "0", 0, {"no_receivables"}),
    ],
)
def test_countback_month_by_month(receivables, months, days, sales, flags):
    found = countback(Decimal(receivables), [(n, Decimal(amount)) for n, amount in months])
    assert found == {"days": Fraction(days), "sales": sales, "flags": flags}


QUARTER = book(
    customers="""
    customer_id | related_party
    acme        | no
    sister      | yes
    """,
    invoices="""
    invoice_id | customer_id | invoice_date | due_date | amount
    A1         | acme        | 01-01        | 01-31    | 700.00
    A2         | acme        | 02-10        | 03-12    | 800.00
    A3         | nobody      | 03-10        | 03-31    | 1,000.00
    S1         | sister      | 03-15        | 04-14    | 500.00
    """,
    payments="""
    payment_id | customer_id | payment_date | amount
    P1         | acme        | 02-01        | 380.00
    P2         | sister      | 03-20        | 100.00
    """,
)


def test_the_ten_definitions():
    # Receivables 700 + 800 + 1,000 - 380; not yet due the 1,000; sales from 03-02, 01-01 and 2025-04-01.
    # Countback: 31 + 28 + 31 * 320/700.
    expect(
        dso_rows(QUARTER, "03-31"),
        """
        definition                  | days    | receivables | sales | excluded_amount | flag
        simple_30                   | 318/5   | 2,120       | 1,000 | 400             |
        simple_90                   | 1908/25 | 2,120       | 2,500 | 400             |
        simple_365                  | 7738/25 | 2,120       | 2,500 | 400             | short_history
        best_possible_30            | 30      | 1,000       | 1,000 | 400             |
        best_possible_90            | 36      | 1,000       | 2,500 | 400             |
        best_possible_365           | 146     | 1,000       | 2,500 | 400             | short_history
        average_days_delinquent_30  | 168/5   | 1,120       | 1,000 | 400             |
        average_days_delinquent_90  | 1008/25 | 1,120       | 2,500 | 400             |
        average_days_delinquent_365 | 4088/25 | 1,120       | 2,500 | 400             | short_history
        countback                   | 2561/35 | 2,120       | 2,500 | 400             |
        """,
    )


def test_period_ends_are_the_month_ends_and_as_of_and_the_newest_month_runs_to_it():
    ends = {key[0] for key in dso(QUARTER, day("03-15"), LATER, POLICY)}
    assert ends == {day("01-31"), day("02-28"), day("03-15")}
    assert {key[0] for key in dso(QUARTER, day("02-28"), LATER, POLICY)} == {day("01-31"), day("02-28")}
    # On 03-15: 15 days with 1,000 of sales, 28 with 800, and 320 of January's 700.
    (row,) = [row for row in dso_rows(QUARTER, "03-15") if row["definition"] == "countback"]
    assert row["days"] == 15 + 28 + Fraction(31 * 320, 700)


def test_a_month_end_of_history_is_computed_as_of_that_day():
    # On 02-28: 700 + 800 - 380 open, 800 not yet due; sales from 01-30.
    rows = [r for r in dso_rows(QUARTER, "03-31", "02-28") if r["definition"].endswith(("_30", "countback"))]
    expect(
        rows,
        """
        definition                 | days   | receivables | sales | excluded_amount | flag
        simple_30                  | 42     | 1,120       | 800   | 0               |
        best_possible_30           | 30     | 800         | 800   | 0               |
        average_days_delinquent_30 | 12     | 320         | 800   | 0               |
        countback                  | 1476/35 | 1,120      | 1,500 | 0               |
        """,
    )


def test_sales_of_a_window_go_by_posting_date_and_a_void_by_its_own():
    given = book(
        invoices="""
        invoice_id | document_type | invoice_date | posting_date | amount   | status | voided_on
        V1         |               | 02-20        |              | 100.00   | void   | 03-10
        V2         |               | 03-05        |              | 200.00   | void   | 03-20
        V3         |               | 03-06        |              | 50.00    | posted | 04-05
        V4         |               | 03-07        |              | 3,000.00 | void   |
        V5         |               | 03-02        | 02-28        | 1,000.00 |        |
        V6         |               | 02-25        | 03-02        | 10.00    |        |
        V7         |               | 03-01        |              | 20.00    |        |
        V8         |               | 03-31        |              | 500.00   |        |
        V9         |               | 03-10        |              | 60.00    | draft  |
        V0         |               | 02-20        | 03-05        | 900.00   | void   | 02-25
        D1         | debit_memo    | 03-10        |              | 7.00     |        |
        """,
        payments="""
        payment_id | payment_date | amount
        P1         | 03-10        | 5,000.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount | voided_on
        C1             | 03-12       | 30.00  |
        C2             | 02-10       | 40.00  | 03-15
        """,
    )
    # -100 (V1) + 0 (V2) + 50 (V3) + 0 (V4) + 10 (V6) + 500 (V8) + 7 (D1) - 30 (C1) + 40 (C2),
    # and 0 for V0: nothing is void before it is posted
    by_definition = {row["definition"]: row for row in dso_rows(given, "03-31")}
    assert by_definition["simple_30"]["sales"] == 477
    # All of it: 50 (V3) + 1,000 + 10 + 20 + 500 + 7 - 30
    assert by_definition["simple_90"]["sales"] == 1557


@pytest.mark.parametrize(("first", "flag"), [("03-02", ""), ("03-03", "short_history")])
def test_short_history_is_a_first_posting_after_the_first_day_of_the_window(first, flag):
    given = book(
        payments=f"""
        payment_id | payment_date | amount
        P1         | {first}      | 1.00
        """,
        invoices="""
        invoice_id | invoice_date | amount
        I1         | 03-10        | 100.00
        """,
    )
    (row,) = [row for row in dso_rows(given, "03-31") if row["definition"] == "simple_30"]
    assert row["flag"] == flag


def test_without_sales_there_are_no_days_and_flags_are_joined_in_order():
    given = book(
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 03-20       | 10.00
        """
    )
    rows = [r for r in dso_rows(given, "03-31") if r["definition"].endswith(("_30", "countback"))]
    expect(
        rows,
        """
        definition                 | receivables | sales | flag
        simple_30                  | -10.00      | -10   | no_sales;short_history
        best_possible_30           | 0           | -10   | no_sales;short_history
        average_days_delinquent_30 | -10.00      | -10   | no_sales;short_history
        countback                  | -10.00      | 0     | no_receivables
        """,
    )
    assert {row["definition"]: row["days"] for row in rows} == {
        "simple_30": None,
        "best_possible_30": None,
        "average_days_delinquent_30": None,
        "countback": 0,
    }


def test_sales_of_nothing_are_no_sales():
    given = book(
        payments="""
        payment_id | payment_date | amount
        P1         | 01-10        | 10.00
        """
    )
    (row,) = [row for row in dso_rows(given, "03-31") if row["definition"] == "simple_30"]
    assert (row["days"], row["sales"], row["flag"]) == (None, 0, "no_sales")


def test_history_ends_where_sales_were_credited_to_a_related_party():
    given = book(
        customers="""
        customer_id | related_party
        sister      | yes
        """,
        invoices="""
        invoice_id | customer_id | invoice_date | amount
        I1         | acme        | 02-10        | 100.00
        S1         | sister      | 01-10        | 40.00
        """,
        credit_memos="""
        credit_memo_id | credit_date | amount
        C1             | 03-05       | 40.00
        """,
        applications="""
        application_id | source_id | invoice_id | applied_on | amount
        A1             | C1        | S1         | 03-05      | 40.00
        """,
    )
    # 100 open against -40, 100 and 0 of sales: March, February and January, and nothing before.
    (row,) = [row for row in dso_rows(given, "03-31") if row["definition"] == "countback"]
    assert row["days"] == 90
    assert row["flag"] == "history_ends;month_without_sales"


def test_each_entity_and_currency_has_rows_from_its_first_posting():
    given = book(
        invoices="""
        entity_id | invoice_id | invoice_date | currency | amount
                  | I1         | 01-10        | USD      | 100.00
        main      | I2         | 02-10        | EUR      | 100.00
        east      | I1         | 03-10        | USD      | 100.00
        east      | I2         | 04-10        | EUR      | 100.00
        """
    )
    keys = {key[:3] for key in dso(given, day("03-31"), LATER, POLICY)}
    wanted = read("""
        period_end | entity_id | currency
        01-31      | main      | USD
        02-28      | main      | USD
        02-28      | main      | EUR
        03-31      | main      | USD
        03-31      | main      | EUR
        03-31      | east      | USD
    """)
    assert keys == {tuple(row.values()) for row in wanted}


def test_who_is_related_is_asked_of_as_of_for_the_whole_history():
    given = book(
        customers="""
        customer_id | valid_from | related_party
        sister      |            | no
        sister      | 02-15      | yes
        """,
        invoices="""
        invoice_id | customer_id | invoice_date | amount
        S1         | sister      | 01-10        | 500.00
        """,
    )
    before = {row["excluded_amount"] for row in dso_rows(given, "02-14", "01-31")}
    after = {row["excluded_amount"] for row in dso_rows(given, "02-15", "01-31")}
    assert (before, after) == ({0}, {500})
