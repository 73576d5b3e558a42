-- Average days delinquent is simple DSO less the best possible, on the same sales.
with days as (
    select period_end, entity_id, currency, definition, days, receivables, sales from marts.dso where as_of = $as_of
)

select late.period_end, 1 as failing_rows, late.receivables as amount
from days as late
inner join days as simple
    on late.period_end = simple.period_end and late.entity_id = simple.entity_id and late.currency = simple.currency
    and replace(late.definition, 'average_days_delinquent', 'simple') = simple.definition
inner join days as best
    on late.period_end = best.period_end and late.entity_id = best.entity_id and late.currency = best.currency
    and replace(late.definition, 'average_days_delinquent', 'best_possible') = best.definition
where late.definition like 'average%'
    and (late.receivables <> simple.receivables - best.receivables or abs(late.days - (simple.days - best.days)) > 0.000001)
