-- The applications of each source that is asked, at some moment, for more than it has, cut to what is left of it: those that
-- took effect first are served first (on one day, by application id), worked out moment by moment of knowledge and of effect.
with minor_units as (
    select currency, minor_scale, smallest_amount from staging.currencies
),

suspects as (
    select source_key from ledger.applications group by source_key having sum(drawn_amount) > min(source_amount_total)
),

applications as (
    select
        application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
        effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
        source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.applications
    where source_key in (select source_key from suspects)
),

-- one that was taken back and made again asks for more in all, yet not at any one moment
changes as (
    select source_key, source_amount_total, effective_from as moment, drawn_amount as change, application_key, known_from
    from applications
    union all
    select source_key, source_amount_total, effective_to, -drawn_amount, application_key, known_from from applications
),

overdrawn as (
    select distinct source_key
    from (
        select source_key, source_amount_total, sum(change) over (
            partition by source_key order by moment, change, application_key, known_from
            rows between unbounded preceding and current row
        ) as asked_at_once
        from changes
    ) as moments
    where asked_at_once > source_amount_total
),

contested as (
    select applications.* from applications inner join overdrawn on applications.source_key = overdrawn.source_key
),

knowledge as (
    select source_key, known_from as moment from contested
    union
    select source_key, known_to as moment from contested
),

knowledge_spans as (
    select source_key, moment as known_from, lead(moment) over (partition by source_key order by moment) as known_to
    from knowledge
),

days as (
    select source_key, date '0001-01-01' as moment from contested
    union
    select source_key, effective_to as moment from contested
),

day_spans as (
    select source_key, moment as day_from, lead(moment) over (partition by source_key order by moment) as day_to
    from days
),

pieces as (
    select
        contested.*,
        greatest(contested.effective_from, day_spans.day_from) as piece_from, day_spans.day_to as piece_to,
        knowledge_spans.known_from as piece_known_from, knowledge_spans.known_to as piece_known_to,
        coalesce(sum(contested.drawn_amount) over (
            partition by contested.source_key, knowledge_spans.known_from, day_spans.day_from
            order by contested.ordered_on, contested.application_id
            rows between unbounded preceding and 1 preceding
        ), 0) as asked_before
    from contested
    inner join knowledge_spans
        on contested.source_key = knowledge_spans.source_key
        and contested.known_from <= knowledge_spans.known_from and contested.known_to >= knowledge_spans.known_to
    inner join day_spans
        on contested.source_key = day_spans.source_key
        and contested.effective_from < day_spans.day_to and contested.effective_to >= day_spans.day_to
),

funded as (
    select
        pieces.*,
        cast(greatest(0, least(drawn_amount, source_amount_total - asked_before)) as decimal(18, 4)) as funded_amount
    from pieces
)

-- within one currency cash moves one for one; across currencies, pro rata, rounded to the invoice currency's minor unit
select
    application_key, entity_id, application_id, source_key, invoice_key, source_document_type, funded.currency, source_currency,
    piece_from as effective_from, piece_to as effective_to, ordered_on,
    case
        when funded_amount = drawn_amount then applied_amount
        when funded.currency = source_currency then funded_amount
        else cast(round(cast(
            cast(applied_amount as double) * cast(funded_amount as double) / cast(drawn_amount as double) * minor_scale
            as decimal(28, 6)
        )) * smallest_amount as decimal(18, 4))
    end as applied_amount,
    discount_taken, withheld_taken, funded_amount as drawn_amount, source_amount_total, invoice_amount,
    piece_known_from as known_from, piece_known_to as known_to, file_number, line
from funded
inner join minor_units on funded.currency = minor_units.currency
