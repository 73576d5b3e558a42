-- Every billing that the schedule holds, with who will pay it, when it will be due (by the customer's terms, else those of the
-- payer's last year, else the policy's) and the day on which it was invoiced, where it was by the day. Its amount is in the base
-- currency at the day's closing rate, and empty where there is none.
with schedule as (
    select row_key, entity_id, customer_id, invoice_key, bill_on, currency, amount,
        cast(coalesce(probability, 1) as decimal(18, 10)) as probability
    from staging.billing_schedule
    where known_from <= $known_at and known_to > $known_at
),

invoices as (
    select document_key, posting_date
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and sign = 1 and posting_date <= $as_of
),

usual_terms as (
    select
        payer_key, cast(round(
            cast(sum(date_diff('day', entry_date, due_date)) as double) / nullif(count(due_date), 0)
        ) as integer) as terms_days
    from features.receivable_spells
    where as_of = $as_of and entry_date > $as_of - 365
    group by payer_key
),

placed as (
    select
        schedule.*, coalesce(customers.collector, '') as collector, payers.payer_key,
        coalesce(payers.segment, customers.segment, '') as segment,
        coalesce(customers.related_party, false) as related_party, customers.terms_days as own_terms_days
    from schedule
    left join ledger.customers as customers on schedule.customer_id = customers.customer_id and customers.as_of = $as_of
    left join features.payers as payers
        on coalesce(customers.payer_id, schedule.customer_id) = payers.payer_id and payers.as_of = $as_of
)

select
    placed.row_key as schedule_key,
    placed.entity_id,
    coalesce(calendars.calendar_number, 0) as calendar_number,
    placed.collector,
    placed.currency,
    placed.segment,
    placed.related_party,
    coalesce(placed.payer_key, 0) as payer_key,
    placed.bill_on,
    placed.bill_on + coalesce(placed.own_terms_days, usual_terms.terms_days, policy.default_terms_days) as due_date,
    placed.amount,
    cast(round(cast(placed.amount as decimal(20, 4)) * rates.rate, 4) as decimal(38, 4)) as amount_base,
    placed.probability,
    invoices.posting_date as invoiced_on
from placed
cross join staging.policy as policy
left join staging.entity_calendars as calendars on placed.entity_id = calendars.entity_id
left join usual_terms on placed.payer_key = usual_terms.payer_key
left join invoices on placed.invoice_key = invoices.document_key
left join features.base_rates as rates
    on placed.entity_id = rates.entity_id and placed.currency = rates.currency and rates.as_of = $as_of
