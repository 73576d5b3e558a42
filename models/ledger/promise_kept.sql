-- How much of each promise that was not withdrawn was kept, and when the promised amount had come. The promise for the earlier
-- date takes its cash first, in the order in which it came: from where the promise before left off, or from what had come when
-- this one was made, if that is more, up to its amount, or to what had come by its last day. So no cash keeps two promises.
with cash as (
    select
        invoice_key, entity_id, customer_id, currency, paid_on, cash_amount,
        sum(cash_amount) over (
            partition by invoice_key, entity_id, customer_id, currency order by paid_on
            rows between unbounded preceding and current row
        ) as cash_so_far
    from ledger.promise_cash
    where as_of = $as_of
),

-- what had come when the promise was made, and by its last day
bounded as (
    select
        promises.promise_key, promises.invoice_key, promises.entity_id, promises.paying_customer_id, promises.currency,
        promises.made_on, promises.promised_date, promises.amount,
        sum(case when cash.paid_on <= promises.made_on then cash.cash_amount else 0 end) as cash_before,
        sum(case when cash.paid_on <= promises.last_date then cash.cash_amount else 0 end) as cash_by_then
    from ledger.promised_amounts as promises
    left join cash
        on promises.invoice_key = cash.invoice_key and promises.entity_id = cash.entity_id
        and promises.paying_customer_id = cash.customer_id and promises.currency = cash.currency
    where promises.as_of = $as_of and not promises.is_withdrawn
    group by
        promises.promise_key, promises.invoice_key, promises.entity_id, promises.paying_customer_id, promises.currency,
        promises.made_on, promises.promised_date, promises.amount
),

queued as (
    select
        bounded.*,
        row_number() over (
            partition by invoice_key, entity_id, paying_customer_id, currency order by promised_date, made_on, promise_key
        ) as place,
        sum(amount) over (
            partition by invoice_key, entity_id, paying_customer_id, currency order by promised_date, made_on, promise_key
            rows between unbounded preceding and current row
        ) as promised_so_far
    from bounded
),

-- the rule above, unrolled over the promises before: in each, less what all of them promised, the floor is what had come before
-- it and the ceiling what had come by its last day; the least of the ceilings counts, raised to the floors after it
pairs as (
    select
        later.promise_key, earlier.cash_by_then - earlier.promised_so_far as ceiling_amount,
        earlier.cash_before - earlier.promised_so_far + earlier.amount as floor_amount,
        max(case when later.place > earlier.place then later.cash_before - later.promised_so_far + later.amount end) over (
            partition by earlier.promise_key order by later.place rows between unbounded preceding and current row
        ) as floor_since
    from queued as later
    inner join queued as earlier
        on later.invoice_key = earlier.invoice_key and later.entity_id = earlier.entity_id
        and later.paying_customer_id = earlier.paying_customer_id and later.currency = earlier.currency
        and later.place >= earlier.place
),

ends as (
    select
        promise_key,
        least(
            min(greatest(ceiling_amount, coalesce(floor_since, ceiling_amount))), greatest(max(floor_amount), 0)
        ) as end_amount
    from pairs
    group by promise_key
),

used as (
    select
        queued.*, ends.end_amount + queued.promised_so_far as used_up_to,
        greatest(queued.cash_before, coalesce(lag(ends.end_amount + queued.promised_so_far) over (
            partition by queued.invoice_key, queued.entity_id, queued.paying_customer_id, queued.currency order by queued.place
        ), 0)) as used_from
    from queued
    inner join ends on queued.promise_key = ends.promise_key
)

select
    used.promise_key,
    cast(greatest(used.used_up_to - used.used_from, 0) as decimal(38, 4)) as kept_amount,
    min(case when cash.cash_so_far >= used.used_from + used.amount then cash.paid_on end) as reached_on
from used
left join cash
    on used.invoice_key = cash.invoice_key and used.entity_id = cash.entity_id
    and used.paying_customer_id = cash.customer_id and used.currency = cash.currency
group by used.promise_key, used.used_up_to, used.used_from
