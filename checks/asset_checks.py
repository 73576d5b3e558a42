"""Checks as Dagster asset checks: one step a table runs all that is to be said of it, and writes it to the record.

Every check is blocking and its severity decides: `error` stops what comes after, `warn` lets it go on and is
counted. A check that cannot run counts as failed. What is checked is listed in one module a layer.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg

from assets.resources.home import Home
from assets.resources.state import CheckResult
from assets.resources.warehouse import Warehouse
from checks import ledger, marts, raw, staging
from checks.contract_checks import Check, contract_checks, run_check
from checks.expectations import CouldNotRun, Expectation, run_expectations
from models.contract import Contract, contracts

LAYERS = (raw, staging, ledger, marts)
UNCHECKED = ("marts.data_quality",)
"""The table that lists what the checks said is built from them, so none of them can read it; the release reads it back."""


def checks_of(promised: Contract) -> list[Check | Expectation]:
    """Everything that is checked of a table: its contract, its reconciliations, its rules."""
    listed = [check for layer in LAYERS for check in (*layer.RECONCILIATIONS, *layer.EXPECTATIONS)]
    return [*contract_checks(promised), *[check for check in listed if check.table == promised.name]]


def table_check(promised: Contract) -> dg.AssetChecksDefinition:
    """The Dagster checks of one table, run in one step for every day of the run."""
    found = checks_of(promised)
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=[promised.layer, promised.table],
            description=check.description,
            blocking=True,
        )
        for check in found
    ]

    @dg.multi_asset_check(name=f"check__{promised.layer}__{promised.table}", specs=specs)
    def check_table(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        days = days_of_run(context) if promised.per_day else [None]
        results: dict[str, list[CheckResult]] = {check.name: [] for check in found}
        with home.warehouse() as warehouse:
            for day in days:
                for result in judge(promised, found, warehouse, home, day):
                    results[result.check_name].append(result)
        with home.state() as state:
            for result in (result for said in results.values() for result in said):
                state.record(context.run.run_id, result)
        for said in results.values():
            yield _dagster_result(promised, said)

    return check_table


def days_of_run(context: dg.AssetCheckExecutionContext) -> list[date]:
    """The as-of days of a run, from its tags: a check that declares partitions of its own is still a preview in Dagster."""
    tags = context.run.tags
    if "dagster/partition" in tags:
        return [date.fromisoformat(tags["dagster/partition"])]
    first = date.fromisoformat(tags["dagster/asset_partition_range_start"])
    last = date.fromisoformat(tags["dagster/asset_partition_range_end"])
    return [first + timedelta(days=day) for day in range((last - first).days + 1)]


def judge(
    promised: Contract, found: list[Check | Expectation], warehouse: Warehouse, home: Home, day: date | None
) -> list[CheckResult]:
    """What each check says of a table on a day; one that raises has failed, and says so."""
    parameters = {"as_of": day, "known_at": home.as_known_at}
    rules = [check for check in found if isinstance(check, Expectation)]
    broken = _try_expectations(rules, warehouse)
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


def _try_expectations(rules: list[Expectation], warehouse: Warehouse) -> dict[str, tuple[int, object] | Exception]:
    if not rules:
        return {}
    try:
        said = run_expectations(rules, warehouse)
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


def _dagster_result(promised: Contract, said: list[CheckResult]) -> dg.AssetCheckResult:
    """The worst of the days, as Dagster shows it; no values, only counts and money."""
    failed = [result for result in said if not result.passed]
    severe = any(result.severity == "error" for result in failed or said)
    metadata: dict[str, Any] = {"failing_rows": sum(result.failing_rows for result in said)}
    amounts = [result.failing_amount for result in failed if result.failing_amount is not None]
    if amounts:
        metadata["failing_amount"] = str(sum(amounts, Decimal(0)))
    return dg.AssetCheckResult(
        check_name=said[0].check_name,
        asset_key=[promised.layer, promised.table],
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=said[0].description,
        metadata=metadata,
    )


def checked_contracts() -> list[Contract]:
    """The contracts of all tables that are checked, in the order in which the data flows."""
    layers = [layer.__name__.rpartition(".")[2] for layer in LAYERS]
    return [found for layer in layers for found in contracts(layer) if found.name not in UNCHECKED]


def required_checks() -> list[str]:
    """Every check, as `table check`, that a release demands."""
    return [f"{found.name} {check.name}" for found in checked_contracts() for check in checks_of(found)]


ASSET_CHECKS = [table_check(found) for found in checked_contracts()]
