-- The claims on each source that is asked, at some moment, for more than it has, cut to what is left of it: those that took
-- effect first are served first (on one day by kind and id), worked out moment by moment of knowledge and of effect. A payment
-- that was taken back has so much less; of one taken back whole, discounts and tax withheld do not count either.
with minor_units as (
    select currency, minor_scale, smallest_amount from staging.currencies
),

reversals as (
    select target_key, effective_from, effective_to, reinstated_amount, known_from, known_to
    from ledger.reinstatements where kind = 'payments_reversed'
),

suspects as (
    select source_key from ledger.claims group by source_key having sum(drawn_amount) > min(source_amount_total)
    union
    select target_key from reversals
),

claims as (
    select claims.* from ledger.claims as claims where source_key in (select source_key from suspects)
),

-- one that was taken back and made again asks for more in all, yet not at any one moment
changes as (
    select source_key, source_amount_total, effective_from as moment, drawn_amount as change, claim_key, known_from
    from claims
    union all
    select source_key, source_amount_total, effective_to, -drawn_amount, claim_key, known_from from claims
),

overdrawn as (
    select source_key
    from (
        select source_key, source_amount_total, sum(change) over (
            partition by source_key order by moment, change, claim_key, known_from
            rows between unbounded preceding and current row
        ) as asked_at_once
        from changes
    ) as moments
    where asked_at_once > source_amount_total
    union
    select target_key from reversals
),

contested as (
    select claims.* from claims inner join overdrawn on claims.source_key = overdrawn.source_key
),

knowledge as (
    select source_key, known_from as moment from contested
    union
    select source_key, known_to as moment from contested
    union
    select target_key, known_from from reversals
),

knowledge_spans as (
    select source_key, moment as known_from, lead(moment) over (partition by source_key order by moment) as known_to
    from knowledge
),

days as (
    select source_key, date '0001-01-01' as moment from contested
    union
    select source_key, effective_to as moment from contested
    union
    select target_key, effective_from from reversals
),

day_spans as (
    select source_key, moment as day_from, lead(moment) over (partition by source_key order by moment) as day_to from days
),

pieces as (
    select
        contested.*,
        greatest(contested.effective_from, day_spans.day_from) as piece_from, day_spans.day_to as piece_to,
        knowledge_spans.known_from as piece_known_from, knowledge_spans.known_to as piece_known_to,
        coalesce(reversals.reinstated_amount < contested.source_amount_total, true) as is_paid,
        coalesce(reversals.reinstated_amount, 0) + coalesce(sum(contested.drawn_amount) over (
            partition by contested.source_key, knowledge_spans.known_from, day_spans.day_from
            order by contested.ordered_on, contested.kind, contested.claim_id
            rows between unbounded preceding and 1 preceding
        ), 0) as used_before
    from contested
    inner join knowledge_spans
        on contested.source_key = knowledge_spans.source_key
        and contested.known_from <= knowledge_spans.known_from and contested.known_to >= knowledge_spans.known_to
    inner join day_spans
        on contested.source_key = day_spans.source_key
        and contested.effective_from < day_spans.day_to and contested.effective_to >= day_spans.day_to
    left join reversals
        on contested.source_key = reversals.target_key
        and reversals.known_from <= knowledge_spans.known_from and reversals.known_to >= knowledge_spans.known_to
        and reversals.effective_from <= day_spans.day_from and reversals.effective_to >= day_spans.day_to
),

funded as (
    select pieces.*, cast(greatest(0, least(drawn_amount, source_amount_total - used_before)) as decimal(18, 4)) as funded_amount
    from pieces
)

-- within one currency cash moves one for one; across currencies, pro rata, rounded to the invoice currency's minor unit
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, funded.currency,
    source_currency, piece_from as effective_from, piece_to as effective_to, ordered_on, reversed_on,
    case
        when funded_amount = drawn_amount or invoice_key is null then applied_amount
        when funded.currency = source_currency then funded_amount
        else cast(round(cast(
            cast(applied_amount as double) * cast(funded_amount as double) / cast(drawn_amount as double) * minor_scale
            as decimal(28, 6)
        )) * smallest_amount as decimal(18, 4))
    end as applied_amount,
    case when is_paid then discount_taken else 0 end as discount_taken,
    case when is_paid then withheld_taken else 0 end as withheld_taken, recovered_amount, funded_amount as drawn_amount,
    source_amount_total, invoice_amount, piece_known_from as known_from, piece_known_to as known_to, file_number, line
from funded
inner join minor_units on funded.currency = minor_units.currency
