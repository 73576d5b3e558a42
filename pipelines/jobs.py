"""The jobs: what runs together.

When a job starts belongs to `schedules`.
"""

import dagster as dg

from assets.resources.home import Home
from pipelines.watching import send_alerts

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="From the sources' new files to the publication of one as-of day.",
    executor_def=dg.in_process_executor,
)


@dg.op(description="Put into the outbox what is overdue, and send what it holds.")
def outbox(context: dg.OpExecutionContext, home: Home) -> None:
    """Look at the clock and the outbox; what a channel does not take waits there for the next time."""
    for line in send_alerts(home):
        context.log.info(line)


@dg.job(description="From the outbox to the channels.", executor_def=dg.in_process_executor)
def alerting() -> None:
    """Alerts that wait, and what did not come."""
    outbox()
