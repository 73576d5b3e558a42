-- What is open of each instalment, from every period end at which something has changed about its invoice: as it stood on the
-- last day of such a change.
with balances as (
    select
        balances.document_key, balances.instalment, days.period_number, balances.open_amount, balances.open_before,
        row_number() over (
            partition by balances.document_key, balances.instalment, days.period_number order by balances.effective_date desc
        ) as newest_first
    from ledger.instalment_balances as balances
    inner join ledger.days as days on balances.effective_date = days.day and days.as_of = $as_of
    where balances.as_of = $as_of
)

select
    document_key,
    instalment,
    period_number,
    lead(period_number) over (partition by document_key, instalment order by period_number) as next_period,
    open_amount,
    open_before
from balances
where newest_first = 1
