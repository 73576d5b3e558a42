-- Where receipts are forecast, so is every open receivable that credits at hand will not settle, and no other.
with expected as (
    select receivables.spell_key, receivables.left_open
    from features.open_receivables as receivables
    inner join forecasts.made as made on made.as_of = $as_of and made.is_made
    where receivables.as_of = $as_of and receivables.left_open > 0
),

found as (select spell_key from forecasts.settlements where as_of = $as_of)

select coalesce(expected.spell_key, found.spell_key) as spell_key, 1 as failing_rows, coalesce(expected.left_open, 0) as amount
from expected
full outer join found on expected.spell_key = found.spell_key
where expected.spell_key is null or found.spell_key is null
