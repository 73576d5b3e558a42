-- No application, refund or write-off asks for more than its source has or its invoice has room for; the excess does not
-- count. (What asks of a payment that bounced is left out: the bounce says so itself.)
with bounced as (
    select target_key
    from ledger.reinstatements
    where kind = 'payments_reversed' and reinstated_amount > 0 and known_from <= $known_at and known_to > $known_at
        and effective_from <= $as_of and effective_to > $as_of
),

asked as (
    select
        claim_key, applied_amount + discount_taken + withheld_taken as amount, drawn_amount
    from ledger.claims
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
        and not exists (select 1 from bounced where bounced.target_key = claims.source_key)
),

taken as (
    select
        claim_key, sum(applied_amount + discount_taken + withheld_taken) as amount, sum(drawn_amount) as drawn_amount
    from ledger.settlements
    where known_from <= $known_at and known_to > $known_at and effective_from <= $as_of and effective_to > $as_of
    group by claim_key
)

select
    asked.claim_key, 1 as failing_rows,
    greatest(asked.amount - coalesce(taken.amount, 0), asked.drawn_amount - coalesce(taken.drawn_amount, 0)) as amount
from asked
left join taken on asked.claim_key = taken.claim_key
where asked.amount <> coalesce(taken.amount, 0) or asked.drawn_amount <> coalesce(taken.drawn_amount, 0)
