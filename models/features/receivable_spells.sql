-- How long each receivable was open: from its posting to the day on which it was settled, where it was by the day, and what
-- settled most of it. An invoice in parts is one receivable a part, settled as the ledger settles parts. Money is in the base
-- currency at the day's closing rate, and empty where there is no rate.
with documents as (
    select
        told.document_key, accounts.entity_id, accounts.currency, accounts.payer_id, told.document_date, told.posting_date,
        told.original_amount,
        coalesce(told.due_date, told.aged_from, told.document_date + coalesce(customers.terms_days, policy.default_terms_days))
            as due_date
    from ledger.known_documents as told
    inner join ledger.accounts as accounts on told.account_number = accounts.account_number and accounts.as_of = $as_of
    left join ledger.customers as customers on accounts.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join staging.policy as policy
    where told.known_at = $known_at and told.posting_date <= $as_of and told.sign = 1
),

parts as (
    select document_key, instalment, part_amount, coalesce(due_date, aged_from) as due_date
    from ledger.instalments
    where as_of = $as_of
),

amounts as (
    select
        document_key, last_changed_on, open_amount,
        case
            when cash_settled >= credit_settled and cash_settled >= write_off_settled then 'cash'
            when credit_settled >= write_off_settled then 'credit'
            else 'write_off'
        end as exit_kind
    from features.spell_amounts
    where as_of = $as_of
),

-- a part is settled on the day from which nothing has been open of it
part_ends as (
    select
        document_key, instalment,
        case
            when sum(case when next_date is null then open_amount else 0 end) = 0
                then coalesce(max(case when open_amount <> 0 then next_date end), min(effective_date))
        end as settled_date
    from ledger.instalment_balances
    where as_of = $as_of
    group by document_key, instalment
),

receivables as (
    select
        documents.document_key, coalesce(parts.instalment, '') as instalment, documents.entity_id, documents.payer_id,
        documents.currency, documents.document_date, documents.posting_date,
        coalesce(parts.due_date, documents.due_date) as due_date,
        coalesce(parts.part_amount, documents.original_amount) as amount, amounts.exit_kind,
        case
            when parts.document_key is not null then part_ends.settled_date
            when amounts.open_amount = 0 then amounts.last_changed_on
        end as settled_date
    from documents
    inner join amounts on documents.document_key = amounts.document_key
    left join parts on documents.document_key = parts.document_key
    left join part_ends on parts.document_key = part_ends.document_key and parts.instalment = part_ends.instalment
)

select
    row_number() over (order by receivables.document_key, receivables.instalment) as spell_key,
    receivables.document_key,
    receivables.instalment,
    payers.payer_key,
    receivables.entity_id,
    coalesce(calendars.calendar_number, 0) as calendar_number,
    receivables.currency,
    receivables.document_date,
    greatest(receivables.due_date, receivables.document_date, receivables.posting_date - 200) as due_date,
    receivables.posting_date as entry_date,
    receivables.settled_date,
    case when receivables.settled_date is not null then receivables.exit_kind end as exit_kind,
    cast(round(cast(receivables.amount as decimal(20, 4)) * rates.rate, 4) as decimal(38, 4)) as amount_base
from receivables
inner join features.payers as payers on receivables.payer_id = payers.payer_id and payers.as_of = $as_of
left join staging.entity_calendars as calendars on receivables.entity_id = calendars.entity_id
left join features.base_rates as rates
    on receivables.entity_id = rates.entity_id and receivables.currency = rates.currency and rates.as_of = $as_of
