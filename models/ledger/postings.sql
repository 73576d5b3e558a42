-- Every receivable event as a signed amount on one document, so that a balance on any day, as known at any time, is a sum. A
-- document posts its amount; a void takes it back; a claim takes from its invoice and gives back to its source, and is undone on
-- the day it ends; what is taken back of a payment, recovered of a write-off or refunded on an invoice is owed again. Positive is
-- owed to us.
with settlements as (
    select
        kind, source_key, invoice_key, effective_from as effective_date, applied_amount, discount_taken, withheld_taken,
        recovered_amount, drawn_amount, false as is_reversed, known_from, known_to, file_number, line
    from ledger.settlements
    union all
    select
        kind, source_key, invoice_key, effective_to, -applied_amount, -discount_taken, -withheld_taken,
        -recovered_amount, -drawn_amount, coalesce(effective_to = reversed_on, false), known_from, known_to, file_number, line
    from ledger.settlements
    where effective_to < date '9999-12-31'
),

applied as (
    select
        source_key, invoice_key, effective_date, applied_amount, discount_taken, withheld_taken, drawn_amount,
        known_from, known_to, file_number, line
    from settlements
    where kind = 'applied'
),

others as (
    select
        kind, source_key, invoice_key, effective_date, applied_amount, recovered_amount, drawn_amount, is_reversed,
        known_from, known_to, file_number, line
    from settlements
    where kind <> 'applied'
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

reinstated as (
    select target_key as document_key, kind, effective_from, effective_to, reinstated_amount as amount,
        known_from, known_to, file_number, line
    from ledger.reinstatements
    where kind = 'payments_reversed' and reinstated_amount <> 0
    union all
    select invoice_key, 'refunded', effective_from, effective_to, reopened_amount, known_from, known_to, file_number, line
    from ledger.reopenings
),

events as (
    select document_key, counter_key, effective_date, kind, amount, known_from, known_to, file_number, line from raised
    union all
    select document_key, counter_key, effective_date, kind, amount, known_from, known_to, file_number, line from voided
    union all
    select invoice_key, source_key, effective_date, 'applied', -applied_amount, known_from, known_to, file_number, line
    from applied
    where applied_amount <> 0 and invoice_key is not null
    union all
    select source_key, invoice_key, effective_date, case when invoice_key is null then 'before_history' else 'applied' end,
        drawn_amount, known_from, known_to, file_number, line
    from applied
    where drawn_amount <> 0
    union all
    select invoice_key, source_key, effective_date, 'discounts', -discount_taken, known_from, known_to, file_number, line
    from applied
    where discount_taken <> 0
    union all
    select invoice_key, source_key, effective_date, 'withheld', -withheld_taken, known_from, known_to, file_number, line
    from applied
    where withheld_taken <> 0
    union all
    select source_key, null, effective_date, case when is_reversed then 'write_offs_reversed' else kind end, drawn_amount,
        known_from, known_to, file_number, line
    from others
    where drawn_amount <> 0
    union all
    -- a write-off stands whole beside what was recovered of it; its reversal takes back what is left of it
    select invoice_key, null, effective_date, case when is_reversed then 'write_offs_reversed' else 'written_off' end,
        case when is_reversed then -applied_amount else -applied_amount - recovered_amount end,
        known_from, known_to, file_number, line
    from others
    where invoice_key is not null and (applied_amount <> 0 or (recovered_amount <> 0 and not is_reversed))
    union all
    select invoice_key, null, effective_date, 'recovered', recovered_amount, known_from, known_to, file_number, line
    from others
    where invoice_key is not null and recovered_amount <> 0 and not is_reversed
    union all
    select document_key, null, effective_from, kind, amount, known_from, known_to, file_number, line from reinstated
    union all
    select document_key, null, effective_to, kind, -amount, known_from, known_to, file_number, line
    from reinstated
    where effective_to < date '9999-12-31'
)

select
    document_key, counter_key, effective_date, kind, cast(amount as decimal(18, 4)) as amount, known_from, known_to,
    file_number, line
from events
