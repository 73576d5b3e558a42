-- Every receivable event as a signed amount on one document, so that a balance on any day, as known at any time,
-- is a sum. A document posts its amount; a void takes it back; an application takes from its invoice and gives back to its
-- source, and is undone on the day it ends. Positive is owed to us.
with settlements as (
    select
        source_key, invoice_key, effective_from as effective_date, applied_amount, discount_taken, withheld_taken, drawn_amount,
        known_from, known_to, file_number, line
    from ledger.settlements
    union all
    select
        source_key, invoice_key, effective_to, -applied_amount, -discount_taken, -withheld_taken, -drawn_amount,
        known_from, known_to, file_number, line
    from ledger.settlements
    where effective_to < date '9999-12-31'
),

raised as (
    select
        document_key, cast(null as bigint) as counter_key, posting_date as effective_date,
        case document_type when 'payment' then 'collected' when 'credit_memo' then 'credited' else 'invoiced' end as kind,
        sign * original_amount as amount, known_from, known_to, file_number, line
    from ledger.documents
    where voided_on is null or voided_on > posting_date
),

voided as (
    select
        document_key, cast(null as bigint) as counter_key, voided_on as effective_date, 'voided' as kind,
        -sign * original_amount as amount, known_from, known_to, file_number, line
    from ledger.documents
    where voided_on > posting_date
),

events as (
    select document_key, counter_key, effective_date, kind, amount, known_from, known_to, file_number, line from raised
    union all
    select document_key, counter_key, effective_date, kind, amount, known_from, known_to, file_number, line from voided
    union all
    select invoice_key, source_key, effective_date, 'applied', -applied_amount, known_from, known_to, file_number, line
    from settlements
    where applied_amount <> 0
    union all
    select source_key, invoice_key, effective_date, 'applied', drawn_amount, known_from, known_to, file_number, line
    from settlements
    where drawn_amount <> 0
    union all
    select invoice_key, source_key, effective_date, 'discounts', -discount_taken, known_from, known_to, file_number, line
    from settlements
    where discount_taken <> 0
    union all
    select invoice_key, source_key, effective_date, 'withheld', -withheld_taken, known_from, known_to, file_number, line
    from settlements
    where withheld_taken <> 0
)

select
    document_key,
    counter_key,
    effective_date,
    kind,
    cast(amount as decimal(18, 4)) as amount,
    known_from,
    known_to,
    file_number,
    line
from events
