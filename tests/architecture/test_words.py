"""Eight words, and everything that is called by them: folders, modules, tables, contracts, checks and tests.

Belongs here: that a word means the same place everywhere, and that nothing is left out or left over. Does not: what the
places hold.
"""

import importlib
import re
from collections import Counter
from typing import Any

import dagster as dg
import pytest

from assets.sql_asset import tables_in
from checks.asset_checks import UNCHECKED, checked_contracts
from checks.judgement import LAYERS
from checks.suites import suite, suites
from models.contract import WORDS, Contract, contract, contracts, feeds
from pipelines.definitions import build_defs
from tests.architecture.sources import ROOT, project_files

TABLES = [found for word in WORDS for found in contracts(word)]
WORDS_WITH_TABLES = [word for word in WORDS if contracts(word)]


@pytest.fixture(scope="module")
def graph() -> Any:
    """Dagster's graph of the code location."""
    return build_defs().resolve_asset_graph()


def named(found: Contract) -> str:
    """A contract's table, for messages."""
    return found.name


def files_under(folder: str, suffix: str) -> list[str]:
    """The project's files of a kind under a folder."""
    return [name for name in project_files() if name.startswith(f"{folder}/") and name.endswith(suffix)]


def test_there_are_eight_words() -> None:
    assert WORDS == ("raw", "staging", "ledger", "features", "forecasts", "allowance", "marts", "publications")


@pytest.mark.parametrize("word", WORDS_WITH_TABLES)
def test_a_word_with_tables_has_its_four_places(word: str) -> None:
    places = (f"models/{word}/__init__.py", f"assets/{word}.py", f"checks/{word}.py")
    assert [place for place in places if place not in project_files()] == []
    assert [name for name in files_under(f"tests/{word}", ".py") if "/test_" in name], f"tests/{word}/ has no test"


def test_a_words_folder_comes_with_its_first_table() -> None:
    folders = {name.split("/")[1] for name in project_files() if name.startswith("models/") and name.count("/") > 1}
    assert folders == set(WORDS_WITH_TABLES)


def test_no_module_of_checks_is_named_after_a_word_without_tables() -> None:
    assert {layer.__name__.rpartition(".")[2] for layer in LAYERS} == set(WORDS_WITH_TABLES)


def test_every_file_of_contracts_and_sql_belongs_to_a_table() -> None:
    contract_files = {f"models/{found.layer}/{found.table}.yml" for found in TABLES}
    assert set(files_under("models", ".yml")) == contract_files | {"models/glossary.yml", "models/policy.yml"}
    assert {name.replace(".sql", ".yml") for name in files_under("models", ".sql")} <= contract_files


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_a_table_is_made_by_its_sql_or_by_code_of_its_word(found: Contract) -> None:
    module = importlib.import_module(f"assets.{found.layer}")
    made = [value for value in vars(module).values() if hasattr(value, "specs_by_key")]
    made += [asset for asset in getattr(module, "ASSETS", []) if asset not in made]
    specs = {".".join(key.path): spec for asset in made for key, spec in asset.specs_by_key.items()}
    assert found.name in specs, f"no asset of assets/{found.layer}.py makes {found.name}"
    by_sql = f"models/{found.layer}/{found.table}.sql" in project_files()
    assert ("sql" in specs[found.name].kinds) == by_sql


def test_every_asset_is_a_table_with_a_contract_or_a_publication(graph: Any) -> None:
    keys = {tuple(key.path) for key in graph.get_all_asset_keys()}
    assert {key for key in keys if key[0] != "publications"} == {(found.layer, found.table) for found in TABLES}


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_an_asset_stands_in_its_words_group(found: Contract, graph: Any) -> None:
    node = graph.get(dg.AssetKey([found.layer, found.table]))
    assert node.group_name == found.layer
    assert node.owners == [found.owner]
    assert bool(node.partitions_def) == found.per_day


