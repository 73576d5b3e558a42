-- The next step for each customer who is past due, by the policy's list of steps: the first whose age, amount and broken
-- promises the customer reaches, and that has not been taken already. What is expected to be recovered is what is past due less
-- what the allowance's rates expect to be lost of it. These are recommendations: nothing is done here.
with owed as (
    select
        items.entity_id, items.customer_id, items.currency, items.base_currency,
        sum(items.open_amount) as amount, sum(items.open_amount_base) as amount_base,
        count(*) as item_count, count(items.open_amount_base) as converted_count,
        max(date_diff('day', items.aged_from, $as_of)) as oldest_days,
        sum(cast(cast(items.open_amount as double) * (1 - cast(coalesce(allowances.loss_rate, 0) as double)) as decimal(28, 8)))
            as expected
    from ledger.open_items as items
    inner join allowance.items as allowances
        on items.document_key = allowances.document_key and items.instalment = allowances.instalment
        and allowances.as_of = $as_of
    where items.as_of = $as_of and items.open_amount > 0 and items.aged_from < $as_of and not items.related_party
    group by items.entity_id, items.customer_id, items.currency, items.base_currency
),

promises as (
    select entity_id, customer_id, cast(sum(case when state = 'broken' then 1 else 0 end) as integer) as broken_promises
    from ledger.promise_states
    where as_of = $as_of
    group by entity_id, customer_id
),

placed as (
    select entity_id, customer_id, max(case kind when 'suspension' then 'suspend' when 'legal' then 'agency' else kind end)
        as placed_as
    from staging.placements
    where known_from <= $known_at and known_to > $known_at and from_date <= $as_of and (to_date is null or to_date > $as_of)
    group by entity_id, customer_id
),

fitting as (
    select
        owed.*, coalesce(promises.broken_promises, 0) as broken_promises, coalesce(placed.placed_as, '') as placed_as,
        steps.step, steps.past_due_days, steps.broken_promises as broken_from,
        row_number() over (
            partition by owed.entity_id, owed.customer_id, owed.currency order by steps.step_order
        ) as step_rank
    from owed
    left join promises on owed.entity_id = promises.entity_id and owed.customer_id = promises.customer_id
    left join placed on owed.entity_id = placed.entity_id and owed.customer_id = placed.customer_id
    inner join staging.collection_steps as steps
        on owed.oldest_days >= steps.past_due_days
        and (owed.converted_count < owed.item_count or owed.amount_base >= steps.smallest_amount)
        and coalesce(promises.broken_promises, 0) >= steps.broken_promises
        and steps.step <> coalesce(placed.placed_as, '')
)

select
    fitting.entity_id,
    fitting.customer_id,
    fitting.currency,
    fitting.step,
    concat(
        'past due by ', cast(fitting.past_due_days as varchar), ' days or more',
        case when fitting.broken_from > 0 then concat(', ', cast(fitting.broken_from as varchar), ' promises or more broken')
            else '' end,
        case when fitting.placed_as <> '' then concat('; in place: ', fitting.placed_as) else '' end
    ) as reason,
    cast(fitting.amount as decimal(38, 4)) as amount,
    cast(fitting.oldest_days as integer) as oldest_days,
    fitting.broken_promises,
    cast(round(fitting.expected * units.minor_scale) * units.smallest_amount as decimal(38, 4)) as expected_recovery,
    cast(case when fitting.converted_count = fitting.item_count then fitting.amount_base end as decimal(38, 4)) as amount_base,
    fitting.base_currency,
    fitting.placed_as
from fitting
left join staging.currencies as units on fitting.currency = units.currency
where fitting.step_rank = 1
