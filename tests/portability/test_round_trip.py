"""Each SQL file, said in Spark's words and back in DuckDB's, gives the same rows of the same types.

Belongs here: comparing results on a generated book. What may be written at all belongs to test_portable_sql; that
Spark itself gives the same figures was measured once, and is not repeated here, since Spark is no dependency.
"""

from datetime import date, datetime
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.resources.warehouse import Warehouse
from models.contract import contract
from tests.portability.generated_book import AS_OFS, KNOWN_ATS
from tests.portability.portable_sql import from_spark, to_spark
from tests.portability.project_sql import CHECK_SQL, TABLE_SQL


def result(warehouse: Warehouse, text: str, as_of: date, known_at: datetime) -> pl.DataFrame:
    """The rows of a text for a day as known at a time, in a total order."""
    given = {"as_of": as_of, "known_at": known_at}
    frame = warehouse.frame(text, {name: value for name, value in given.items() if f"${name}" in text})
    return frame.sort(frame.columns, nulls_last=True)


def assert_same_there_and_back(warehouse: Warehouse, text: str) -> int:
    """Both texts give the same rows, for every day and time; returns how many there were."""
    back, rows = from_spark(to_spark(text)), 0
    for as_of, known_at in product(AS_OFS, KNOWN_ATS):
        here, there = (result(warehouse, said, as_of, known_at) for said in (text, back))
        assert_frame_equal(here, there, check_exact=True)
        rows += here.height
    return rows


@pytest.mark.parametrize("path", TABLE_SQL, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_table_is_the_same_there_and_back(path: Path, warehouse: Warehouse) -> None:
    assert assert_same_there_and_back(warehouse, path.read_text(encoding="utf-8")) > 0


@pytest.mark.parametrize("path", CHECK_SQL, ids=lambda path: path.stem)
def test_a_check_is_the_same_there_and_back(path: Path, warehouse: Warehouse, spoiled_warehouse: Warehouse) -> None:
    text = path.read_text(encoding="utf-8")
    assert_same_there_and_back(warehouse, text)
    assert assert_same_there_and_back(spoiled_warehouse, text) > 0, "a check that finds nothing here compares nothing"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("select 7 as n", "select 8 as n"),
        ("select cast(7 as integer) as n", "select cast(7 as bigint) as n"),
        ("select 7 as n", "select 7 as m"),
        ("select 7 as n", "select n from (values (7), (7)) as s(n)"),
    ],
)
def test_the_comparison_sees_other_values_types_names_and_counts(text: str, changed: str, warehouse: Warehouse) -> None:
    same = [result(warehouse, said, AS_OFS[0], KNOWN_ATS[0]) for said in (text, changed)]
    with pytest.raises(AssertionError):
        assert_frame_equal(*same, check_exact=True)


def test_the_book_reaches_the_branches_that_are_seldom_taken(warehouse: Warehouse) -> None:
    branches = {
        "a source asked for too much": "ledger.funded_claims as f inner join ledger.claims as a"
        " on f.claim_key = a.claim_key and f.drawn_amount < a.drawn_amount and f.known_from = a.known_from",
        "and across currencies": "ledger.funded_claims as f inner join ledger.claims as a"
        " on f.claim_key = a.claim_key and f.drawn_amount < a.drawn_amount and f.currency <> f.source_currency",
        "an invoice asked to take too much": "ledger.settlements as s inner join ledger.funded_claims as f"
        " on s.claim_key = f.claim_key and s.applied_amount < f.applied_amount and s.known_from = f.known_from",
        "and across currencies again": "ledger.settlements as s inner join ledger.funded_claims as f"
        " on s.claim_key = f.claim_key and s.applied_amount < f.applied_amount and s.currency <> s.source_currency",
        "a discount cut": "ledger.settlements as s inner join ledger.funded_claims as f"
        " on s.claim_key = f.claim_key and s.discount_taken < f.discount_taken",
        "a version that ended": "ledger.postings where known_to < timestamp '9999-01-01'",
        "a void": "ledger.postings where kind = 'voided'",
        "a part at its booking rate": "ledger.open_items where currency <> functional_currency"
        " and abs(open_amount) < abs(original_amount) and open_amount_functional is not null",
        "a part at the closing rate": "ledger.open_items where currency <> base_currency and open_amount_base is not null",
        "a credit set off": "marts.aging where view = 'fifo' and aging_bucket = 'unapplied'",
        "a flag": "marts.aging_detail where flags like '%;%' or flags <> ''",
        "a dispute": "marts.aging_detail where disputed_amount > 0",
        "a count back over a month without sales": "marts.dso where flag = 'month_without_sales'",
        "a count back within": "marts.dso where definition = 'countback' and flag = ''",
    }
    missing = [name for name, rows in branches.items() if not warehouse.value(f"select count(*) from {rows}")]
    assert missing == []


def test_every_column_of_the_result_is_the_contracts(warehouse: Warehouse) -> None:
    for path in TABLE_SQL:
        promised = contract(f"{path.parent.name}.{path.stem}")
        back = result(warehouse, from_spark(to_spark(path.read_text(encoding="utf-8"))), AS_OFS[0], KNOWN_ATS[0])
        assert back.columns == list(promised.columns)
