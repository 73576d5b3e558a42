-- Every open item with its age: days past due are the day less the date the policy ages from, and the bucket follows
-- from them. An item without such a date stands in the bucket of its own that the policy then asks for, and so does an invoice
-- under dispute where the policy says so.
with items as (
    select
        document_key, entity_id, customer_id, payer_id, document_id, document_type, instalment, currency, document_date,
        due_date, due_date_flag, aged_from, original_amount, open_amount, open_amount_functional, functional_currency,
        is_functional_converted, revalued_amount_functional, open_amount_base, base_currency, base_rate_date, base_rate_source
    from ledger.open_items
    where as_of = $as_of
),

disputes as (
    select invoice_key, amount
    from staging.disputes
    where known_from <= $known_at and known_to > $known_at
        and opened_on <= $as_of and (resolved_on is null or resolved_on > $as_of)
),

disputed as (
    select invoice_key, sum(coalesce(amount, 99999999999999)) as disputed_amount
    from disputes
    group by invoice_key
),

promises as (
    select
        invoice_key, promised_date,
        row_number() over (partition by invoice_key order by made_on desc, promised_date desc, promise_id desc) as newest_first
    from staging.promises
    where known_from <= $known_at and known_to > $known_at and invoice_id is not null
        and made_on <= $as_of and (withdrawn_on is null or withdrawn_on > $as_of)
),

early_payments as (
    select distinct items.document_key as invoice_key
    from items
    inner join ledger.settlements as settlements on items.document_key = settlements.invoice_key
    inner join ledger.documents as sources on settlements.source_key = sources.document_key
    where settlements.known_from <= $known_at and settlements.known_to > $known_at
        and settlements.effective_from <= $as_of and settlements.effective_to > $as_of
        and sources.known_from <= $known_at and sources.known_to > $known_at and sources.document_date < items.document_date
),

aged as (
    select
        items.*,
        cast(date_diff('day', items.aged_from, $as_of) as integer) as days_past_due,
        -- greatest and least pass over what is empty: an item without a date must not become the oldest
        case when items.aged_from is not null
            then greatest(policy.youngest_day, least(policy.oldest_day, date_diff('day', items.aged_from, $as_of)))
        end as aging_clamp,
        policy.disputed_items = 'own_bucket' as is_set_apart,
        -- a dispute of part of an invoice falls on what was due first of it
        coalesce(sum(items.open_amount) over (
            partition by items.document_key order by coalesce(items.aged_from, date '9999-12-31'), items.instalment
            rows between unbounded preceding and 1 preceding
        ), 0) as open_before
    from items
    cross join staging.policy as policy
)

select
    aged.entity_id,
    aged.customer_id,
    aged.payer_id,
    aged.document_id,
    aged.document_type,
    aged.instalment,
    aged.currency,
    aged.document_date,
    aged.due_date,
    aged.days_past_due,
    case
        when aged.is_set_apart and disputed.invoice_key is not null then 'disputed'
        else coalesce(ages.aging_bucket, 'no-due-date')
    end as aging_bucket,
    aged.original_amount,
    aged.open_amount,
    aged.open_amount_functional,
    aged.functional_currency,
    cast(aged.revalued_amount_functional - aged.open_amount_functional as decimal(38, 4)) as unrealised_gain_functional,
    aged.open_amount_base,
    aged.base_currency,
    cast(case
        when disputed.invoice_key is null then 0
        else greatest(0, least(aged.open_amount, disputed.disputed_amount - aged.open_before))
    end as decimal(18, 4)) as disputed_amount,
    promises.promised_date,
    replace(replace(concat(
        '^', case when aged.due_date_flag is not null then concat(';', aged.due_date_flag) else '' end,
        case when early_payments.invoice_key is not null then ';paid_before_invoiced' else '' end,
        case when aged.is_functional_converted then ';functional_amount_converted' else '' end,
        case when aged.base_rate_source in ('inverse', 'cross') then concat(';base_rate_', aged.base_rate_source) else '' end,
        case when aged.base_rate_date < $as_of then ';base_rate_carried' else '' end
    ), '^;', ''), '^', '') as flags
from aged
left join staging.aging_days as ages on aged.aging_clamp = ages.aging_clamp
left join disputed on aged.document_key = disputed.invoice_key
left join promises on aged.document_key = promises.invoice_key and promises.newest_first = 1
left join early_payments on aged.document_key = early_payments.invoice_key
