"""The rules of SQL files: one select with a definition above it, days and knowledge never mixed, columns as promised.

Belongs here: what each file must say. Does not: which constructs it may use; that is tests/portability.
"""

from collections.abc import Callable, Collection
from itertools import takewhile
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from assets.sql_asset import tables_in
from checks.judgement import LAYERS
from models.contract import SEAM_COLUMNS, WORDS, Contract, contract
from tests.architecture.sources import ROOT, place

TABLE_SQL = sorted((ROOT / "models").glob("*/*.sql"))
CHECK_SQL = sorted((ROOT / "checks").rglob("*.sql"))
ALL_SQL = [*TABLE_SQL, *CHECK_SQL]
MOST_LINES = 119
KNOWN_THEN = {("known_from", exp.LTE), ("known_to", exp.GT)}
KNOWN_ONCE = {("known_from", exp.LTE)}
# a closed period is compared with what was known at its close, and keeps its rates, though later versions replaced them
READ_AS_AT_THE_CLOSE = {"ledger.daily_rates": {"fx_rates"}, "marts.restatements": {"documents", "postings"}}


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def definition(path: Path) -> str:
    """The comment with which a file begins."""
    lines = takewhile(lambda line: line.startswith("--"), read(path).splitlines())
    return " ".join(line.removeprefix("--").strip() for line in lines)


def parsed(text: str) -> exp.Expr:
    """The one statement of a text."""
    (statement,) = sqlglot.parse(text, dialect="duckdb")
    assert statement is not None
    return statement


def branches(tree: exp.Expr) -> list[exp.Select]:
    """The selects of which a result is the union; one where it is none."""
    return [*branches(tree.left), *branches(tree.right)] if isinstance(tree, exp.Union) else [tree]


def promise_of(path: Path):
    """The contract of the table that a file makes."""
    return contract(f"{path.parent.name}.{path.stem}")


@pytest.mark.parametrize("path", ALL_SQL, ids=place)
def test_a_file_begins_with_its_definition_in_words(path: Path) -> None:
    said = definition(path)
    assert len(said.split()) >= 5
    assert said[0].isupper() and said.endswith((".", ".)")), said


def test_a_check_is_described_by_its_definition_and_no_later_comment() -> None:
    described = {check.name: check.description for layer in LAYERS for check in layer.RECONCILIATIONS}
    assert described == {path.stem: definition(path) for path in CHECK_SQL}


@pytest.mark.parametrize("path", ALL_SQL, ids=place)
def test_a_file_is_one_select_and_short(path: Path) -> None:
    assert isinstance(parsed(read(path)), exp.Select | exp.Union)
    assert len(read(path).splitlines()) <= MOST_LINES
    assert read(path).endswith("\n") and ";" not in read(path).split("\n")[-2]


@pytest.mark.parametrize("path", ALL_SQL, ids=place)
def test_the_last_select_names_its_columns(path: Path) -> None:
    for select in branches(parsed(read(path))):
        assert [column.sql() for column in select.expressions if column.is_star] == []


@pytest.mark.parametrize("path", TABLE_SQL, ids=place)
def test_the_columns_are_those_of_the_contract_in_its_order(path: Path) -> None:
    named = [column.alias_or_name for column in branches(parsed(read(path)))[0].expressions]
    promised = promise_of(path)
    assert named == [name for name in promised.column_types() if not promised.per_day or name not in SEAM_COLUMNS]


@pytest.mark.parametrize("path", CHECK_SQL, ids=place)
def test_a_check_says_what_disagrees_how_often_and_for_how_much(path: Path) -> None:
    named = [column.alias_or_name for column in parsed(read(path)).selects]
    assert len(named) == 3
    assert named[1:] == ["failing_rows", "amount"]


@pytest.mark.parametrize("path", TABLE_SQL, ids=place)
def test_a_table_reads_nothing_to_its_right(path: Path) -> None:
    own = WORDS.index(path.parent.name)
    assert [name for name in tables_in(read(path)) if WORDS.index(name.split(".")[0]) > own] == []


@pytest.mark.parametrize("path", TABLE_SQL, ids=place)
def test_only_a_table_of_days_asks_for_the_day(path: Path) -> None:
    promised = promise_of(path)
    if not promised.per_day:
        assert "$as_of" not in read(path)
    if promised.kind == "view":
        assert "$" not in read(path)


def demands(table: exp.Table) -> list[exp.Expr]:
    """Every condition that holds for a table where it is read: those of `where`, and those of its own join."""
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where")
    found = list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where.this] if where else []
    join = table.parent
    if isinstance(join, exp.Join) and join.args.get("on"):
        on = join.args["on"]
        found += list(on.flatten()) if isinstance(on, exp.And) else [on]
    return found


