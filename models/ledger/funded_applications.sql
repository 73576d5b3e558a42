-- An application cannot take more from its source than the source still has. Where applications ask for more than
-- there is, those that took effect first are served first (on one day, by application id). Only sources that are
-- asked for too much are worked out, moment by moment of knowledge and of effect; all others get what they ask.
with applications as (
    select
        application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
        effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
        source_amount_total, invoice_amount, known_from, known_to, file_number, line
    from ledger.applications
),

minor_units as (
    select currency, minor_scale, smallest_amount from staging.currencies
),

overdrawn as (
    select source_key from applications group by source_key having sum(drawn_amount) > min(source_amount_total)
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
        contested.application_key, contested.entity_id, contested.application_id, contested.source_key,
        contested.invoice_key, contested.source_document_type, contested.currency, contested.source_currency,
        greatest(contested.effective_from, day_spans.day_from) as effective_from, day_spans.day_to as effective_to,
        contested.ordered_on, contested.applied_amount, contested.discount_taken, contested.withheld_taken,
        contested.drawn_amount, contested.source_amount_total, contested.invoice_amount,
        knowledge_spans.known_from, knowledge_spans.known_to, contested.file_number, contested.line,
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
),

-- cash moves one for one; across currencies, pro rata, rounded to the invoice currency's minor unit
shared as (
    select
        funded.*,
        case
            when funded_amount = drawn_amount then applied_amount
            when funded.currency = funded.source_currency then funded_amount
            else cast(round(cast(
                cast(applied_amount as double) * cast(funded_amount as double) / cast(drawn_amount as double) * minor_scale
                as decimal(28, 6)
            )) * smallest_amount as decimal(18, 4))
        end as funded_applied
    from funded
    inner join minor_units on funded.currency = minor_units.currency
)

select
    application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, applied_amount, discount_taken, withheld_taken, drawn_amount,
    source_amount_total, invoice_amount, known_from, known_to, file_number, line
from applications
where not exists (select 1 from overdrawn where overdrawn.source_key = applications.source_key)
union all
select
    application_key, entity_id, application_id, source_key, invoice_key, source_document_type, currency, source_currency,
    effective_from, effective_to, ordered_on, funded_applied, discount_taken, withheld_taken, funded_amount,
    source_amount_total, invoice_amount, known_from, known_to, file_number, line
from shared
