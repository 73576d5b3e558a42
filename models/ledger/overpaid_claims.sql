-- The claims on each invoice that is asked, at some moment, to take more than it was issued for, cut to the room that is left:
-- those that took effect first are served first (on one day by kind and id). What exceeds the room is cut first from the cash,
-- which stays unapplied on its source, then from the discount, then from tax withheld. A refund that reopens makes room.
with minor_units as (
    select currency, minor_scale, smallest_amount from staging.currencies
),

refunds as (
    select target_key, effective_from, effective_to, reinstated_amount, known_from, known_to
    from ledger.reinstatements where kind = 'refunded'
),

suspects as (
    select invoice_key from ledger.funded_claims
    group by invoice_key having sum(applied_amount + discount_taken + withheld_taken) > min(invoice_amount)
),

claims as (
    select claims.*, applied_amount + discount_taken + withheld_taken as asked_amount
    from ledger.funded_claims as claims where invoice_key in (select invoice_key from suspects)
),

-- one that was taken back and made again asks for more in all, yet not at any one moment
changes as (
    select invoice_key, invoice_amount, effective_from as moment, asked_amount as change, claim_key, known_from
    from claims
    union all
    select invoice_key, invoice_amount, effective_to, -asked_amount, claim_key, known_from from claims
),

overpaid as (
    select distinct invoice_key
    from (
        select invoice_key, invoice_amount, sum(change) over (
            partition by invoice_key order by moment, change, claim_key, known_from
            rows between unbounded preceding and current row
        ) as asked_at_once
        from changes
    ) as moments
    where asked_at_once > invoice_amount
),

contested as (
    select claims.* from claims inner join overpaid on claims.invoice_key = overpaid.invoice_key
),

knowledge as (
    select invoice_key, known_from as moment from contested
    union
    select invoice_key, known_to as moment from contested
    union
    select target_key, known_from from refunds
),

knowledge_spans as (
    select invoice_key, moment as known_from, lead(moment) over (partition by invoice_key order by moment) as known_to
    from knowledge
),

-- a piece that its source's cap has split begins later than it was ordered: that too is a moment
days as (
    select invoice_key, date '0001-01-01' as moment from contested
    union
    select invoice_key, effective_to as moment from contested
    union
    select invoice_key, effective_from as moment from contested where effective_from <> ordered_on
    union
    select target_key, effective_from from refunds
),

day_spans as (
    select invoice_key, moment as day_from, lead(moment) over (partition by invoice_key order by moment) as day_to from days
),

pieces as (
    select
        contested.*, greatest(contested.effective_from, day_spans.day_from) as piece_from, day_spans.day_to as piece_to,
        knowledge_spans.known_from as piece_known_from, knowledge_spans.known_to as piece_known_to,
        asked_amount - greatest(0, least(asked_amount, invoice_amount + coalesce(refunds.reinstated_amount, 0)
            - coalesce(sum(contested.asked_amount) over (
                partition by contested.invoice_key, knowledge_spans.known_from, day_spans.day_from
                order by contested.ordered_on, contested.kind, contested.claim_id rows between unbounded preceding and 1 preceding
            ), 0))) as excess_amount
    from contested
    inner join knowledge_spans
        on contested.invoice_key = knowledge_spans.invoice_key
        and contested.known_from <= knowledge_spans.known_from and contested.known_to >= knowledge_spans.known_to
    inner join day_spans
        on contested.invoice_key = day_spans.invoice_key
        and contested.effective_from < day_spans.day_to and contested.effective_to >= day_spans.day_to
    left join refunds
        on contested.invoice_key = refunds.target_key
        and refunds.known_from <= knowledge_spans.known_from and refunds.known_to >= knowledge_spans.known_to
        and refunds.effective_from <= day_spans.day_from and refunds.effective_to >= day_spans.day_to
),

cut as (
    select pieces.*, least(excess_amount, applied_amount) as cash_cut,
        least(greatest(excess_amount - applied_amount, 0), discount_taken) as discount_cut
    from pieces
)

-- within one currency cash moves one for one; across currencies, pro rata, rounded to the source currency's minor unit
select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, cut.currency,
    source_currency, piece_from as effective_from, piece_to as effective_to, ordered_on, reversed_on,
    cast(applied_amount - cash_cut as decimal(18, 4)) as applied_amount,
    cast(discount_taken - discount_cut as decimal(18, 4)) as discount_taken,
    cast(withheld_taken - (excess_amount - cash_cut - discount_cut) as decimal(18, 4)) as withheld_taken, recovered_amount,
    cast(case
        when cash_cut = 0 or kind = 'written_off' then drawn_amount
        when cash_cut = applied_amount then cast(0 as decimal(18, 4))
        when cut.currency = source_currency then drawn_amount - cash_cut
        else cast(round(cast(cast(drawn_amount as double) * cast(applied_amount - cash_cut as double)
            / cast(applied_amount as double) * minor_scale as decimal(28, 6))) * smallest_amount as decimal(18, 4))
    end as decimal(18, 4)) as drawn_amount,
    source_amount_total, invoice_amount, piece_known_from as known_from, piece_known_to as known_to, file_number, line
from cut
inner join minor_units on cut.source_currency = minor_units.currency
