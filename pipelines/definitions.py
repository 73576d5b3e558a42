"""The code location: every asset and check, the jobs with what starts them, and the resources they stand on.

Nothing is computed here.
"""

from typing import Any

import dagster as dg

from assets.publications import Gate
from assets.resources.home import Home
from assets.steps import ASSETS
from checks.asset_checks import ASSET_CHECKS, required_checks
from pipelines.jobs import alerting, nightly
from pipelines.schedules import alerting_schedule, nightly_schedule
from pipelines.sensors import ended_runs


def build_defs(**overrides: Any) -> dg.Definitions:
    """The definitions with the resources of the environment; `overrides` replaces resources by name."""
    resources: dict[str, Any] = {"home": Home.from_environment(), "gate": Gate(required=required_checks())}
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=ASSET_CHECKS,
        jobs=[nightly, alerting],
        schedules=[nightly_schedule, alerting_schedule],
        sensors=[ended_runs],
        resources={**resources, **overrides},
        executor=dg.in_process_executor,
    )


defs = build_defs()
