-- When each open dispute will usually have been resolved, and what share of what is disputed is usually credited: by the record
-- of its reason, drawn to the book's by eight disputes; without any record, in 45 days and a half.
with states as (
    select dispute_key, reason, opened_on, is_open, resolution_days, disputed_amount, credited_amount
    from ledger.dispute_states
    where as_of = $as_of
),

resolved as (
    select
        reason, count(*) as dispute_count, sum(resolution_days) as days,
        sum(cast(
            cast(coalesce(credited_amount, 0) as double) / nullif(cast(disputed_amount as double), 0) as decimal(18, 10)
        )) as shares
    from states
    where not is_open
    group by reason
),

book as (
    select
        cast(sum(days) as double) / nullif(sum(dispute_count), 0) as mean_days,
        cast(sum(shares) as double) / nullif(sum(dispute_count), 0) as credited_share
    from resolved
)

select
    states.dispute_key,
    greatest($as_of + 7, states.opened_on + cast(round(
        (coalesce(resolved.days, 0) + 8 * coalesce(book.mean_days, 45)) / (coalesce(resolved.dispute_count, 0) + 8)
    ) as integer)) as expected_resolution_date,
    (cast(coalesce(resolved.shares, 0) as double) + 8 * coalesce(book.credited_share, 0.5))
    / (coalesce(resolved.dispute_count, 0) + 8) as expected_credit_share
from states
cross join book
left join resolved on states.reason = resolved.reason
where states.is_open
