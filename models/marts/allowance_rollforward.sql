-- The roll-forward of the allowance since the last approved close: each line adds to the opening, and they come to the closing.
-- The provision is what is missing, so that it foots by construction; beside each line, where it stands in Schedule II and by
-- what name XBRL knows it.
with moved as (
    select
        line, entity_id, currency, line_pool, functional_currency, base_currency, amount,
        coalesce(amount_functional, 0) as amount_functional, coalesce(amount_base, 0) as amount_base,
        coalesce(revalued_functional, 0) as revalued_functional, coalesce(revalued_base, 0) as revalued_base,
        case line when 'closing' then 1 else -1 end as side
    from allowance.movements
    where as_of = $as_of
),

pools as (
    select distinct entity_id, currency, line_pool, functional_currency, base_currency from moved
),

-- what the opening is worth otherwise at the day's rates
exchanged as (
    select
        entity_id, currency, line_pool, revalued_functional - amount_functional as fx_functional,
        revalued_base - amount_base as fx_base
    from moved
    where line = 'opening'
),

provided as (
    select
        moved.entity_id, moved.currency, moved.line_pool, sum(moved.side * moved.amount) as amount,
        sum(moved.side * moved.amount_functional) as amount_functional, sum(moved.side * moved.amount_base) as amount_base
    from moved
    group by moved.entity_id, moved.currency, moved.line_pool
),

figures as (
    select line, entity_id, currency, line_pool, amount, amount_functional, amount_base from moved
    union all
    select 'fx', entity_id, currency, line_pool, 0, fx_functional, fx_base from exchanged
    union all
    select
        'provision', provided.entity_id, provided.currency, provided.line_pool, provided.amount,
        provided.amount_functional - coalesce(exchanged.fx_functional, 0), provided.amount_base - coalesce(exchanged.fx_base, 0)
    from provided
    left join exchanged
        on provided.entity_id = exchanged.entity_id and provided.currency = exchanged.currency
        and provided.line_pool = exchanged.line_pool
)

select
    policy.framework,
    pools.entity_id,
    pools.currency,
    pools.line_pool as pool,
    lines.line,
    lines.line_order,
    cast(coalesce(sum(figures.amount), 0) as decimal(38, 4)) as amount,
    pools.functional_currency,
    cast(coalesce(sum(figures.amount_functional), 0) as decimal(38, 4)) as amount_functional,
    pools.base_currency,
    cast(coalesce(sum(figures.amount_base), 0) as decimal(38, 4)) as amount_base,
    lines.schedule_ii_column,
    lines.asc_tag,
    lines.ifrs_tag
from pools
cross join staging.allowance_lines as lines
left join figures
    on pools.entity_id = figures.entity_id and pools.currency = figures.currency and pools.line_pool = figures.line_pool
    and lines.line = figures.line
cross join staging.policy as policy
group by
    policy.framework, pools.entity_id, pools.currency, pools.line_pool, pools.functional_currency, pools.base_currency,
    lines.line, lines.line_order, lines.schedule_ii_column, lines.asc_tag, lines.ifrs_tag
