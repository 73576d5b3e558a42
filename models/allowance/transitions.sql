-- The roll-rate matrix in money: what stood in each bucket of a pool at a month-end, for how many month-ends it had stood there
-- by then (twelve and more are one), and where it was at the next one: in which bucket, paid, diluted, or written off for
-- credit. Each row of it adds up to what it opened with.
with item_months as (
    select
        entity_id, currency, pool, month_number, aging_bucket, next_bucket, opening, stayed, paid, diluted, written_off,
        least(12, row_number() over (partition by document_key, instalment, aging_bucket order by month_number))
            as months_in_bucket
    from allowance.item_months
    where as_of = $as_of
)

select
    entity_id,
    currency,
    pool,
    month_number,
    aging_bucket,
    cast(months_in_bucket as integer) as months_in_bucket,
    next_bucket,
    count(*) as item_count,
    cast(sum(opening) as decimal(38, 4)) as opening,
    cast(sum(stayed) as decimal(38, 4)) as stayed,
    cast(sum(paid) as decimal(38, 4)) as paid,
    cast(sum(diluted) as decimal(38, 4)) as diluted,
    cast(sum(written_off) as decimal(38, 4)) as written_off
from item_months
group by entity_id, currency, pool, month_number, aging_bucket, months_in_bucket, next_bucket
