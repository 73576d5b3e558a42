-- The open items that move the chance of a goal most: how much likelier it is met if the item is paid by the end of the goal's
-- period than if it is not, all else as in the forecast's draws. Calls are best made in the order of the rank.
select
    goals.period_end,
    goals.entity_id,
    goals.collector,
    goals.metric,
    documents.document_id,
    items.instalment,
    items.customer_id,
    items.currency,
    items.open_amount,
    items.open_amount_base,
    swings.change_in_probability_met,
    swings.rank
from forecasts.swing_items as swings
inner join features.goals as goals on swings.goal_key = goals.goal_key and goals.as_of = $as_of
inner join features.open_receivables as items on swings.spell_key = items.spell_key and items.as_of = $as_of
inner join ledger.documents as documents
    on items.document_key = documents.document_key and documents.known_from <= $known_at and documents.known_to > $known_at
where swings.as_of = $as_of
