-- Every open item of the day in exactly one treatment: what a specific event touches, what is ineligible (an unapplied credit
-- or receipt, a related party unless the policy pools them), and all else in its pool. The exposure is what is open, in the
-- view of credits that the policy takes: gross lets a credit stand in the pool, in the bucket of its own date; fifo takes it
-- off what was due first of the same payer; separate, the default, leaves it out. Amounts in other currencies are at the day's
-- closing rates.
with items as (
    select
        items.document_key, items.instalment, items.entity_id, items.customer_id, items.document_id, items.document_type,
        items.currency, items.functional_currency, items.base_currency, items.related_party, items.open_amount,
        netted.left_open,
        case policy.credit_view when 'fifo' then netted.left_open else items.open_amount end as exposure,
        policy.credit_view, policy.related_parties, members.pool,
        case when items.aged_from is not null then greatest(
            policy.youngest_day, least(policy.oldest_loss_day, date_diff('day', items.aged_from, $as_of))
        ) end as aging_clamp
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
        end as treatment
    from items
    left join touched
        on items.document_key = touched.document_key and items.instalment = touched.instalment and touched.worst_first = 1
),

rates as (
    select from_currency, to_currency, rate from ledger.closing_rates where as_of = $as_of and period_end = $as_of
)

select
    treated.document_key,
    treated.instalment,
    treated.entity_id,
    treated.customer_id,
    treated.document_id,
    treated.document_type,
    treated.currency,
    treated.treatment,
    case treated.treatment
        when 'specific' then treated.kind
        when 'ineligible' then case when treated.related_party then 'related_party' else 'unapplied' end
        else ''
    end as reason,
    treated.pool,
    coalesce(ages.aging_bucket, 'no-due-date') as aging_bucket,
    treated.event_date,
    treated.expected_loss_rate,
    cast(treated.exposure as decimal(38, 4)) as exposure,
    cast(treated.open_amount as decimal(38, 4)) as open_amount,
    cast(treated.left_open as decimal(38, 4)) as left_open,
    treated.functional_currency,
    own_rates.rate as functional_rate,
    treated.base_currency,
    base_rates.rate as base_rate
from treated
left join staging.loss_days as ages on treated.aging_clamp = ages.aging_clamp
left join rates as own_rates
    on treated.currency = own_rates.from_currency and treated.functional_currency = own_rates.to_currency
left join rates as base_rates
    on treated.currency = base_rates.from_currency and treated.base_currency = base_rates.to_currency
