"""Suites: what a line asks, that each rule is able to fail, and that a book which reaches every branch keeps them.

Belongs here: the rules of `checks/suites/` and how they are run. That every feed and mart has some belongs to
tests/architecture.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from assets.resources.warehouse import Warehouse
from checks.expectations import CouldNotRun, Expectation, run_expectations
from checks.judgement import judged_rows
from checks.suites import asked, suite, suites
from models.contract import contract
from tests.portability.generated_book import AS_OFS
from tests.small_books import SmallBook

Row = dict[str, Any]


@pytest.fixture(scope="module")
def empty() -> Iterator[Warehouse]:
    """A warehouse in which tables are made as they are asked for."""
    with Warehouse(None) as opened:
        yield opened


def put(warehouse: Warehouse, table: str, rows: list[Row]) -> None:
    """Let a table hold these rows and no others; a column that a row leaves out is empty."""
    warehouse.create_empty(contract(table))
    warehouse.execute(f"delete from {table}")
    columns = list(dict.fromkeys(name for row in rows for name in row)) or [next(iter(contract(table).column_types()))]
    cells = ["(" + ", ".join(f"'{row[name]}'" if name in row else "null" for name in columns) + ")" for row in rows]
    if cells:
        warehouse.execute(f"insert into {table} ({', '.join(columns)}) values {', '.join(cells)}")


def a_little_and_more(rule: Expectation, column: str) -> tuple[Any, Any]:
    """Two values of a column's type, the lower first."""
    if contract(rule.table).column_types()[column] == "DATE":
        return date(2026, 1, 1), date(2026, 1, 2)
    return 1, 2


def kept_and_broken(rule: Expectation) -> tuple[list[Row], list[Row]]:
    """Rows that keep a rule, and rows that break it, just so; of a share of rows more break it than may."""
    said = rule.arguments
    if rule.type == "expect_table_row_count_to_be_between":
        return [], [{}] * (said["max_value"] + 1)
    if rule.type == "expect_column_unique_value_count_to_be_between":
        return [], [{said["column"]: f"v{n}"} for n in range(said["max_value"] + 1)]
    if rule.type.endswith("_unique"):
        names = said.get("column_list") or [said["column"]]
        alike = {name: a_little_and_more(rule, name)[0] for name in names}
        return [{**alike, name: a_little_and_more(rule, name)[1]} for name in names], [alike, alike]
    if rule.type == "expect_column_pair_values_a_to_be_greater_than_b":
        less, more = a_little_and_more(rule, said["column_A"])
        keeping = [{said["column_A"]: more, said["column_B"]: less}, {said["column_A"]: less}]
        broken = {said["column_A"]: less, said["column_B"]: more}
        equal = {said["column_A"]: less, said["column_B"]: less}
        return ([*keeping, equal], [broken]) if said["or_equal"] else (keeping, [broken, equal])
    if rule.type == "expect_column_value_lengths_to_be_between":
        kept, broken = "x" * said["min_value"], "x" * (said["min_value"] - 1)
        return [{said["column"]: kept}], [{said["column"]: broken}]
    return bounds(said)


def bounds(said: dict[str, Any]) -> tuple[list[Row], list[Row]]:
    """The rows of a range: its ends and what lies beyond; other lines of a table may hold what they will."""
    kept, broken = [], []
    for end, out in (("min_value", -1), ("max_value", 1)):
        if end in said:
            strict = said.get(f"strict_{end[:3]}", False)
            kept.append(said[end] - out if strict else said[end])
            broken.append(said[end] if strict else said[end] + out)
    column, only = said["column"], {}
    keeping = [{column: value} for value in kept]
    if "row_condition" in said:
        name, value = said["row_condition"].removeprefix('col("').rstrip('"').split('") == "')
        only = {name: value}
        keeping = [{**row, **only} for row in keeping] + [{column: value, name: "another"} for value in broken]
    return keeping, [{column: value, **only} for value in broken] * (3 if "mostly" in said else 1)


@pytest.mark.parametrize("rule", suites(), ids=lambda rule: f"{rule.table} {rule.name}")
def test_a_rule_finds_the_rows_that_break_it_and_no_others(rule: Expectation, empty: Warehouse) -> None:
    keeping, breaking = kept_and_broken(rule)
    put(empty, rule.table, keeping + breaking)
    of_the_whole = rule.type.endswith("_count_to_be_between")
    expected = 1 if of_the_whole else len(breaking)
    assert run_expectations([rule], empty, f"select * from {rule.table}") == {rule.name: expected}


def test_a_figure_of_floating_point_may_pass_a_bound_by_a_hair(empty: Warehouse) -> None:
    put(empty, "marts.payment_trends", [{"payment_score": 100.00000000000001}, {"payment_score": 100.1}])
    (rule,) = [rule for rule in suites() if rule.name == "scores_are_of_a_hundred"]
    assert run_expectations([rule], empty, "select * from marts.payment_trends") == {rule.name: 1}


