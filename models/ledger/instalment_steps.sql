-- What is open of each instalment, from every month in which that changes: what was applied to an instalment by name settles
-- it first; all else settles the earliest due first.
with parts as (
    select document_key, instalment, part_order, part_amount, original_amount from ledger.instalments where as_of = $as_of
),

postings as (
    select document_key, year(effective_date) * 12 + month(effective_date) as month_number, sum(amount) as change
    from ledger.postings
    where effective_date <= $as_of and known_from <= $known_at and known_to > $known_at
        and document_key in (select document_key from parts)
    group by document_key, year(effective_date) * 12 + month(effective_date)
),

linked as (
    select
        invoice_key as document_key, instalment, effective_from, effective_to,
        applied_amount + discount_taken + withheld_taken as amount
    from ledger.settlements
    where instalment <> '' and known_from <= $known_at and known_to > $known_at
),

link_changes as (
    select document_key, instalment, effective_from as effective_date, amount from linked where effective_from <= $as_of
    union all
    select document_key, instalment, effective_to, -amount from linked where effective_to <= $as_of
),

links as (
    select
        document_key, instalment, year(effective_date) * 12 + month(effective_date) as month_number, sum(amount) as change
    from link_changes
    group by document_key, instalment, year(effective_date) * 12 + month(effective_date)
),

moments as (
    select document_key, month_number from postings
    union
    select document_key, month_number from links
),

balances as (
    select
        moments.document_key, moments.month_number,
        lead(moments.month_number) over (partition by moments.document_key order by moments.month_number) as next_month,
        sum(coalesce(postings.change, 0)) over (
            partition by moments.document_key order by moments.month_number rows between unbounded preceding and current row
        ) as open_amount
    from moments
    left join postings on moments.document_key = postings.document_key and moments.month_number = postings.month_number
),

states as (
    select
        parts.document_key, parts.instalment, parts.part_order, parts.part_amount, balances.month_number, balances.next_month,
        parts.original_amount - balances.open_amount as settled,
        least(parts.part_amount, coalesce(sum(links.change) over (
            partition by parts.document_key, parts.instalment order by balances.month_number
            rows between unbounded preceding and current row
        ), 0)) as linked_amount
    from parts
    inner join balances on parts.document_key = balances.document_key
    left join links
        on parts.document_key = links.document_key and parts.instalment = links.instalment
        and balances.month_number = links.month_number
),

by_name as (
    select
        states.*,
        greatest(0, least(linked_amount, settled - coalesce(sum(linked_amount) over (
            partition by document_key, month_number order by part_order rows between unbounded preceding and 1 preceding
        ), 0))) as named_amount
    from states
),

by_date as (
    select
        by_name.*,
        settled - sum(named_amount) over (partition by document_key, month_number) as other_amount,
        coalesce(sum(part_amount - named_amount) over (
            partition by document_key, month_number order by part_order rows between unbounded preceding and 1 preceding
        ), 0) as room_before
    from by_name
)

select
    document_key,
    instalment,
    cast(month_number as integer) as month_number,
    cast(next_month as integer) as next_month,
    cast(part_amount - named_amount - greatest(0, least(part_amount - named_amount, other_amount - room_before))
        as decimal(38, 4)) as open_amount
from by_date
