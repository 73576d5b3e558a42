-- The parts in which an invoice falls due, for each that has any: in the order of their due dates, the last ones cut where they
-- add up to more than the invoice; what they leave out of it is a part without a name, due as the invoice itself.
with policy as (
    select longest_terms_days, basis, no_due_date from staging.policy
),

invoices as (
    select document_key, document_date, due_date, due_date_flag, aged_from, original_amount, currency
    from ledger.documents
    where sign = 1 and known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
),

named as (
    select
        invoices.document_key, told.instalment, told.due_date, told.amount, invoices.document_date, invoices.original_amount,
        invoices.currency,
        case
            when told.due_date < invoices.document_date then 'due_date_before_invoice'
            when told.due_date > invoices.document_date + policy.longest_terms_days then 'due_date_beyond_terms'
        end as due_date_flag
    from staging.instalments as told
    inner join invoices on told.invoice_key = invoices.document_key
    cross join policy
    where told.known_from <= $known_at and told.known_to > $known_at
),

told as (
    select document_key, sum(amount) as amount from named group by document_key
),

parts as (
    select
        named.document_key, named.instalment, named.amount, named.original_amount, named.currency,
        named.due_date as falls_due,
        named.due_date_flag,
        case
            when policy.basis = 'invoice_date' then named.document_date
            when named.due_date_flag is null then named.due_date
            when policy.no_due_date = 'invoice_date' then named.document_date
        end as aged_from
    from named
    cross join policy
    union all
    select
        invoices.document_key, '', invoices.original_amount - told.amount, invoices.original_amount, invoices.currency,
        invoices.due_date, invoices.due_date_flag, invoices.aged_from
    from invoices
    inner join told on invoices.document_key = told.document_key
    where told.amount < invoices.original_amount
),

ordered as (
    select
        parts.*,
        row_number() over (
            partition by document_key order by coalesce(falls_due, date '9999-12-31'), instalment
        ) as part_order,
        coalesce(sum(amount) over (
            partition by document_key order by coalesce(falls_due, date '9999-12-31'), instalment
            rows between unbounded preceding and 1 preceding
        ), 0) as amount_before
    from parts
)

select
    document_key,
    instalment,
    part_order,
    case when due_date_flag is null then falls_due end as due_date,
    due_date_flag,
    aged_from,
    cast(least(amount, original_amount - amount_before) as decimal(18, 4)) as part_amount,
    original_amount,
    currency
from ordered
where amount_before < original_amount
