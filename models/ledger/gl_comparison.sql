-- The subledger beside the general ledger at each period end that it has balances for: by account and currency, in document or in
-- functional currency as the balance says. A document counts with the account that it names; one that names none, with the
-- entity's only receivables account or, where it is a receipt or a credit, with its only account of unapplied ones. What no
-- account takes stands under an empty one.
with balances as (
    select
        entity_id, period_end, account, coalesce(account_kind, 'receivable') as account_kind,
        coalesce(currency, '') as currency, coalesce(currency_kind, 'document') as currency_kind, balance
    from staging.gl_balances
    where known_from <= $known_at and known_to > $known_at and period_end <= $as_of
        and coalesce(account_kind, 'receivable') <> 'allowance'
),

only_accounts as (
    select
        entity_id, period_end, currency, currency_kind,
        case when count(distinct case when account_kind = 'receivable' then account end) = 1
            then min(case when account_kind = 'receivable' then account end) end as receivable_account,
        case when count(distinct case when account_kind = 'unapplied' then account end) = 1
            then min(case when account_kind = 'unapplied' then account end) end as unapplied_account
    from balances
    group by entity_id, period_end, currency, currency_kind
),

movements as (
    select entity_id, currency, ar_account, sign, effective_date, amount, amount_functional
    from ledger.movements
    where as_of = $as_of
),

sides as (
    select
        known.entity_id, known.period_end, known.currency, known.currency_kind,
        case
            when movements.ar_account <> '' then movements.ar_account
            when movements.sign = -1 then coalesce(known.unapplied_account, known.receivable_account, '')
            else coalesce(known.receivable_account, '')
        end as account,
        case when known.currency_kind = 'functional' then movements.amount_functional else movements.amount end as amount
    from only_accounts as known
    inner join movements
        on known.entity_id = movements.entity_id and movements.effective_date <= known.period_end
        and (known.currency_kind = 'functional' or known.currency = movements.currency)
),

-- an account that the general ledger does not have is no account
subledger as (
    select
        sides.entity_id, sides.period_end, sides.currency, sides.currency_kind, coalesce(balances.account, '') as account,
        case when count(*) = count(sides.amount) then sum(sides.amount) end as amount
    from sides
    left join balances
        on sides.entity_id = balances.entity_id and sides.period_end = balances.period_end and sides.account = balances.account
        and sides.currency = balances.currency and sides.currency_kind = balances.currency_kind
    group by sides.entity_id, sides.period_end, sides.currency, sides.currency_kind, coalesce(balances.account, '')
)

select
    coalesce(balances.entity_id, subledger.entity_id) as entity_id,
    coalesce(balances.period_end, subledger.period_end) as period_end,
    coalesce(balances.account, subledger.account) as account,
    coalesce(balances.currency, subledger.currency) as currency,
    coalesce(balances.currency_kind, subledger.currency_kind) as currency_kind,
    cast(case when subledger.account is null then 0 else subledger.amount end as decimal(38, 4)) as subledger_amount,
    cast(coalesce(balances.balance, 0) as decimal(38, 4)) as gl_amount
from balances
full outer join subledger
    on balances.entity_id = subledger.entity_id and balances.period_end = subledger.period_end
    and balances.account = subledger.account and balances.currency = subledger.currency
    and balances.currency_kind = subledger.currency_kind
where balances.account is not null or subledger.amount is null or subledger.amount <> 0
