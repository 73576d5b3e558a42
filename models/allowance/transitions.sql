-- The roll-rate matrix in money: what stood in each bucket of a pool at a month-end, and where it was at the next one: in which
-- bucket, paid, diluted, or written off for credit. Each row of it adds up to what it opened with.
select
    entity_id,
    currency,
    pool,
    month_number,
    aging_bucket,
    next_bucket,
    count(*) as item_count,
    cast(sum(opening) as decimal(38, 4)) as opening,
    cast(sum(stayed) as decimal(38, 4)) as stayed,
    cast(sum(paid) as decimal(38, 4)) as paid,
    cast(sum(diluted) as decimal(38, 4)) as diluted,
    cast(sum(written_off) as decimal(38, 4)) as written_off
from allowance.item_months
where as_of = $as_of
group by entity_id, currency, pool, month_number, aging_bucket, next_bucket
