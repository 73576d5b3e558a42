-- When each open item is expected to become cash, and what becomes of the rest of it. Over the item's life the four
-- expectations add up to what is open: what credits and receipts at hand will settle is credit, cash and discounts are as
-- forecast, write-offs as the book's own record has them, and what is left is credit. Dates are those of cash; one that is not
-- reached within half a year is empty. Of the insolvent and of what is in litigation, what the allowance does not expect to lose
-- is cash in the end, of which no day is known, and the rest is written off.
with items as (
    select
        open_items.document_key, open_items.instalment, open_items.entity_id, open_items.customer_id, open_items.payer_id,
        open_items.document_id, open_items.document_type, open_items.currency, open_items.due_date, open_items.open_amount,
        units.minor_scale, units.smallest_amount
    from ledger.open_items as open_items
    left join staging.currencies as units on open_items.currency = units.currency
    where open_items.as_of = $as_of and open_items.open_amount > 0
),

made as (
    select is_made, model from forecasts.made where as_of = $as_of and is_made
),

shares as (
    select
        receivables.document_key, receivables.instalment, made.model, settlements.date_p10, settlements.date_p50,
        settlements.date_p90,
        settlements.expected_date, coalesce(settlements.paid_within_7, 0) as paid_within_7,
        coalesce(settlements.paid_within_14, 0) as paid_within_14, coalesce(settlements.paid_within_30, 0) as paid_within_30,
        coalesce(settlements.paid_within_60, 0) as paid_within_60, coalesce(settlements.paid_within_90, 0) as paid_within_90,
        coalesce(settlements.cash_share, 0) as cash_share, coalesce(settlements.discount_share, 0) as discount_share,
        coalesce(settlements.write_off_share, 0) as write_off_share
    from features.open_receivables as receivables
    inner join made on made.is_made
    left join forecasts.settlements as settlements
        on receivables.spell_key = settlements.spell_key and settlements.as_of = $as_of
    where receivables.as_of = $as_of
),

rounded as (
    select
        items.*, shares.model, shares.date_p10, shares.date_p50, shares.date_p90, shares.expected_date, shares.paid_within_7,
        shares.paid_within_14, shares.paid_within_30, shares.paid_within_60, shares.paid_within_90,
        cast(round(cast(cast(items.open_amount as double) * shares.cash_share * items.minor_scale as decimal(28, 6)))
            * items.smallest_amount as decimal(38, 4)) as expected_cash,
        cast(round(cast(cast(items.open_amount as double) * shares.discount_share * items.minor_scale as decimal(28, 6)))
            * items.smallest_amount as decimal(38, 4)) as expected_discount,
        cast(round(cast(cast(items.open_amount as double) * shares.write_off_share * items.minor_scale as decimal(28, 6)))
            * items.smallest_amount as decimal(38, 4)) as expected_write_off
    from items
    inner join shares on items.document_key = shares.document_key and items.instalment = shares.instalment
)

select
    entity_id,
    customer_id,
    payer_id,
    document_type,
    document_id,
    instalment,
    currency,
    due_date,
    open_amount,
    expected_date,
    date_p10,
    date_p50,
    date_p90,
    paid_within_7,
    paid_within_14,
    paid_within_30,
    paid_within_60,
    paid_within_90,
    expected_cash,
    cast(open_amount - expected_cash - expected_discount - expected_write_off as decimal(38, 4)) as expected_credit,
    expected_discount,
    expected_write_off,
    model
from rounded
