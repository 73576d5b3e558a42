-- What refunds put back on each invoice: what they name, as far as it had been settled.
with refunds as (
    select target_key, effective_from, effective_to, reinstated_amount, known_from, known_to, file_number, line
    from ledger.reinstatements
    where kind = 'refunded'
),

settled as (
    select
        invoice_key, effective_from, effective_to, applied_amount + discount_taken + withheld_taken as amount,
        known_from, known_to
    from ledger.settlements
    where invoice_key in (select target_key from refunds)
),

knowledge as (
    select target_key, known_from as moment from refunds
    union
    select target_key, known_to as moment from refunds
    union
    select invoice_key, known_from from settled
    union
    select invoice_key, known_to from settled
),

knowledge_spans as (
    select target_key, moment as known_from, lead(moment) over (partition by target_key order by moment) as known_to
    from knowledge
),

days as (
    select target_key, effective_from as moment from refunds
    union
    select target_key, effective_to as moment from refunds
    union
    select invoice_key, effective_from from settled
    union
    select invoice_key, effective_to from settled
),

day_spans as (
    select target_key, moment as day_from, lead(moment) over (partition by target_key order by moment) as day_to from days
),

cells as (
    select
        refunds.target_key, day_spans.day_from, day_spans.day_to, knowledge_spans.known_from, knowledge_spans.known_to,
        refunds.reinstated_amount, refunds.file_number, refunds.line
    from refunds
    inner join knowledge_spans
        on refunds.target_key = knowledge_spans.target_key
        and refunds.known_from <= knowledge_spans.known_from and refunds.known_to >= knowledge_spans.known_to
    inner join day_spans
        on refunds.target_key = day_spans.target_key
        and refunds.effective_from <= day_spans.day_from and refunds.effective_to >= day_spans.day_to
    where refunds.reinstated_amount > 0
)

select
    cells.target_key as invoice_key,
    cells.day_from as effective_from,
    cells.day_to as effective_to,
    cast(least(cells.reinstated_amount, sum(settled.amount)) as decimal(18, 4)) as reopened_amount,
    cells.known_from,
    cells.known_to,
    cells.file_number,
    cells.line
from cells
inner join settled
    on cells.target_key = settled.invoice_key
    and settled.known_from <= cells.known_from and settled.known_to >= cells.known_to
    and settled.effective_from <= cells.day_from and settled.effective_to >= cells.day_to
group by
    cells.target_key, cells.day_from, cells.day_to, cells.known_from, cells.known_to, cells.reinstated_amount,
    cells.file_number, cells.line
