-- What notes to the accounts show of the allowance, in long form: Schedule II and the roll-forward by pool (ASC 326-20-50-13),
-- or under IFRS 7 the reconciliation of the loss allowance (35H), what was written off in the period (35L) and the provision
-- matrix (35M and 35N).
with figures as (
    select 'us_gaap' as framework, 'Schedule II' as disclosure, 1 as disclosure_order, entity_id, currency, '' as row_label,
        schedule_ii_column as column_label, min(line_order) as column_order, sum(amount) as amount
    from marts.allowance_rollforward
    where as_of = $as_of
    group by entity_id, currency, schedule_ii_column
    union all
    select 'us_gaap', 'ASC 326-20-50-13', 2, entity_id, currency, pool, line, line_order, amount
    from marts.allowance_rollforward
    where as_of = $as_of
    union all
    select 'ifrs', 'IFRS 7.35H', 1, entity_id, currency, pool, line, line_order, amount
    from marts.allowance_rollforward
    where as_of = $as_of
    union all
    select 'ifrs', 'IFRS 7.35L', 2, entity_id, currency, pool, line, line_order, -amount
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'write_offs'
    union all
    select 'ifrs', 'IFRS 7.35M-35N', 3, entity_id, currency, aging_bucket, 'gross carrying amount', 1, sum(exposure)
    from marts.allowance_schedule
    where as_of = $as_of
    group by entity_id, currency, aging_bucket
    union all
    select 'ifrs', 'IFRS 7.35M-35N', 3, entity_id, currency, aging_bucket, 'loss allowance', 2, sum(coalesce(allowance, 0))
    from marts.allowance_schedule
    where as_of = $as_of
    group by entity_id, currency, aging_bucket
)

select
    figures.framework,
    figures.entity_id,
    figures.currency,
    figures.disclosure,
    figures.disclosure_order,
    figures.row_label,
    figures.column_label,
    figures.column_order,
    cast(figures.amount as decimal(38, 4)) as amount
from figures
inner join staging.policy as policy on figures.framework = policy.framework
