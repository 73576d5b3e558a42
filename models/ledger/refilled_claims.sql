-- What a refund, or a credit balance written off, gets of cash that an invoice had no room for: it stays on its source, and asks
-- nothing of another invoice. The claims on such a source alone that found too little left of it at first, each with what it got
-- then and what is left now, in the order in which they took effect (on one day by kind and id).
with handed_back as (
    select funded.source_key
    from ledger.overpaid_claims as cut
    inner join ledger.funded_claims as funded on cut.claim_key = funded.claim_key and cut.drawn_amount < funded.drawn_amount
    group by funded.source_key
),

asked as (
    select funded.*, claims.drawn_amount - funded.drawn_amount as lacking_amount
    from ledger.funded_claims as funded
    inner join handed_back on funded.source_key = handed_back.source_key
    inner join ledger.claims as claims
        on funded.claim_key = claims.claim_key
        and claims.effective_from <= funded.effective_from and claims.effective_to >= funded.effective_to
        and claims.known_from <= funded.known_from and claims.known_to >= funded.known_to
    where funded.invoice_key is null
),

short as (
    select source_key from asked where lacking_amount > 0 group by source_key
),

drawn as (
    select source_key, drawn_amount, effective_from, effective_to, known_from, known_to
    from ledger.overpaid_claims
    where source_key in (select source_key from short)
    union all
    select funded.source_key, funded.drawn_amount, funded.effective_from, funded.effective_to, funded.known_from, funded.known_to
    from ledger.funded_claims as funded
    where funded.source_key in (select source_key from short)
        and not exists (select 1 from ledger.overpaid_claims as cut where cut.invoice_key = funded.invoice_key)
    union all
    -- a payment that was taken back has so much less
    select target_key, reinstated_amount, effective_from, effective_to, known_from, known_to
    from ledger.reinstatements
    where kind = 'payments_reversed' and target_key in (select source_key from short)
),

knowledge as (
    select source_key, known_from as moment from drawn
    union
    select source_key, known_to as moment from drawn
),

knowledge_spans as (
    select source_key, moment as known_from, lead(moment) over (partition by source_key order by moment) as known_to
    from knowledge
),

days as (
    select source_key, effective_from as moment from drawn
    union
    select source_key, effective_to as moment from drawn
),

day_spans as (
    select source_key, moment as day_from, lead(moment) over (partition by source_key order by moment) as day_to from days
),

cells as (
    select
        knowledge_spans.source_key, knowledge_spans.known_from, knowledge_spans.known_to, day_spans.day_from, day_spans.day_to,
        sum(drawn.drawn_amount) as drawn_amount
    from knowledge_spans
    inner join day_spans on knowledge_spans.source_key = day_spans.source_key and day_spans.day_to is not null
    inner join drawn
        on knowledge_spans.source_key = drawn.source_key
        and drawn.known_from <= knowledge_spans.known_from and drawn.known_to >= knowledge_spans.known_to
        and drawn.effective_from <= day_spans.day_from and drawn.effective_to >= day_spans.day_to
    group by
        knowledge_spans.source_key, knowledge_spans.known_from, knowledge_spans.known_to, day_spans.day_from, day_spans.day_to
),

pieces as (
    select
        asked.*, cells.day_from as piece_from, cells.day_to as piece_to,
        cells.known_from as piece_known_from, cells.known_to as piece_known_to,
        asked.source_amount_total - cells.drawn_amount - coalesce(sum(asked.lacking_amount) over (
            partition by asked.source_key, cells.known_from, cells.day_from
            order by asked.ordered_on, asked.kind, asked.claim_id rows between unbounded preceding and 1 preceding
        ), 0) as left_amount
    from asked
    inner join short on asked.source_key = short.source_key
    inner join cells
        on asked.source_key = cells.source_key
        and asked.known_from <= cells.known_from and asked.known_to >= cells.known_to
        and asked.effective_from <= cells.day_from and asked.effective_to >= cells.day_to
)

select
    claim_key, kind, entity_id, claim_id, source_key, invoice_key, instalment, source_document_type, currency, source_currency,
    piece_from as effective_from, piece_to as effective_to, ordered_on, reversed_on, applied_amount, discount_taken,
    withheld_taken, recovered_amount,
    cast(drawn_amount + greatest(0, least(lacking_amount, left_amount)) as decimal(18, 4)) as drawn_amount,
    source_amount_total, invoice_amount, piece_known_from as known_from, piece_known_to as known_to, file_number, line
from pieces
