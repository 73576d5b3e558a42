"""The sensors: what Dagster looks at by itself, every minute or so."""

import dagster as dg

from assets.resources.home import Home
from pipelines.ending import settle


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def ended_runs(context: dg.SensorEvaluationContext, home: Home) -> dg.SkipReason:
    """Fails runs whose process died, and puts into the outbox what is to be said of every run that ended."""
    if not home.dagster_home.is_dir():
        return dg.SkipReason(f"no book at {home.root} yet")
    said = settle(home, context.instance)
    return dg.SkipReason("; ".join(said) or "no run has ended that is not written down")
