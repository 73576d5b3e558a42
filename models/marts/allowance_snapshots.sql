-- Past month-ends followed to the day: what stood in each bucket then, and what of it was lost in the end; the independent
-- check of the roll rates. The loss rate leaves out what is still open and may yet be paid.
select
    policy.framework,
    snapshots.entity_id,
    snapshots.currency,
    snapshots.pool,
    snapshots.snapshot,
    snapshots.aging_bucket,
    snapshots.item_count,
    snapshots.exposure,
    snapshots.written_off,
    snapshots.recovered,
    snapshots.aged_out,
    snapshots.unresolved,
    cast(snapshots.written_off - snapshots.recovered + snapshots.aged_out as double)
    / nullif(cast(snapshots.exposure - snapshots.unresolved as double), 0) as loss_rate,
    snapshots.is_closed
from allowance.snapshots as snapshots
cross join staging.policy as policy
where snapshots.as_of = $as_of
