-- Receivables from the opening of each period to its close, line by line. Flows in base currency are at the rate of their day and
-- balances at the closing rate: what lies between is the unrealised gain or loss. The realised one is what settling leaves over
-- between the booking rates of a receipt and its invoice, or between their currencies.
with flows as (
    select entity_id, currency, period_start, period_end, line, line_order, amount, amount_functional, amount_base
    from ledger.period_flows
    where as_of = $as_of
),

entities as (
    select entity_id, functional_currency, base_currency from ledger.entities where as_of = $as_of
),

signed as (
    select
        flows.*, case when line = 'closing' then 1 else -1 end as sign
    from flows
),

unrealised as (
    select
        signed.entity_id, signed.currency, signed.period_start, signed.period_end, lines.line, lines.line_order,
        sum(signed.sign * signed.amount) as amount,
        case when count(*) = count(signed.amount_functional) then sum(signed.sign * signed.amount_functional) end
            as amount_functional,
        case when count(*) = count(signed.amount_base) then sum(signed.sign * signed.amount_base) end as amount_base
    from signed
    inner join staging.rollforward_lines as lines on lines.line = 'fx_unrealised'
    group by
        signed.entity_id, signed.currency, signed.period_start, signed.period_end, lines.line, lines.line_order
),

whole as (
    select entity_id, currency, period_start, period_end, line, line_order, amount, amount_functional, amount_base from flows
    union all
    select entity_id, currency, period_start, period_end, line, line_order, amount, amount_functional, amount_base
    from unrealised
)

select
    whole.period_start,
    whole.period_end,
    whole.entity_id,
    whole.line,
    whole.line_order,
    whole.currency,
    cast(whole.amount as decimal(38, 4)) as amount,
    cast(whole.amount_functional as decimal(38, 4)) as amount_functional,
    entities.functional_currency,
    cast(whole.amount_base as decimal(38, 4)) as amount_base,
    entities.base_currency
from whole
left join entities on whole.entity_id = entities.entity_id
