"""Data Docs: one page of what each table must hold, and what a run found, for whoever audits the checks.

It says sentences and counts, never a value of a row, and asks nothing of a network. Great Expectations' own site does:
without scripts from other people's servers its index is empty. What checks find belongs to `judgement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.pack.page import TEMPLATES
from assets.resources.state import CheckResult, RunEnd
from checks.asset_checks import checked_contracts
from checks.contract_checks import Check, contract_checks
from checks.expectations import Expectation
from checks.judgement import checks_of
from models.contract import Contract

_CONSEQUENCE = {"error": "nothing is published", "warn": "a warning"}
_ENDED = {
    0: ("good", "published"),
    1: ("failed", "ended with an error"),
    2: ("warned", "published with warnings"),
    3: ("failed", "blocked: nothing was published"),
}
"""How the page looks and what it says, by how the run ended."""


@dataclass(frozen=True)
class Asked:
    """One check of a table as the page shows it."""

    table: str
    sentence: str
    kind: str
    consequence: str
    found: str
    mood: str


@dataclass(frozen=True)
class Table:
    """A table as the page shows it: its rules first, then its reconciliations, then what its contract says."""

    name: str
    description: str
    owner: str
    checks: list[Asked]


def data_docs(run: RunEnd, results: Sequence[CheckResult]) -> str:
    """The page for a run and what its checks said."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    said = {(result.table_name, result.check_name): result for result in results}
    words: dict[str, list[Table]] = {}
    for promised in checked_contracts():
        words.setdefault(promised.layer, []).append(_table(promised, said))
    every = [asked for tables in words.values() for table in tables for asked in table.checks]
    mood, status = _ENDED[run.exit]
    environment = Environment(loader=PackageLoader("checks"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("data_docs.html.j2").render(
        as_of=run.as_of,
        run_id=run.run_id,
        mood=mood,
        status=status,
        failures=sorted((asked for asked in every if asked.mood), key=lambda asked: asked.mood),
        count=f"{len(every):,}",
        words=words,
        css=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
    )


def _table(promised: Contract, said: dict[tuple[str, str], CheckResult]) -> Table:
    by_contract = {check.name for check in contract_checks(promised)}
    asked = [
        _asked(check, _kind(check, by_contract), said.get((promised.name, check.name)))
        for check in reversed(checks_of(promised))
    ]
    return Table(promised.name, promised.description, promised.owner.removeprefix("team:"), asked)


def _kind(check: Check | Expectation, by_contract: set[str]) -> str:
    if isinstance(check, Expectation):
        return "rule"
    return "contract" if check.name in by_contract else "reconciliation"


def _asked(check: Check | Expectation, kind: str, result: CheckResult | None) -> Asked:
    if result is None:
        return Asked(check.table, check.description, kind, _CONSEQUENCE[check.severity], "not asked", "")
    count = result.failing_rows
    broken = f"{count:,} row{'' if count == 1 else 's'}" if count else "could not run"
    found = "holds" if result.passed else broken
    mood = "" if result.passed else "failed" if result.blocks else "warned"
    return Asked(check.table, result.description, kind, _CONSEQUENCE[result.severity], found, mood)
