-- What pending payments will settle of the receivables that they name, as far as those are still open: of an invoice in parts
-- what is due first, and of several payments for one invoice the earlier one first. Discounts and tax withheld settle too, and
-- are no cash.
with asked as (
    select
        pending.payment_key, pending.expected_on, applications.row_key as application_key, applications.invoice_key,
        applications.amount, coalesce(applications.source_amount, applications.amount) as drawn_amount,
        applications.amount + coalesce(applications.discount_amount, 0) + coalesce(applications.withheld_amount, 0) as settling
    from features.pending_payments as pending
    inner join staging.applications as applications on pending.payment_key = applications.source_key
    where pending.as_of = $as_of and pending.is_expected
        and applications.known_from <= $known_at and applications.known_to > $known_at
        and (applications.unapplied_on is null or applications.unapplied_on > $as_of)
),

queued as (
    select
        asked.*,
        sum(settling) over (
            partition by invoice_key order by expected_on, application_key
            rows between unbounded preceding and current row
        ) as settling_so_far
    from asked
),

owed as (
    select
        spell_key, document_key, left_open,
        sum(left_open) over (
            partition by document_key order by due_date, spell_key rows between unbounded preceding and current row
        ) as owed_so_far
    from features.open_receivables
    where as_of = $as_of
),

overlapping as (
    select
        queued.payment_key, queued.application_key, owed.spell_key, queued.amount, queued.drawn_amount, queued.settling,
        least(queued.settling_so_far, owed.owed_so_far)
        - greatest(queued.settling_so_far - queued.settling, owed.owed_so_far - owed.left_open) as settled_amount
    from queued
    inner join owed on queued.invoice_key = owed.document_key
)

select
    application_key,
    payment_key,
    spell_key,
    cast(settled_amount as decimal(38, 4)) as settled_amount,
    cast(round(cast(settled_amount as double) * cast(amount as double) / cast(settling as double), 4) as decimal(38, 4))
        as cash_amount,
    cast(round(cast(settled_amount as double) * cast(drawn_amount as double) / cast(settling as double), 4) as decimal(38, 4))
        as drawn_amount
from overlapping
where settled_amount > 0