def is_of(column: exp.Expr, name: str, table: exp.Table) -> bool:
    """Whether an expression is this column of this table; a name without a prefix may stand where there is no other."""
    if not isinstance(column, exp.Column) or column.name != name:
        return False
    alone = not table.find_ancestor(exp.Select).args.get("joins")
    return column.table == table.alias_or_name or (alone and not column.table)


def warehouse_tables(text: str) -> list[exp.Table]:
    """Where a text reads tables of the warehouse."""
    return [table for table in parsed(text).find_all(exp.Table) if table.db in WORDS]


def read_without(text: str, column: str, is_held: Callable[[Contract], bool]) -> list[str]:
    """Tables that hold several of what `column` says, and that a text reads without `column = $column`."""
    found = []
    for table in warehouse_tables(text):
        wanted = [
            demand
            for demand in demands(table)
            if isinstance(demand, exp.EQ)
            and is_of(demand.this, column, table)
            and isinstance(demand.expression, exp.Placeholder)
            and demand.expression.name == column
        ]
        if is_held(contract(f"{table.db}.{table.name}")) and not wanted:
            found.append(table.sql())
    return found


def unfiltered_days(text: str) -> list[str]:
    """Tables of days that a text reads without `as_of = $as_of`."""
    return read_without(text, "as_of", lambda promised: promised.per_day)


def unfiltered_times(text: str) -> list[str]:
    """Tables of what was known at one time that a text reads without `known_at = $known_at`."""
    return read_without(text, "known_at", lambda promised: "known_at" in promised.column_types())


def unfiltered_knowledge(text: str, as_at_the_close: Collection[str] = ()) -> list[str]:
    """Tables of versions that a text reads without `known_from <= $known_at and known_to > $known_at`."""
    found = []
    for table in warehouse_tables(text):
        held = {
            (demand.this.name, type(demand))
            for demand in demands(table)
            if isinstance(demand, exp.LTE | exp.GT)
            and (is_of(demand.this, "known_from", table) or is_of(demand.this, "known_to", table))
            and isinstance(demand.expression, exp.Placeholder)
            and demand.expression.name == "known_at"
        }
        wanted = KNOWN_ONCE if table.name in as_at_the_close else KNOWN_THEN
        if "known_to" in contract(f"{table.db}.{table.name}").column_types() and held != wanted:
            found.append(table.sql())
    return found


@pytest.mark.parametrize("path", ALL_SQL, ids=place)
def test_a_table_of_days_is_read_for_one_day(path: Path) -> None:
    assert unfiltered_days(read(path)) == []


@pytest.mark.parametrize("path", ALL_SQL, ids=place)
def test_what_was_known_at_a_time_is_read_for_that_time(path: Path) -> None:
    assert unfiltered_times(read(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "select sign from ledger.known_documents",
        "select sign from ledger.known_documents where known_at <= $known_at",
        "select d.sign from ledger.known_documents as d inner join ledger.known_accounts as a on a.known_at = $known_at",
    ],
)
def test_a_time_that_is_not_asked_for_is_seen(text: str) -> None:
    assert unfiltered_times(text) != []


@pytest.mark.parametrize("path", [path for path in TABLE_SQL if promise_of(path).per_day], ids=place)
def test_nothing_is_read_that_was_not_known(path: Path) -> None:
    as_at_the_close = READ_AS_AT_THE_CLOSE.get(promise_of(path).name, set())
    assert unfiltered_knowledge(read(path), as_at_the_close) == []


@pytest.mark.parametrize(
    "text",
    [
        "select open_amount from ledger.open_items",
        "select open_amount from ledger.open_items where as_of = $as_of or currency = 'USD'",
        "select open_amount from ledger.open_items where as_of <= $as_of",
        "select i.open_amount from ledger.postings as p inner join ledger.open_items as i on p.line = 1 where p.as_of = $as_of",
    ],
)
def test_a_day_that_is_not_asked_for_is_seen(text: str) -> None:
    assert unfiltered_days(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "select amount from ledger.postings",
        "select amount from ledger.postings where known_from <= $known_at",
        "select amount from ledger.postings where known_from <= $known_at and known_to >= $known_at",
        "select amount from ledger.postings where (known_from <= $known_at and known_to > $known_at) or line = 1",
    ],
)
def test_knowledge_that_is_not_asked_for_is_seen(text: str) -> None:
    assert unfiltered_knowledge(text) != []
