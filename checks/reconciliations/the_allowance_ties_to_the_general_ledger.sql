-- Where the general ledger's allowance is told for the day, it is what the roll-forward closes at, within the policy's
-- tolerance, in the currency that it is told in. (Before the journal is posted, it is not.)
with told as (
    select entity_id, currency, coalesce(currency_kind, 'functional') as currency_kind, -sum(balance) as balance
    from staging.gl_balances
    where known_from <= $known_at and known_to > $known_at and account_kind = 'allowance' and period_end = $as_of
        and currency is not null
    group by entity_id, currency, coalesce(currency_kind, 'functional')
),

closing as (
    select 'document' as currency_kind, entity_id, currency, sum(amount) as amount
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'closing'
    group by entity_id, currency
    union all
    select 'functional', entity_id, functional_currency, sum(amount_functional)
    from marts.allowance_rollforward
    where as_of = $as_of and line = 'closing' and functional_currency is not null
    group by entity_id, functional_currency
)

select
    told.entity_id as place, 1 as failing_rows, cast(told.balance - coalesce(closing.amount, 0) as decimal(38, 4)) as amount
from told
cross join staging.policy as policy
left join closing
    on told.entity_id = closing.entity_id and told.currency = closing.currency and told.currency_kind = closing.currency_kind
where abs(told.balance - coalesce(closing.amount, 0)) > policy.gl_tolerance
