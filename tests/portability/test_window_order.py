"""Every ordered window has a total order: no two rows of a partition tie, so each engine numbers and sums them alike.

Belongs here: looking for ties in a generated book, through a query made from each window. What windows may be written
belongs to portable_sql.
"""

from collections.abc import Iterator
from itertools import product

import pytest
import sqlglot
from sqlglot import exp

from assets.resources.warehouse import Warehouse
from tests.portability.generated_book import AS_OFS, KNOWN_ATS
from tests.portability.project_sql import PROJECT_SQL


def tie_queries(text: str) -> Iterator[tuple[str, str]]:
    """Each ordered window of a text, and a query that counts the places in its order where rows tie."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    for window in tree.find_all(exp.Window):
        order, select = window.args.get("order"), window.find_ancestor(exp.Select)
        if order is None or select is None:
            continue
        keys = [*window.args.get("partition_by", []), *(ordered.this for ordered in order.expressions)]
        rows = select.copy()
        rows.set("with_", None)
        rows.set("expressions", [exp.alias_(key.copy(), f"key_{place}") for place, key in enumerate(keys)])
        names = [f"key_{place}" for place in range(len(keys))]
        ties = exp.select(*names).from_(rows.subquery("rows_of_window")).group_by(*names).having("count(*) > 1")
        count = exp.select("count(*)").from_(ties.subquery("ties"))
        steps = tree.args.get("with_")
        if steps is not None:
            count.set("with_", steps.copy())
        yield window.sql("duckdb"), count.sql("duckdb")


WINDOWS = [
    pytest.param(query, id=f"{path.parent.name}.{path.stem}: {window[:60]}")
    for path in PROJECT_SQL
    for window, query in tie_queries(path.read_text(encoding="utf-8"))
]


def ties(warehouse: Warehouse, query: str) -> int:
    """How many places of the order several rows share, over the days and times of the generated book."""
    found = 0
    for as_of, known_at in product(AS_OFS, KNOWN_ATS):
        given = {"as_of": as_of, "known_at": known_at}
        found += warehouse.value(query, {name: value for name, value in given.items() if f"${name}" in query})
    return found


@pytest.mark.parametrize("query", WINDOWS)
def test_no_two_rows_tie(query: str, warehouse: Warehouse) -> None:
    assert ties(warehouse, query) == 0


def test_a_tie_is_seen(warehouse: Warehouse) -> None:
    text = "select row_number() over (partition by entity_id order by posting_date) as n from ledger.documents"
    ((_, query),) = tie_queries(text)
    assert ties(warehouse, query) > 0


def test_a_window_in_a_step_is_found_with_the_steps_before_it(warehouse: Warehouse) -> None:
    text = """
    with ones as (select 1 as n, kind from ledger.postings),
    numbered as (select row_number() over (partition by kind order by n) as place from ones)
    select place from numbered
    """
    ((_, query),) = tie_queries(text)
    assert ties(warehouse, query) > 0
