-- The trend behind a payer's review, by month, entity and currency: what was billed (voids taken back) and what came in (receipts
-- by their own date, reversals by theirs), how many days the cash applied in the month took and how many of them beyond terms,
-- weighed by it, what was open and past due at the month's end, and what of it was disputed. A month without any of it is
-- left out.
with months as (
    select
        month_number, period_end, entity_id, payer_id, currency, billed_amount, collected_amount, open_amount,
        owed_past_due_amount
    from ledger.payer_months
    where as_of = $as_of
),

-- cash of a month is what took effect in it and still stood at its end
cash as (
    select
        periods.period_end, accounts.entity_id, accounts.payer_id, accounts.currency, sum(applied.applied_amount) as cash_amount,
        sum(case when applied.terms_days is null then 0 else applied.applied_amount end) as dated_cash_amount,
        sum(cast(applied.applied_amount as decimal(28, 4)) * applied.days_to_pay) as days_to_pay_weight,
        sum(cast(applied.applied_amount as decimal(28, 4)) * case
            when policy.early_payments = 'floored' then greatest(coalesce(applied.days_beyond_terms, 0), 0)
            else coalesce(applied.days_beyond_terms, 0)
        end) as beyond_terms_weight
    from ledger.cash_applications as applied
    inner join ledger.accounts as accounts on applied.account_number = accounts.account_number and accounts.as_of = $as_of
    cross join staging.policy as policy
    inner join ledger.period_ends as periods
        on year(applied.ordered_on) * 12 + month(applied.ordered_on) = periods.month_number
        and periods.as_of = $as_of and periods.is_monthly
    where applied.as_of = $as_of and applied.effective_from <= periods.period_end
        and applied.effective_to > periods.period_end
    group by periods.period_end, accounts.entity_id, accounts.payer_id, accounts.currency
),

disputes as (
    select period_end, entity_id, payer_id, currency, sum(blocked_amount) as blocked_amount
    from ledger.period_disputes
    where as_of = $as_of
    group by period_end, entity_id, payer_id, currency
)

select
    months.period_end,
    months.entity_id,
    months.payer_id,
    months.currency,
    months.billed_amount,
    months.collected_amount,
    cast(coalesce(cash.cash_amount, 0) as decimal(38, 4)) as cash_amount,
    cast(coalesce(cash.days_to_pay_weight, 0) as decimal(38, 4)) as days_to_pay_weight,
    cast(cash.days_to_pay_weight as double) / nullif(cast(cash.cash_amount as double), 0) as weighted_days_to_pay,
    cast(coalesce(cash.dated_cash_amount, 0) as decimal(38, 4)) as dated_cash_amount,
    cast(coalesce(cash.beyond_terms_weight, 0) as decimal(38, 4)) as beyond_terms_weight,
    cast(cash.beyond_terms_weight as double) / nullif(cast(cash.dated_cash_amount as double), 0)
        as weighted_days_beyond_terms,
    cast(coalesce(cash.cash_amount - cash.dated_cash_amount, 0) as decimal(38, 4)) as excluded_amount,
    months.open_amount,
    months.owed_past_due_amount,
    cast(coalesce(disputes.blocked_amount, 0) as decimal(38, 4)) as blocked_amount
from months
left join cash
    on months.period_end = cash.period_end and months.entity_id = cash.entity_id and months.payer_id = cash.payer_id
    and months.currency = cash.currency
left join disputes
    on months.period_end = disputes.period_end and months.entity_id = disputes.entity_id
    and months.payer_id = disputes.payer_id and months.currency = disputes.currency
where months.billed_amount <> 0 or months.collected_amount <> 0 or months.open_amount <> 0
    or months.owed_past_due_amount <> 0 or cash.cash_amount <> 0
