"""The jobs: what runs together.

When a job starts belongs to `schedules`.
"""

import dagster as dg

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="From the sources' new files to the publication of one as-of day.",
    executor_def=dg.in_process_executor,
)
