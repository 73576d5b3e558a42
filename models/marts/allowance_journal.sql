-- The entry that books the period's provision, an entity and functional currency at a time: bad-debt expense against the
-- allowance, the other way round where allowance is released. Write-offs are booked where they happen. The idempotency key is
-- that of the entry whatever its amount: a day that is run again books the same entry, and one posted twice is posted once.
with provisions as (
    select
        entity_id, coalesce(functional_currency, currency) as currency,
        sum(case when functional_currency is null then amount else amount_functional end) as amount
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'provision'
    group by entity_id, coalesce(functional_currency, currency)
),

entries as (
    select
        provisions.entity_id, provisions.currency, provisions.amount, accounts.account, accounts.side,
        policy.framework, concat('allowance ', cast($as_of as varchar), ' ', provisions.entity_id, ' ', provisions.currency) as
            journal_id
    from provisions
    cross join staging.allowance_accounts as accounts
    cross join staging.policy as policy
    where provisions.amount <> 0
)

select
    framework,
    entity_id,
    currency,
    journal_id,
    account,
    cast(greatest(side * amount, 0) as decimal(38, 4)) as debit,
    cast(greatest(-side * amount, 0) as decimal(38, 4)) as credit,
    concat('Provision for credit losses, ', framework, ', as of ', cast($as_of as varchar)) as description,
    concat(journal_id, ' ', framework, ' ', account) as idempotency_key
from entries
