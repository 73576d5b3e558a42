-- What every pending payment will bring, once: what it settles of the receivables that it names; of what is left of it, what
-- its payer owes in its currency that is due first; and the rest on account. Cash is in the base currency at the day's closing
-- rate, and empty where there is none.
with pending as (
    select payment_key, entity_id, currency, payer_key, segment, expected_on, amount
    from features.pending_payments
    where as_of = $as_of and is_expected
),

named as (
    select payment_key, spell_key, sum(settled_amount) as settled_amount, sum(cash_amount) as cash_amount,
        sum(drawn_amount) as drawn_amount
    from features.pending_claims
    where as_of = $as_of
    group by payment_key, spell_key
),

drawn as (select payment_key, sum(drawn_amount) as drawn_amount from named group by payment_key),

covered as (select spell_key, sum(settled_amount) as settled_amount from named group by spell_key),

free as (
    select pending.*, greatest(pending.amount - coalesce(drawn.drawn_amount, 0), 0) as free_amount
    from pending
    left join drawn on pending.payment_key = drawn.payment_key
),

free_queue as (
    select
        free.*,
        sum(free_amount) over (
            partition by entity_id, currency, payer_key order by expected_on, payment_key
            rows between unbounded preceding and current row
        ) as free_so_far
    from free
),

uncovered as (
    select
        owed.spell_key, owed.entity_id, owed.currency, owed.payer_key, owed.due_date,
        owed.left_open - coalesce(covered.settled_amount, 0) as owed_amount
    from features.open_receivables as owed
    left join covered on owed.spell_key = covered.spell_key
    where owed.as_of = $as_of
),

owed_queue as (
    select
        uncovered.*,
        sum(owed_amount) over (
            partition by entity_id, currency, payer_key order by due_date, spell_key
            rows between unbounded preceding and current row
        ) as owed_so_far
    from uncovered
),

matched as (
    select
        free_queue.payment_key, owed_queue.spell_key,
        least(free_so_far, owed_so_far) - greatest(free_so_far - free_amount, owed_so_far - owed_amount) as amount
    from free_queue
    inner join owed_queue
        on free_queue.entity_id = owed_queue.entity_id and free_queue.currency = owed_queue.currency
        and free_queue.payer_key = owed_queue.payer_key and free_so_far > owed_so_far - owed_amount
        and owed_so_far > free_so_far - free_amount
),

told as (
    select payment_key, spell_key, settled_amount, cash_amount from named
    union all
    select payment_key, spell_key, amount, amount from matched where amount > 0
    union all
    select free.payment_key, 0, min(free.free_amount) - coalesce(sum(matched.amount), 0),
        min(free.free_amount) - coalesce(sum(matched.amount), 0)
    from free
    left join matched on free.payment_key = matched.payment_key
    group by free.payment_key
),

brought as (
    select payment_key, spell_key, sum(settled_amount) as settled_amount, sum(cash_amount) as cash_amount
    from told
    where cash_amount > 0
    group by payment_key, spell_key
)

select
    brought.payment_key,
    brought.spell_key,
    pending.payer_key,
    pending.entity_id,
    coalesce(calendars.calendar_number, 0) as calendar_number,
    coalesce(owed.currency, pending.currency) as currency,
    pending.segment,
    pending.expected_on,
    cast(brought.settled_amount as decimal(38, 4)) as settled_amount,
    cast(brought.cash_amount as decimal(38, 4)) as cash_amount,
    cast(round(cast(brought.cash_amount as decimal(20, 4)) * rates.rate, 4) as decimal(38, 4)) as cash_amount_base
from brought
inner join pending on brought.payment_key = pending.payment_key
left join staging.entity_calendars as calendars on pending.entity_id = calendars.entity_id
left join features.open_receivables as owed on brought.spell_key = owed.spell_key and owed.as_of = $as_of
left join features.base_rates as rates
    on pending.entity_id = rates.entity_id and coalesce(owed.currency, pending.currency) = rates.currency and rates.as_of = $as_of
