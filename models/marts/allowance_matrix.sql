-- The matrix behind the rates by roll rates: of what stood in a bucket at the month-ends of the look-back, by the month-ends for
-- which it had stood there, the share that a month later stood in each bucket, was paid, diluted, or written off for credit. A
-- balance that stays has stood a month more; one that moves begins at one. What is lost in the end is the absorption of this
-- matrix into losses, times the loss given default beside it. Histories are weighed in the book's currency.
with book as (
    select coalesce(max(base_currency), '') as currency from ledger.entities where as_of = $as_of
)

select
    policy.framework,
    '' as entity_id,
    book.currency,
    moves.pool,
    moves.aging_bucket,
    moves.months_in_bucket,
    moves.becomes,
    moves.opening,
    moves.share
from allowance.matrix as moves
cross join book
cross join staging.policy as policy
where moves.as_of = $as_of
