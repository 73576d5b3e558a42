"""The mutator makes the mutants that it says, they are applied, and one that matters dies.

Belongs here: the machinery, on a book of two documents. Does not: the project's own mutants, which `make mutants` tries.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlglot

from assets.resources.warehouse import EVERYTHING, Warehouse
from models.contract import sql
from tests.mutants import results
from tests.mutants.drawn import status_of
from tests.mutants.examples import Player, Recorder, stood_in_by
from tests.mutants.mutations import Mutant, mutants
from tests.mutants.results import Results, survivors, table
from tests.mutants.targets import THEMES, chosen, mutants_of
from tests.mutants.trial import Invalid, Trial
from tests.small_books import SmallBook

TABLE = "ledger.closing_rates"


def texts_of(text: str) -> set[str]:
    """The mutants of a text without its `select … from t`, in lower case."""
    found = (mutant.text.lower().replace("select a from t where ", "") for mutant in mutants(TABLE, text))
    return {one.replace("select ", "").replace(" from t", "") for one in found}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("select a from t where a < 1", {"a <= 1", "a < 2", "true"}),
        ("select a from t where a >= b and c", {"(a > b) and c", "((a >= b) or (c))", "a >= b", "c"}),
        ("select a - b from t", {"a + b"}),
        ("select a * 2 from t", {"a / 2", "a * 3", "a"}),
        ("select -a from t", {"a"}),
        ("select least(a, b) from t", {"greatest(a, b)"}),
        ("select max(a) from t", {"min(a)"}),
        ("select sum(a) from t", {"-sum(a)"}),
        ("select coalesce(a, b, c) from t", {"coalesce(b, c)", "coalesce(a, c)", "coalesce(a, b)"}),
        ("select coalesce(a, b) - c from t", {"coalesce(a, b) + c", "a - c", "b - c"}),
        ("select round(a) from t", {"round(a, 1)"}),
        ("select round(a, 10) from t", {"round(a, 11)"}),
        ("select cast(a as decimal(18, 4)) as b from t", set()),
        ("select case when a then b else c end from t", {"c", "case when a then b end"}),
        ("select a from t where not a", {"a", "true"}),
        ("select a from t where exists (select 1 from t)", {"not exists(1)", "true"}),
        ("select a from t left join u on true", {"a inner join u on true"}),
        ("select lag(a) over (order by a desc) from t", {"lag(a) over (order by a asc)"}),
        ("select a from t union select b from t", {"a union all b"}),
    ],
)
def test_a_text_is_changed_in_one_place_at_a_time(text: str, wanted: set[str]) -> None:
    assert texts_of(text) == wanted


def test_mutants_are_told_apart_and_none_is_the_text_itself() -> None:
    found = mutants_of(TABLE)
    assert len({mutant.key for mutant in found}) == len({mutant.text for mutant in found}) == len(found)
    as_it_is = sqlglot.parse_one(sql(TABLE), dialect="duckdb").sql("duckdb", comments=False)
    assert as_it_is not in {mutant.text for mutant in found}
    assert found[0].name.startswith(("periods: ", "select: "))


def test_a_sample_is_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(THEMES, "fx", (TABLE,))
    found = chosen(["fx"], [], 5, seed=1)
    assert found == chosen(["fx"], [], 5, seed=1) != chosen(["fx"], [], 5, seed=2)
    assert len(found) == 5 < len(chosen(["fx"], [], None, seed=1))


def unpaid(book: SmallBook) -> None:
    """An example: one invoice, open."""
    book.put(
        invoices="| invoice_id | customer_id | invoice_date | currency | amount |\n| I1 | C1 | 2026-01-10 | USD | 100.00 |"
    )
    book.load()
    book.expect_open("2026-01-31", "| document_id | open_amount |\n| I1 | 100.00 |")


def changed(old: str, new: str, table: str = "ledger.open_items") -> Mutant:
    """A mutant by hand."""
    assert sql(table).count(old) == 1
    return Mutant(table, f"{old} → {new}", sql(table).replace(old, new))


TURNED = changed("cast(items.open_amount as decimal(38, 4))", "cast(-items.open_amount as decimal(38, 4))")
SAME = changed("having sum(postings.amount) <> 0", "having -sum(postings.amount) <> 0", "ledger.balance_steps")
UNTYPED = changed("cast(items.open_amount as decimal(38, 4))", "cast(items.open_amount as double)")
UNBOUND = changed("having sum(postings.amount) <> 0", "having sum(nothing) <> 0", "ledger.balance_steps")


@pytest.fixture
def trial(book: SmallBook) -> Iterator[Trial]:
    """The example, built."""
    unpaid(book)
    assert book.rows("select count(*) from marts.aging")
    with book.home().warehouse() as warehouse:
        yield Trial(warehouse, {date(2026, 1, 31): "test"}, EVERYTHING)


def owes(warehouse: Warehouse) -> None:
    """What the mart says of the example."""
    assert str(warehouse.value("select sum(open_amount) from marts.aging where view = 'gross'")) == "100.0000"


def test_a_mutant_is_applied_and_what_follows_from_it_is_built_anew(trial: Trial) -> None:
    assert trial.is_infected(TURNED)
    trial.rebuild(TURNED, ["marts.aging"])
    with pytest.raises(AssertionError):
        owes(trial.warehouse)


def test_one_that_matters_is_killed_and_undone_and_one_that_does_not_goes_unnoticed(trial: Trial) -> None:
    said = [status_of(mutant, trial, owes) for mutant in (TURNED, SAME, UNTYPED, UNBOUND)]
    assert said == ["killed", "", "invalid", "invalid"]
    owes(trial.warehouse)
    with pytest.raises(Invalid):
        trial.is_infected(UNTYPED)


def test_an_example_that_was_recorded_fails_with_a_mutant_and_passes_without(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    recorder = Recorder(tmp_path / "kept")
    with stood_in_by(recorder):
        unpaid(SmallBook(tmp_path / "1"))
    assert [step.as_of for step in recorder.steps] == [None, date(2026, 1, 31)]
    with stood_in_by(Player(recorder.steps, TURNED, set())):
        unpaid(SmallBook(tmp_path / "2"))
    with stood_in_by(Player(recorder.steps, TURNED, {1})), pytest.raises(AssertionError):
        unpaid(SmallBook(tmp_path / "3"))


def test_the_table_tells_what_is_explained_from_what_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "explained_names", lambda table: {SAME.name})
    found = Results(tmp_path / "results.json")
    other = changed("where as_of = $as_of and next_period is null", "where next_period is null")
    for mutant, status in ((TURNED, "killed"), (SAME, "survived"), (UNBOUND, "invalid"), (other, "survived")):
        found.tell(mutant, status)
    found.save()
    tried = [TURNED, SAME, UNBOUND, other]
    assert survivors(tried, Results(found.path)) == [other]
    assert "| ageing | 3 | 1 | 1 | 1 | 0 |" in table(tried, found)
    assert found.of(Mutant(other.table, other.name, "select 1")) == ""


def test_every_explanation_is_of_a_table_that_is_mutated_and_says_why() -> None:
    said = results.explained()
    assert set(said) <= {table for tables in THEMES.values() for table in tables}
    assert [name for reasons in said.values() for name, why in reasons.items() if len(why) < 10] == []
