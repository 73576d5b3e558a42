-- The opening and the lines of every roll-forward add up to its closing, wherever each of them could be converted; but for the
-- base currency, without anything unrealised.
with whole as (
    select
        entity_id, currency, period_start,
        sum(case line when 'closing' then -amount else amount end) as gap,
        case when count(*) = count(amount_functional)
            then sum(case line when 'closing' then -amount_functional else amount_functional end) end as gap_functional,
        case when count(*) = count(amount_base)
            then sum(case line when 'closing' then -amount_base else amount_base end) end as gap_base,
        sum(case line when 'fx_unrealised' then amount else 0 end) as unrealised,
        sum(case line when 'fx_unrealised' then amount_functional else 0 end) as unrealised_functional
    from marts.rollforward
    where as_of = $as_of
    group by entity_id, currency, period_start
)

select entity_id, 1 as failing_rows, gap + unrealised as amount
from whole
where gap <> 0 or gap_functional <> 0 or gap_base <> 0 or unrealised <> 0 or unrealised_functional <> 0
