-- What an approved close says now, less what was approved, is what its restated items add up to.
with told as (
    select entity_id, currency, sum(change) as amount
    from marts.allowance_restatements
    where as_of = $as_of
    group by entity_id, currency
),

closes as (
    select entity_id, currency, sum(coalesce(allowance, 0)) as amount
    from allowance.closed_items
    where as_of = $as_of
    group by entity_id, currency
),

nows as (
    select entity_id, currency, sum(coalesce(allowance, 0)) as amount
    from allowance.items
    where as_of = $as_of and exists (select 1 from allowance.closed_items where as_of = $as_of)
    group by entity_id, currency
),

apart as (
    select
        coalesce(nows.currency, closes.currency) as currency,
        coalesce(nows.amount, 0) - coalesce(closes.amount, 0) - coalesce(told.amount, 0) as amount
    from nows
    full outer join closes on nows.entity_id = closes.entity_id and nows.currency = closes.currency
    left join told
        on coalesce(nows.entity_id, closes.entity_id) = told.entity_id
        and coalesce(nows.currency, closes.currency) = told.currency
)

select currency as place, count(*) as failing_rows, cast(sum(abs(amount)) as decimal(38, 4)) as amount
from apart
where amount <> 0
group by currency