@pytest.mark.parametrize("found", [found for found in TABLES if found.name not in UNCHECKED], ids=named)
def test_a_table_is_checked(found: Contract) -> None:
    assert found in checked_contracts()


def test_every_reconciliation_is_listed_once() -> None:
    listed = Counter(check.name for layer in LAYERS for check in layer.RECONCILIATIONS)
    written = {name.rpartition("/")[2].removesuffix(".sql") for name in files_under("checks/reconciliations", ".sql")}
    assert set(listed) == written
    assert [name for name, count in listed.items() if count > 1] == []


def test_a_check_stands_in_the_module_of_its_tables_word() -> None:
    for layer in LAYERS:
        word = layer.__name__.rpartition(".")[2]
        checks = layer.RECONCILIATIONS
        assert [check.name for check in checks if check.table.split(".")[0] != word] == []
        assert [check.table for check in checks if check.table not in {found.name for found in TABLES}] == []


@pytest.mark.parametrize("found", [*feeds().values(), *contracts("marts")], ids=named)
def test_a_feed_and_a_mart_have_a_suite(found: Contract) -> None:
    assert suite(found.name) or found.name in UNCHECKED


def test_every_rule_is_listed_once_and_asks_of_columns_that_are_there() -> None:
    assert sum(len(suite(found.name)) for found in TABLES) == len(suites()), "a suite stands in its table's word"
    listed = Counter(rule.name for rule in [*suites(), *(check for layer in LAYERS for check in layer.RECONCILIATIONS)])
    assert [name for name, count in listed.items() if count > 1] == []
    for rule in suites():
        asked = [value for name, value in rule.arguments.items() if name.startswith("column")]
        columns = [name for value in asked for name in ([value] if isinstance(value, str) else value)]
        assert set(columns) <= set(contract(rule.table).column_types()), rule.name
        assert rule.severity in ("error", "warn"), rule.name


def test_a_check_that_asks_for_the_day_guards_a_table_of_days() -> None:
    """A check of a table without days is given no day: every comparison with it would be empty, and pass."""
    per_day = {found.name for found in TABLES if found.per_day}
    asking = [check for layer in LAYERS for check in layer.RECONCILIATIONS if "$as_of" in check.sql]
    assert [check.name for check in asking if check.table not in per_day] == []


def test_what_a_check_reads_is_made_before_it(graph: Any) -> None:
    """Upstream of the table it guards, or made by the same step, or named as what the check needs besides."""
    for check in (check for layer in LAYERS for check in layer.RECONCILIATIONS):
        guarded = dg.AssetKey(check.table.split("."))
        spec = graph.get_check_spec(dg.AssetCheckKey(guarded, check.name))
        made = {guarded, *graph.get_ancestor_asset_keys(guarded), *(other.asset_key for other in spec.additional_deps)}
        read = {dg.AssetKey(name.split(".")) for name in tables_in(check.sql)}
        assert read - made == set(), check.name


def texts_of_tests() -> dict[str, str]:
    """The texts of the tests that look at tables, by path; those of structure name every table anyway."""
    names = [name for name in files_under("tests", ".py") if name.rpartition("/")[2].startswith("test_")]
    names = [name for name in names if name.split("/")[1] not in ("architecture", "portability")]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


@pytest.mark.parametrize("found", TABLES, ids=named)
def test_a_table_has_a_test_that_names_it(found: Contract) -> None:
    """By its one name anywhere; by its bare name among its word's tests, or anywhere when no other thing is called so."""
    whole, bare = re.compile(rf"\b{found.layer}\.{found.table}\b"), re.compile(rf"\b{found.table}\b")
    tests = texts_of_tests()
    own = {name: text for name, text in tests.items() if name.startswith(f"tests/{found.layer}/")}
    telling = tests if "_" in found.table else own
    naming = [name for name, text in tests.items() if whole.search(text)]
    naming += [name for name, text in telling.items() if bare.search(text)]
    assert naming, f"no test names {found.name}"
