-- What would be left open of each item if credits and receipts not yet applied were applied, within entity, payer and
-- currency, to what was due first: the fifo view, item by item. A credit or receipt keeps, as a negative amount, what there is
-- nothing to apply to.
with items as (
    select
        document_key, entity_id, payer_id, document_id, document_type, instalment, currency, document_date, aged_from, open_amount
    from ledger.open_items
    where as_of = $as_of
),

queued as (
    select
        items.*,
        sum(greatest(open_amount, 0)) over (partition by entity_id, payer_id, currency) as owed,
        sum(greatest(-open_amount, 0)) over (partition by entity_id, payer_id, currency) as unapplied,
        sum(greatest(open_amount, 0)) over (
            partition by entity_id, payer_id, currency
            order by coalesce(aged_from, date '9999-12-31'), document_id asc, document_type asc, instalment asc
            rows between unbounded preceding and current row
        ) as owed_so_far,
        sum(greatest(-open_amount, 0)) over (
            partition by entity_id, payer_id, currency order by document_date, document_id, document_type
            rows between unbounded preceding and current row
        ) as unapplied_so_far
    from items
)

select
    document_key,
    instalment,
    entity_id,
    document_type,
    document_id,
    cast(case
        when open_amount > 0 then least(open_amount, greatest(owed_so_far - unapplied, 0))
        else -least(-open_amount, greatest(unapplied_so_far - owed, 0))
    end as decimal(38, 4)) as left_open
from queued
