"""Dagster's record of runs, for a process that writes one; how events are written belongs to `event_log`."""

from typing import Any

import dagster as dg

from assets.resources.home import Home


def run_record(home: Home) -> dg.DagsterInstance:
    """The record of a home's runs, for a process that is about to write one; use as a context manager.

    What a step prints is printed, and not kept beside as well: four more processes a night would copy nothing.
    """
    from dagster._core.instance.ref import InstanceRef

    base = {"base_dir": str(home.dagster_home / "history" / "runs")}
    overrides: Any = {
        "event_log_storage": {"module": "pipelines.event_log", "class": "HeldEventLog", "config": base},
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": "NoOpComputeLogManager",
        },
    }
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home.dagster_home), overrides=overrides))
