-- Every credit memo and receipt that is not wholly applied: its age from its own date, what has been refunded of it, and what it
-- could be applied to: the open invoices of the same payer in that entity and currency, and the one due first. What is left when
-- the payer's credits are set off against all of these, oldest first, is due to be refunded.
with items as (
    select
        document_key, entity_id, customer_id, payer_id, document_id, document_type, instalment, currency, document_date,
        due_date, aged_from, original_amount, open_amount, open_amount_functional, functional_currency, open_amount_base,
        base_currency
    from ledger.open_items
    where as_of = $as_of
),

credits as (
    select
        items.*,
        sum(-open_amount) over (
            partition by entity_id, payer_id, currency order by document_date, document_id, document_type
            rows between unbounded preceding and current row
        ) as unapplied_so_far
    from items
    where open_amount < 0
),

owed as (
    select entity_id, payer_id, currency, count(*) as item_count, sum(open_amount) as amount
    from items
    where open_amount > 0
    group by entity_id, payer_id, currency
),

queued as (
    select
        entity_id, payer_id, currency, document_id, document_type,
        row_number() over (
            partition by entity_id, payer_id, currency
            order by coalesce(due_date, aged_from, date '9999-12-31'), document_date, document_id, document_type, instalment
        ) as first_due
    from items
    where open_amount > 0
),

refunds as (
    select source_key, sum(drawn_amount) as refunded_amount
    from ledger.settlements
    where kind = 'refunded' and effective_from <= $as_of and effective_to > $as_of
        and known_from <= $known_at and known_to > $known_at
    group by source_key
)

select
    credits.entity_id,
    credits.customer_id,
    credits.payer_id,
    credits.document_id,
    credits.document_type,
    credits.currency,
    credits.document_date,
    cast(date_diff('day', credits.document_date, $as_of) as integer) as age_days,
    credits.original_amount,
    credits.open_amount,
    credits.open_amount_functional,
    credits.functional_currency,
    credits.open_amount_base,
    credits.base_currency,
    case when refunds.refunded_amount > 0 then 'partly_refunded' else 'none' end as refund_state,
    cast(coalesce(refunds.refunded_amount, 0) as decimal(38, 4)) as refunded_amount,
    credits.unapplied_so_far > coalesce(owed.amount, 0) as is_refund_due,
    cast(least(-credits.open_amount, greatest(credits.unapplied_so_far - coalesce(owed.amount, 0), 0)) as decimal(38, 4))
        as refund_due_amount,
    coalesce(owed.item_count, 0) as candidate_count,
    cast(coalesce(owed.amount, 0) as decimal(38, 4)) as candidate_amount,
    queued.document_id as candidate_document_id
from credits
left join owed
    on credits.entity_id = owed.entity_id and credits.payer_id = owed.payer_id and credits.currency = owed.currency
left join queued
    on credits.entity_id = queued.entity_id and credits.payer_id = queued.payer_id and credits.currency = queued.currency
    and queued.first_due = 1
left join refunds on credits.document_key = refunds.source_key
