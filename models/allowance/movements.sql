-- The roll-forward of the allowance by pool, specific reserves a pool of their own: what it opened with, what moved it, and
-- what it closes at. The provision is what is missing between them. Amounts in other currencies are at the day's closing rates,
-- and what the opening is worth otherwise at these is the effect of exchange rates. An item that has left its pool for a
-- specific reserve, or come back, takes along what was set aside for it.
with opened as (
    select coalesce(max(period_end), date '1900-01-01') as period_end from allowance.openings where as_of = $as_of
),

opening as (
    select
        entity_id, currency, line_pool, document_type, document_id, instalment, allowance, allowance_functional, allowance_base
    from allowance.openings
    where as_of = $as_of
),

items as (
    select
        entity_id, currency, document_type, document_id, instalment, allowance, allowance_functional, allowance_base,
        case treatment when 'specific' then 'specific' else pool end as line_pool
    from allowance.items
    where as_of = $as_of
),

transferred as (
    select opening.entity_id, opening.currency, opening.line_pool as from_pool, items.line_pool as to_pool, opening.allowance
    from opening
    inner join items
        on opening.entity_id = items.entity_id and opening.document_type = items.document_type
        and opening.document_id = items.document_id and opening.instalment = items.instalment
    where opening.line_pool <> items.line_pool
),

moved as (
    select 'opening' as line, entity_id, currency, line_pool, allowance as amount, allowance_functional, allowance_base
    from opening
    union all
    select 'closing', entity_id, currency, line_pool, allowance, allowance_functional, allowance_base from items
    union all
    select 'write_offs', entity_id, currency, pool, -written_off, null, null
    from allowance.period_losses
    where as_of = $as_of
    union all
    select 'recoveries', entity_id, currency, pool, recovered, null, null from allowance.period_losses where as_of = $as_of
    union all
    select 'transfers', entity_id, currency, from_pool, -allowance, null, null from transferred
    union all
    select 'transfers', entity_id, currency, to_pool, allowance, null, null from transferred
    union all
    select told.line, told.entity_id, told.currency, told.pool, told.amount, null, null
    from staging.allowance_movements as told
    cross join opened
    where told.moved_on <= $as_of and told.moved_on > opened.period_end
),

summed as (
    select
        line, entity_id, currency, line_pool, sum(amount) as amount, sum(allowance_functional) as functional_told,
        sum(allowance_base) as base_told
    from moved
    group by line, entity_id, currency, line_pool
),

rates as (
    select from_currency, to_currency, rate from ledger.closing_rates where as_of = $as_of and period_end = $as_of
)

select
    summed.line,
    summed.entity_id,
    summed.currency,
    summed.line_pool,
    cast(coalesce(summed.amount, 0) as decimal(38, 4)) as amount,
    entities.functional_currency,
    cast(case when summed.line in ('opening', 'closing') then summed.functional_told else
        round(cast(summed.amount as decimal(20, 4)) * own_rates.rate * own_units.minor_scale) * own_units.smallest_amount
    end as decimal(38, 4)) as amount_functional,
    cast(round(cast(summed.amount as decimal(20, 4)) * own_rates.rate * own_units.minor_scale) * own_units.smallest_amount
        as decimal(38, 4)) as revalued_functional,
    entities.base_currency,
    cast(case when summed.line in ('opening', 'closing') then summed.base_told else
        round(cast(summed.amount as decimal(20, 4)) * base_rates.rate * base_units.minor_scale) * base_units.smallest_amount
    end as decimal(38, 4)) as amount_base,
    cast(round(cast(summed.amount as decimal(20, 4)) * base_rates.rate * base_units.minor_scale) * base_units.smallest_amount
        as decimal(38, 4)) as revalued_base
from summed
left join ledger.entities as entities on summed.entity_id = entities.entity_id and entities.as_of = $as_of
left join rates as own_rates
    on summed.currency = own_rates.from_currency and entities.functional_currency = own_rates.to_currency
left join rates as base_rates
    on summed.currency = base_rates.from_currency and entities.base_currency = base_rates.to_currency
left join staging.currencies as own_units on entities.functional_currency = own_units.currency
left join staging.currencies as base_units on entities.base_currency = base_units.currency
