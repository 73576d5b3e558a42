-- What was receivable at the opening and the close of each period, and what moved it in between, line by line.
with lines as (
    select kind, line, line_order from staging.rollforward_lines
),

periods as (
    select entity_id, period_start, period_end from ledger.fiscal_periods where as_of = $as_of
),

movements as (
    select entity_id, currency, effective_date, kind, amount, amount_functional, amount_base
    from ledger.movements
    where as_of = $as_of
),

balances as (
    select
        period_end, entity_id, currency,
        case when count(*) = count(open_amount_base) then sum(open_amount_base) end as amount_base
    from ledger.period_aging
    where as_of = $as_of
    group by period_end, entity_id, currency
),

pairs as (
    select entity_id, currency, min(effective_date) as first_date from movements group by entity_id, currency
),

spine as (
    select periods.entity_id, pairs.currency, periods.period_start, periods.period_end
    from periods
    inner join pairs on periods.entity_id = pairs.entity_id and periods.period_end >= pairs.first_date
),

flows as (
    select
        spine.entity_id, spine.currency, spine.period_start, spine.period_end, lines.line, lines.line_order,
        sum(movements.amount) as amount,
        case when count(movements.kind) = count(movements.amount_functional) then coalesce(sum(movements.amount_functional), 0)
            end as amount_functional,
        case when count(movements.kind) = count(movements.amount_base) then coalesce(sum(movements.amount_base), 0) end
            as amount_base
    from spine
    cross join lines
    left join movements
        on spine.entity_id = movements.entity_id and spine.currency = movements.currency and lines.kind = movements.kind
        and movements.effective_date >= spine.period_start and movements.effective_date <= spine.period_end
    where lines.kind is not null
    group by spine.entity_id, spine.currency, spine.period_start, spine.period_end, lines.line, lines.line_order
),

-- document and functional amounts are sums of all that moved; base amounts are those of the open items
ends as (
    select
        spine.entity_id, spine.currency, spine.period_start, spine.period_end, lines.line, lines.line_order,
        case lines.line when 'opening' then spine.period_start - 1 else spine.period_end end as balance_on
    from spine
    inner join lines on lines.line in ('opening', 'closing')
),

standing as (
    select
        ends.entity_id, ends.currency, ends.period_start, ends.period_end, ends.line, ends.line_order,
        coalesce(sum(movements.amount), 0) as amount,
        case when count(movements.kind) = count(movements.amount_functional) then coalesce(sum(movements.amount_functional), 0)
            end as amount_functional,
        case when count(balances.period_end) = 0 then 0 else min(balances.amount_base) end as amount_base
    from ends
    left join movements
        on ends.entity_id = movements.entity_id and ends.currency = movements.currency
        and movements.effective_date <= ends.balance_on
    left join balances
        on ends.entity_id = balances.entity_id and ends.currency = balances.currency and ends.balance_on = balances.period_end
    group by ends.entity_id, ends.currency, ends.period_start, ends.period_end, ends.line, ends.line_order
)

select
    entity_id, currency, period_start, period_end, line, line_order, cast(coalesce(amount, 0) as decimal(38, 4)) as amount,
    cast(amount_functional as decimal(38, 4)) as amount_functional, cast(amount_base as decimal(38, 4)) as amount_base
from flows
union all
select
    entity_id, currency, period_start, period_end, line, line_order, cast(amount as decimal(38, 4)),
    cast(amount_functional as decimal(38, 4)), cast(amount_base as decimal(38, 4))
from standing
