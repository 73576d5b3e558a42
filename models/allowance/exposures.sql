-- Every open item of the day in exactly one treatment: what a specific event touches, what is ineligible (an unapplied credit
-- or receipt, a related party unless pooled), and all else in its pool. Exposed is what is open in the policy's view of credits:
-- gross lets one stand in the pool, fifo takes it off what was due first of the same payer, separate leaves it out. With
-- subsequent collections (ASU 2025-05), what payments settled by the evaluation date is not exposed, oldest part first.
with collected as (
    select postings.document_key, -sum(postings.amount) as amount
    from ledger.postings as postings
    inner join ledger.documents as paying
        on postings.counter_key = paying.document_key and paying.document_type = 'payment'
        and paying.known_from <= $known_at and paying.known_to > $known_at
    cross join staging.policy as policy
    where postings.kind = 'applied' and postings.effective_date > $as_of and postings.effective_date <= policy.evaluation_date
        and postings.known_from <= $known_at and postings.known_to > $known_at
    group by postings.document_key
    having sum(postings.amount) < 0
),

items as (
    select
        items.document_key, items.instalment, items.entity_id, items.customer_id, items.document_id, items.document_type,
        items.currency, items.functional_currency, items.base_currency, items.related_party, items.open_amount,
        netted.left_open,
        case policy.credit_view when 'fifo' then netted.left_open else items.open_amount end as exposure,
        policy.credit_view, policy.related_parties, members.pool,
        case when items.aged_from is not null then greatest(
            policy.youngest_day, least(policy.oldest_loss_day, date_diff('day', items.aged_from,
                case policy.ageing_at when 'evaluation_date' then greatest($as_of, policy.evaluation_date) else $as_of end))
        ) end as aging_clamp,
        items.aged_from
    from ledger.open_items as items
    inner join ledger.netted_items as netted
        on items.document_key = netted.document_key and items.instalment = netted.instalment and netted.as_of = $as_of
    inner join allowance.pool_members as members
        on items.entity_id = members.entity_id and items.customer_id = members.customer_id and members.as_of = $as_of
    cross join staging.policy as policy
    where items.as_of = $as_of
),

touched as (
    select
        items.document_key, items.instalment, events.kind, events.event_date, events.expected_loss_rate,
        row_number() over (
            partition by items.document_key, items.instalment
            order by events.expected_loss_rate desc, events.event_id asc, events.kind asc
        ) as worst_first
    from items
    inner join allowance.specific_events as events
        on items.entity_id = events.entity_id and items.customer_id = events.customer_id and events.as_of = $as_of
        and coalesce(events.invoice_key, items.document_key) = items.document_key
    where items.open_amount > 0
),

treated as (
    select
        items.*, touched.kind, touched.event_date, touched.expected_loss_rate,
        case
            when items.related_party and items.related_parties = 'ineligible' then 'ineligible'
            when items.open_amount < 0 and items.credit_view <> 'gross' then 'ineligible'
            when touched.document_key is not null then 'specific'
            else 'pool'
        end as treatment,
        greatest(items.exposure, 0) as collectable
    from items
    left join touched
        on items.document_key = touched.document_key and items.instalment = touched.instalment and touched.worst_first = 1
),

queued as (
    select
        treated.*, coalesce(collected.amount, 0) as collected,
        sum(treated.collectable) over (
            partition by treated.document_key order by treated.aged_from asc nulls last, treated.instalment asc
            rows between unbounded preceding and current row
        ) as collectable_through
    from treated
    left join collected on treated.document_key = collected.document_key
),

settled as (
    select *, least(collected, collectable_through) - least(collected, collectable_through - collectable) as collected_after
    from queued
),

rates as (
    select from_currency, to_currency, rate from ledger.closing_rates where as_of = $as_of and period_end = $as_of
)

select
    settled.document_key,
    settled.instalment,
    settled.entity_id,
    settled.customer_id,
    settled.document_id,
    settled.document_type,
    settled.currency,
    settled.treatment,
    case settled.treatment
        when 'specific' then settled.kind
        when 'ineligible' then case when settled.related_party then 'related_party' else 'unapplied' end
        else ''
    end as reason,
    settled.pool,
    coalesce(ages.aging_bucket, 'no-due-date') as aging_bucket,
    settled.event_date,
    settled.expected_loss_rate,
    cast(settled.exposure - settled.collected_after as decimal(38, 4)) as exposure,
    cast(settled.collected_after as decimal(38, 4)) as collected_after,
    cast(settled.open_amount as decimal(38, 4)) as open_amount,
    cast(settled.left_open as decimal(38, 4)) as left_open,
    settled.functional_currency,
    own_rates.rate as functional_rate,
    settled.base_currency,
    base_rates.rate as base_rate
from settled
left join staging.loss_days as ages on settled.aging_clamp = ages.aging_clamp
left join rates as own_rates
    on settled.currency = own_rates.from_currency and settled.functional_currency = own_rates.to_currency
left join rates as base_rates
    on settled.currency = base_rates.from_currency and settled.base_currency = base_rates.to_currency
