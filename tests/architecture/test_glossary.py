"""One name, one type, one meaning: the glossary and the contracts say the same.

Belongs here: that both are whole, and nothing is left over. Does not: that tables keep their contracts; the warehouse
compares those whenever it makes one.
"""

import re

import pytest

from models.contract import SEAM_COLUMNS, VERSION_COLUMNS, WORDS, Contract, contract, contracts, feeds, glossary
from tests.architecture.sources import ROOT

TABLES = [found for word in WORDS for found in contracts(word)]
OWNERS = {"team:billing", "team:collections", "team:treasury", "team:accounting", "team:finance-data"}
TYPES = {
    *("TEXT", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE"),
    *("DECIMAL(18,4)", "DECIMAL(38,4)", "DECIMAL(18,10)"),
}
OF_SEVERAL_UNITS = {"failing_amount", "value"}
SUFFIXES = {
    "_id": {"TEXT"},
    "_date": {"DATE"},
    "_on": {"DATE"},
    "_amount": {"DECIMAL(18,4)", "DECIMAL(38,4)"},
    "_rate": {"DECIMAL(18,10)", "DOUBLE"},
    "_days": {"INTEGER"},
    "_count": {"BIGINT", "INTEGER"},
    "_key": {"BIGINT"},
}


def named(found: Contract) -> str:
    """A contract's table, for messages."""
    return found.name


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_every_column_is_in_the_glossary(found: Contract) -> None:
    spoken_of = {*found.columns, *found.links, *found.key, *found.money, *found.references}
    assert spoken_of - set(glossary()) == set()
    assert {*found.key, *found.money, *found.references} <= {*found.column_types(), "row_key"}


def test_every_entry_is_used() -> None:
    used = {*SEAM_COLUMNS, *VERSION_COLUMNS}
    for found in TABLES:
        used |= {*found.columns, *found.links}
    assert set(glossary()) - used == set()


@pytest.mark.parametrize("name", glossary())
def test_an_entry_has_a_type_a_meaning_and_a_unit(name: str) -> None:
    entry = glossary()[name]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert entry.type in TYPES
    assert entry.meaning.endswith(".") and not entry.meaning[0].islower() and len(entry.meaning) >= 10
    if name.startswith("is_"):
        assert entry.type == "BOOLEAN"
    if entry.type.startswith("DECIMAL") and name not in OF_SEVERAL_UNITS:
        assert entry.unit, "money, rates and shares say of what"


@pytest.mark.parametrize("name", sorted(set(glossary()) - set(contract("staging.policy").columns)))
def test_a_suffix_means_one_thing(name: str) -> None:
    """Settings of the policy are called as finance calls them there; a figure to date is one so far; a key against posting
    twice is the ledger's, and text."""
    for suffix, types in SUFFIXES.items():
        if name.endswith(suffix) and not name.endswith("_to_date") and name != "idempotency_key":
            assert glossary()[name].type in types, suffix


def test_the_glossary_stands_in_order() -> None:
    lines = (ROOT / "models" / "glossary.yml").read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[0] for line in lines if line and line[0].isalpha()]
    assert names == sorted(names)


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_a_contract_says_what_one_row_is_and_who_answers_for_it(found: Contract) -> None:
    assert found.description.endswith(".") and found.description[0].isupper()
    assert found.grain.startswith("one ")
    assert found.owner in OWNERS
    assert found.key or found.grain == "one policy of a run" or "line" in found.columns


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_a_reference_leads_to_a_column(found: Contract) -> None:
    for target in found.references.values():
        table, name = (f"staging.{target}" if target.count(".") == 1 else target).rsplit(".", 1)
        assert name in contract(table).columns


@pytest.mark.parametrize("found", feeds().values(), ids=named)
def test_money_of_a_feed_says_its_currency(found: Contract) -> None:
    money = {name for name in found.columns if glossary()[name].type in ("DECIMAL(18,4)", "DECIMAL(38,4)")}
    for name in money - set(found.money):
        assert "currency" in found.columns or not name.endswith("amount"), name
    for currency in found.money.values():
        assert currency in found.columns or currency in ("entity", "invoice", "source")
