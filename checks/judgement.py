"""What the checks of a table say of it: which there are, and what each finds when it is run.

A check that cannot run counts as failed. Reconciliations are listed in one module a layer, rules in `suites`;
Dagster's side of it is in `asset_checks`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from assets.resources.home import Home
from assets.resources.state import CheckResult
from assets.resources.warehouse import Warehouse
from checks import allowance, features, forecasts, ledger, marts, raw, staging
from checks.contract_checks import Check, contract_checks, run_check
from checks.expectations import CouldNotRun, Expectation, run_expectations
from checks.suites import suite
from models.contract import Contract

LAYERS = (raw, staging, ledger, features, forecasts, allowance, marts)


def checks_of(promised: Contract) -> list[Check | Expectation]:
    """Everything that is checked of a table: its contract, its reconciliations, its rules."""
    return [*contract_checks(promised), *listed_checks(promised)]


def listed_checks(promised: Contract) -> list[Check | Expectation]:
    """The reconciliations that the modules of the layers list for a table, and the rules of its suite."""
    listed = [check for layer in LAYERS for check in layer.RECONCILIATIONS if check.table == promised.name]
    return [*listed, *suite(promised.name)]


def judge(
    promised: Contract, found: list[Check | Expectation], warehouse: Warehouse, home: Home, day: date | None
) -> list[CheckResult]:
    """What each check says of a table on a day; one that raises has failed, and says so."""
    parameters = {"as_of": day, "known_at": home.as_known_at}
    rules = [check for check in found if isinstance(check, Expectation)]
    broken = _try_expectations(rules, warehouse, judged_rows(promised, day, home.as_known_at))
    results = []
    for check in found:
        said = broken[check.name] if isinstance(check, Expectation) else _try(check, warehouse, parameters)
        results.append(_result(promised, check, said, day))
    return results


def _try(check: Check, warehouse: Warehouse, parameters: dict[str, object]) -> tuple[int, object] | Exception:
    try:
        return run_check(check, warehouse, parameters)
    except Exception as error:
        return error


def judged_rows(promised: Contract, day: date | None, known_at: datetime) -> str:
    """A query of the rows that rules are asked of: those of the day; of a feed, the versions that hold as known."""
    if promised.per_day:
        return f"select * from {promised.name} where as_of = date '{day}'"
    if promised.versioned:
        known = f"timestamp '{known_at}'"
        return f"select * from {promised.name} where known_from <= {known} and known_to > {known}"
    return f"select * from {promised.name}"


def _try_expectations(
    rules: list[Expectation], warehouse: Warehouse, rows: str
) -> dict[str, tuple[int, object] | Exception]:
    try:
        said = run_expectations(rules, warehouse, rows)
    except Exception as error:
        return {rule.name: error for rule in rules}
    return {name: count if isinstance(count, CouldNotRun) else (count, None) for name, count in said.items()}


def _result(
    promised: Contract, check: Check | Expectation, said: tuple[int, object] | Exception, day: date | None
) -> CheckResult:
    description, severity, rows, amount = check.description, check.severity, 0, None
    if isinstance(said, Exception):
        description, severity = (
            f"{description} It could not run ({type(said).__name__}), which counts as failed.",
            "error",
        )
    else:
        rows, amount = int(said[0]), None if said[1] is None else Decimal(str(said[1]))
    passed = rows == 0 and not isinstance(said, Exception)
    return CheckResult(
        promised.layer, promised.name, check.name, description, severity, passed, rows, None if passed else amount, day
    )
