-- From the cash that was forecast a week ago for the thirteen weeks from then to what is forecast now for the thirteen from the
-- day, by entity and currency. Between the two: the week that rolled off; what has been collected, or settled otherwise, that
-- was expected in the common weeks; what is still open, by the hazards of a week ago; new invoices, less what was expected of
-- billings of the week; changed behaviour; what was paid in part or is at hand; disputes, promises, insolvency and discounts;
-- the outlook of billings; the week that rolled on; and what rounding leaves unexplained. The forecast of a week ago is made anew
-- from what was effective then, at the rates of the day, by hazards alone: neither model, nor policy, nor rates move it, and
-- disputes, promises and insolvency are steps in full.
select
    entity_id,
    currency,
    step,
    step_order,
    previous_as_of,
    amount,
    amount_base
from forecasts.bridge
where as_of = $as_of
