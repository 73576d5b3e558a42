-- What one unit of each currency of an entity is worth in the base currency on the day, at its closing rate. Where there is no
-- such rate there is no row, and amounts of that currency have no amount in base: nothing is guessed.
select
    entities.entity_id,
    rates.from_currency as currency,
    entities.base_currency,
    rates.rate
from ledger.entities as entities
inner join ledger.closing_rates as rates
    on entities.base_currency = rates.to_currency and rates.as_of = $as_of and rates.period_end = $as_of
where entities.as_of = $as_of