def test_the_rules_hold_in_a_book_that_reaches_every_branch(generated: SmallBook, warehouse: Warehouse) -> None:
    broken = []
    for table in {rule.table: rule for rule in suites() if warehouse.exists(rule.table)}:
        rows = judged_rows(contract(table), AS_OFS[0], generated.home().as_known_at)
        broken += [name for name, found in run_expectations(suite(table), warehouse, rows).items() if found]
    assert broken == []


def test_rules_are_asked_of_the_day_and_of_versions_that_hold(empty: Warehouse) -> None:
    put(
        empty,
        "staging.invoices",
        [
            {"amount": 1, "tax_amount": 2, "known_from": "2026-01-01", "known_to": "2026-02-01"},
            {"amount": 2, "tax_amount": 1, "known_from": "2026-02-01", "known_to": "9999-12-31"},
            {"amount": 1, "tax_amount": 2, "known_from": "2026-04-01", "known_to": "9999-12-31"},
        ],
    )
    put(empty, "marts.dso", [{"days": 9999, "as_of": "2026-01-31"}, {"days": 30, "as_of": "2026-02-28"}])

    january, february, known = date(2026, 1, 31), date(2026, 2, 28), datetime(2026, 3, 1)

    def broken(name: str, day: date, known_at: datetime) -> Any:
        (rule,) = [rule for rule in suites() if rule.name == name]
        return run_expectations([rule], empty, judged_rows(contract(rule.table), day, known_at))[name]

    assert broken("no_tax_exceeds_its_invoice", january, datetime(2026, 1, 15)) == 1
    assert broken("no_tax_exceeds_its_invoice", january, known) == 0
    assert broken("dso_is_a_believable_number_of_days", january, known) == 1
    assert broken("dso_is_a_believable_number_of_days", february, known) == 0


def test_a_rule_that_cannot_run_says_so_and_leaves_the_others_alone(empty: Warehouse) -> None:
    put(empty, "marts.aging", [{"item_count": -1, "bucket_order": 1}])
    between = "expect_column_values_to_be_between"
    rules = [
        Expectation("marts.aging", "broken", "", between, {"column": "item_count", "min_value": 0}),
        Expectation("marts.aging", "kept", "", between, {"column": "bucket_order", "min_value": 0}),
        Expectation("marts.aging", "astray", "", between, {"column": "no_such_column", "min_value": 0}),
    ]
    said = run_expectations(rules, empty, "select * from marts.aging")
    assert (said["broken"], said["kept"]) == (1, 0)
    assert isinstance(said["astray"], CouldNotRun)


def test_what_is_not_there_breaks_no_rule_but_those_of_how_many_rows(empty: Warehouse) -> None:
    put(empty, "staging.policy", [])
    rule = next(rule for rule in suites() if rule.name == "there_is_one_policy")
    other = Expectation("staging.policy", "other", "", "expect_column_to_exist", {"column": "none"})
    assert run_expectations([rule, other], empty, "select * from staging.policy") == {rule.name: 1, "other": 0}


@pytest.mark.parametrize(
    ("line", "kind", "arguments"),
    [
        ("0 <= rate <= 1", "column_values_to_be_between", {"column": "rate", "min_value": 0, "max_value": 1}),
        ("rate <= 1.5", "column_values_to_be_between", {"column": "rate", "max_value": 1.5}),
        ("rate > -2", "column_values_to_be_between", {"column": "rate", "min_value": -2, "strict_min": True}),
        ("length of name >= 3", "column_value_lengths_to_be_between", {"column": "name", "min_value": 3}),
        ("different name <= 9", "column_unique_value_count_to_be_between", {"column": "name", "max_value": 9}),
        ("rows = 1", "table_row_count_to_be_between", {"min_value": 1, "max_value": 1}),
        (
            "50 % of rows: rate < 0",
            "column_values_to_be_between",
            {"column": "rate", "max_value": 0, "strict_max": True, "mostly": 0.5},
        ),
        ("rate >= 0, else it is lost", "column_values_to_be_between", {"column": "rate", "min_value": 0}),
        ("name is unique", "column_values_to_be_unique", {"column": "name"}),
        ("a, b are unique", "compound_columns_to_be_unique", {"column_list": ["a", "b"], "ignore_row_if": "never"}),
        (
            "due_date > made_on",
            "column_pair_values_a_to_be_greater_than_b",
            {
                "column_A": "due_date",
                "column_B": "made_on",
                "or_equal": False,
                "ignore_row_if": "either_value_is_missing",
            },
        ),
        (
            "amount >= 0 where line = closing",
            "column_values_to_be_between",
            {
                "column": "amount",
                "min_value": 0,
                "row_condition": 'col("line") == "closing"',
                "condition_parser": "great_expectations",
            },
        ),
    ],
)
def test_a_line_asks_what_it_says(line: str, kind: str, arguments: Row) -> None:
    assert asked(line) == (f"expect_{kind}", arguments)


@pytest.mark.parametrize("line", ["", "rate", "rate => 0", "0 >= rate", "rate in (1, 2)", "rows", "rate >= 0 where x"])
def test_what_is_said_otherwise_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no rule is said like this"):
        asked(line)
