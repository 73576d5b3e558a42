-- What is open of each instalment, from every day on which anything changed about its invoice: what was applied to an instalment
-- by name settles it first; all else settles the earliest due first or, by policy, each by its share of what is then left, to the
-- cent.
with parts as (
    select document_key, instalment, part_order, part_amount, original_amount, currency
    from ledger.instalments where as_of = $as_of
),

postings as (
    select document_key, effective_date, sum(amount) as change
    from ledger.postings
    where known_from <= $known_at and known_to > $known_at and effective_date <= $as_of
        and document_key in (select parts.document_key from parts)
    group by document_key, effective_date
),

linked as (
    select
        invoice_key as document_key, instalment, effective_from, effective_to,
        applied_amount + discount_taken + withheld_taken as amount
    from ledger.settlements
    where instalment <> '' and known_from <= $known_at and known_to > $known_at
),

link_changes as (
    select document_key, instalment, effective_from as effective_date, amount from linked
    union all
    select document_key, instalment, effective_to, -amount from linked
),

links as (
    select document_key, instalment, effective_date, sum(amount) as change
    from link_changes
    where effective_date <= $as_of
    group by document_key, instalment, effective_date
),

moments as (
    select document_key, effective_date from postings
    union
    select document_key, effective_date from links
),

balances as (
    select
        moments.document_key, moments.effective_date,
        lead(moments.effective_date) over (partition by moments.document_key order by moments.effective_date) as next_date,
        sum(coalesce(postings.change, 0)) over (
            partition by moments.document_key order by moments.effective_date rows between unbounded preceding and current row
        ) as open_amount
    from moments
    left join postings on moments.document_key = postings.document_key and moments.effective_date = postings.effective_date
),

states as (
    select
        parts.document_key, parts.instalment, parts.part_order, parts.part_amount, parts.currency,
        balances.effective_date, balances.next_date,
        parts.original_amount - balances.open_amount as settled,
        least(parts.part_amount, coalesce(sum(links.change) over (
            partition by parts.document_key, parts.instalment order by balances.effective_date
            rows between unbounded preceding and current row
        ), 0)) as linked_amount
    from parts
    inner join balances on parts.document_key = balances.document_key
    left join links
        on parts.document_key = links.document_key and parts.instalment = links.instalment
        and balances.effective_date = links.effective_date
),

by_name as (
    select
        states.*,
        greatest(0, least(linked_amount, settled - coalesce(sum(linked_amount) over (
            partition by document_key, effective_date order by part_order rows between unbounded preceding and 1 preceding
        ), 0))) as named_amount
    from states
),

others as (
    select
        by_name.*,
        greatest(0, settled - sum(named_amount) over (partition by document_key, effective_date)) as other_amount,
        sum(part_amount - named_amount) over (partition by document_key, effective_date) as room,
        sum(part_amount - named_amount) over (
            partition by document_key, effective_date order by part_order rows between unbounded preceding and current row
        ) as room_through
    from by_name
),

taken as (
    select
        others.*,
        case
            when policy.advances = 'earliest_due' or others.room_through = others.room
                then least(others.other_amount, others.room_through)
            else cast(round(cast(cast(others.other_amount as double) * cast(others.room_through as double)
                / cast(others.room as double) * units.minor_scale as decimal(28, 6))) * units.smallest_amount as decimal(38, 4))
        end as taken_through
    from others
    cross join staging.policy as policy
    left join staging.currencies as units on others.currency = units.currency
)

select
    document_key,
    instalment,
    effective_date,
    next_date,
    cast(part_amount - named_amount - taken_through + coalesce(lag(taken_through) over (
        partition by document_key, effective_date order by part_order
    ), 0) as decimal(38, 4)) as open_amount,
    cast(coalesce(lag(room_through - taken_through) over (partition by document_key, effective_date order by part_order), 0)
        as decimal(38, 4)) as open_before
from taken
