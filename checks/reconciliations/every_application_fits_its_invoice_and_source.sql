-- No application asks for more than its source has or its invoice has room for; the excess stays unapplied.
with asked as (
    select application_key, applied_amount + discount_taken + withheld_taken as amount
    from ledger.applications
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
),

taken as (
    select application_key, sum(applied_amount + discount_taken + withheld_taken) as amount
    from ledger.settlements
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
    group by application_key
)

select asked.application_key, 1 as failing_rows, asked.amount - coalesce(taken.amount, 0) as amount
from asked
left join taken on asked.application_key = taken.application_key
where asked.amount <> coalesce(taken.amount, 0)
