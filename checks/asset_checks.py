"""Checks as Dagster asset checks: a step runs all that is to be said of what a step made, and writes it down.

Every check is blocking and its severity decides: `error` stops what comes after, `warn` lets it go on and is
counted. What they find belongs to `judgement`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import dagster as dg

from assets.resources.home import Home
from assets.resources.state import CheckResult
from assets.sql_asset import tables_in
from assets.steps import ASSETS
from checks.contract_checks import Check, contract_checks
from checks.judgement import LAYERS, checks_of, judge, listed_checks
from models.contract import Contract, contracts

CONTRACT_CHECK = "the_contract_is_kept"

UNCHECKED = ("marts.data_quality",)
"""What lists what the checks said is built from them, so none can read it; the publication reads it back."""


def step_check(name: str, tables: Sequence[Contract]) -> dg.AssetChecksDefinition:
    """The checks of the tables that one step makes, run in one step after it, for every day of the run.

    Dagster shows the sentences of a contract as one check, since it writes several events for each; the record, and
    with it `marts.data_quality`, has them one by one. Where only some are selected, their tables are judged whole.
    """
    specs = [spec for promised in tables for spec in _specs(promised)]

    @dg.multi_asset_check(name=f"check__{name}", specs=specs, can_subset=True)
    def check_step(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        selected = {(".".join(key.asset_key.path), key.name) for key in context.selected_asset_check_keys}
        judged = [promised for promised in tables if promised.name in {table for table, _ in selected}]
        said: dict[str, list[CheckResult]] = {promised.name: [] for promised in judged}
        with home.warehouse() as warehouse:
            for promised in judged:
                for day in days_of_tags(context.run.tags) if promised.per_day else [None]:
                    said[promised.name] += judge(promised, checks_of(promised), warehouse, home, day)
        with home.state() as state:
            for result in chain.from_iterable(said.values()):
                state.record(context.run.run_id, result)
        for promised in judged:
            shown = _dagster_results(promised, said[promised.name])
            yield from (result for result in shown if (promised.name, result.check_name) in selected)

    return check_step


def _specs(promised: Contract) -> Iterator[dg.AssetCheckSpec]:
    asset = [promised.layer, promised.table]
    sentences = " ".join(check.description for check in contract_checks(promised))
    yield dg.AssetCheckSpec(CONTRACT_CHECK, asset=asset, description=sentences, blocking=True)
    for check in listed_checks(promised):
        read = tables_in(check.sql) if isinstance(check, Check) else []
        others = [name.split(".") for name in read if name != promised.name]
        yield dg.AssetCheckSpec(
            check.name, asset=asset, description=check.description, additional_deps=others, blocking=True
        )


def days_of_tags(tags: Mapping[str, str]) -> list[date]:
    """The as-of days of a run, from its tags: in Dagster, checks with partitions of their own are a preview."""
    if "dagster/partition" in tags:
        return [date.fromisoformat(tags["dagster/partition"])]
    if "dagster/asset_partition_range_start" not in tags:
        return []
    first = date.fromisoformat(tags["dagster/asset_partition_range_start"])
    last = date.fromisoformat(tags["dagster/asset_partition_range_end"])
    return [first + timedelta(days=day) for day in range((last - first).days + 1)]


def _dagster_results(promised: Contract, said: list[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    named = {check.name for check in listed_checks(promised)}
    yield _dagster_result(promised, CONTRACT_CHECK, [result for result in said if result.check_name not in named])
    for name in sorted(named):
        yield _dagster_result(promised, name, [result for result in said if result.check_name == name])


def _dagster_result(promised: Contract, name: str, said: list[CheckResult]) -> dg.AssetCheckResult:
    """The worst of several results, as Dagster shows it; no values, only sentences, counts and money."""
    failed = [result for result in said if not result.passed]
    severe = any(result.severity == "error" for result in failed or said)
    metadata: dict[str, Any] = {"failing_rows": sum(result.failing_rows for result in said)}
    amounts = [result.failing_amount for result in failed if result.failing_amount is not None]
    if amounts:
        metadata["failing_amount"] = str(sum(amounts, Decimal(0)))
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=[promised.layer, promised.table],
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=" ".join(dict.fromkeys(result.description for result in failed or said)),
        metadata=metadata,
    )


def checked_contracts() -> list[Contract]:
    """The contracts of all tables that are checked, in the order in which the data flows."""
    layers = [layer.__name__.rpartition(".")[2] for layer in LAYERS]
    return [found for layer in layers for found in contracts(layer) if found.name not in UNCHECKED]


def required_checks() -> list[str]:
    """Every check, as `table check`, that a release demands."""
    return [f"{found.name} {check.name}" for found in checked_contracts() for check in checks_of(found)]


def _steps() -> Iterator[dg.AssetChecksDefinition]:
    """One step of checks after each step that makes tables."""
    checked = {dg.AssetKey([promised.layer, promised.table]): promised for promised in checked_contracts()}
    for definition in ASSETS:
        if tables := [checked[spec.key] for spec in definition.specs if spec.key in checked]:
            yield step_check(definition.node_def.name, tables)


ASSET_CHECKS = list(_steps())
