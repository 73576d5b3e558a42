-- The events that take a customer, or one invoice, out of its pool on the day: specific events that are open, and what the
-- customer's status says. The expected loss of an event is that of its scenarios, weighed; where one names none, it is the
-- policy's for the event's kind. Of several events that touch one item, the one with the highest expected loss counts.
with told as (
    select
        events.entity_id, events.customer_id, events.event_id, defaults.kind, events.event_date, events.invoice_key,
        coalesce(events.weight, 1) as weight,
        coalesce(events.expected_loss_rate, defaults.default_loss_rate) as expected_loss_rate,
        case when events.expected_loss_rate is null then 1 else 0 end as defaulted
    from staging.specific_events as events
    inner join staging.specific_kinds as defaults on coalesce(events.kind, 'other') = defaults.kind
    where events.known_from <= $known_at and events.known_to > $known_at and events.event_date <= $as_of
        and (events.closed_on is null or events.closed_on > $as_of)
),

weighed as (
    select
        entity_id, customer_id, event_id, min(kind) as kind, min(event_date) as event_date, invoice_key,
        max(defaulted) as defaulted, sum(weight) as weight,
        sum(cast(cast(weight as double) * cast(expected_loss_rate as double) as decimal(28, 10))) as weighed_rate
    from told
    group by entity_id, customer_id, event_id, invoice_key
),

statuses as (
    select
        members.entity_id, members.customer_id, customers.valid_from,
        case customers.status when 'bankrupt' then 'bankruptcy' else customers.status end as kind
    from allowance.pool_members as members
    inner join ledger.customers as customers on members.customer_id = customers.customer_id and customers.as_of = $as_of
    where members.as_of = $as_of and customers.status in ('bankrupt', 'litigation')
        and not exists (
            select weighed.event_id
            from weighed
            where weighed.entity_id = members.entity_id and weighed.customer_id = members.customer_id
                and weighed.invoice_key is null
        )
)

select
    entity_id,
    customer_id,
    event_id,
    invoice_key,
    kind,
    event_date,
    cast(cast(weighed_rate as double) / nullif(cast(weight as double), 0) as decimal(18, 10)) as expected_loss_rate,
    defaulted = 1 as is_default
from weighed
union all
select statuses.entity_id, statuses.customer_id, '', null, statuses.kind, statuses.valid_from, defaults.default_loss_rate, true
from statuses
inner join staging.specific_kinds as defaults on statuses.kind = defaults.kind
