-- Each payer's months by entity and currency, from the first with a posting on: what was billed (voids taken back), what came in
-- (receipts by their own date, reversals by theirs), and what was open and past due at the month's end.
with monthly as (
    select entity_id, payer_id, currency, month_number, change, past_due_change, billed_amount, collected_amount
    from ledger.payer_changes
    where as_of = $as_of
),

spine as (
    select firsts.entity_id, firsts.payer_id, firsts.currency, periods.month_number, periods.period_end
    from (
        select entity_id, payer_id, currency, min(month_number) as first_month
        from monthly
        group by entity_id, payer_id, currency
    ) as firsts
    inner join ledger.period_ends as periods
        on firsts.first_month <= periods.month_number and periods.as_of = $as_of and periods.is_monthly
),

balances as (
    select
        spine.entity_id, spine.payer_id, spine.currency, spine.month_number, spine.period_end,
        coalesce(monthly.billed_amount, 0) as billed_amount, coalesce(monthly.collected_amount, 0) as collected_amount,
        sum(coalesce(monthly.change, 0)) over (
            partition by spine.entity_id, spine.payer_id, spine.currency order by spine.month_number
            rows between unbounded preceding and current row
        ) as open_amount,
        sum(coalesce(monthly.past_due_change, 0)) over (
            partition by spine.entity_id, spine.payer_id, spine.currency order by spine.month_number
            rows between unbounded preceding and current row
        ) as owed_past_due_amount
    from spine
    left join monthly
        on spine.entity_id = monthly.entity_id and spine.payer_id = monthly.payer_id and spine.currency = monthly.currency
        and spine.month_number = monthly.month_number
)

select
    month_number,
    period_end,
    entity_id,
    payer_id,
    currency,
    cast(billed_amount as decimal(38, 4)) as billed_amount,
    cast(collected_amount as decimal(38, 4)) as collected_amount,
    cast(open_amount as decimal(38, 4)) as open_amount,
    cast(owed_past_due_amount as decimal(38, 4)) as owed_past_due_amount
from balances
