-- The pool of each customer of an entity: that of the first of the policy's rules that fits. The last rule fits everybody.
with billed as (
    select distinct account_number from ledger.known_documents where known_at = $known_at and posting_date <= $as_of
),

members as (
    select distinct accounts.entity_id, accounts.customer_id
    from ledger.accounts as accounts
    inner join billed on accounts.account_number = billed.account_number
    where accounts.as_of = $as_of
),

fitting as (
    select
        members.entity_id, members.customer_id, rules.pool,
        row_number() over (partition by members.entity_id, members.customer_id order by rules.rule_order) as rule_rank
    from members
    left join ledger.customers as customers on members.customer_id = customers.customer_id and customers.as_of = $as_of
    inner join staging.pool_rules as rules
        on coalesce(rules.entity_id, members.entity_id) = members.entity_id
        and coalesce(rules.segment, coalesce(customers.segment, '')) = coalesce(customers.segment, '')
        and coalesce(rules.region, coalesce(customers.region, '')) = coalesce(customers.region, '')
        and coalesce(rules.country, coalesce(customers.country, '')) = coalesce(customers.country, '')
        and coalesce(rules.kind, coalesce(customers.kind, '')) = coalesce(customers.kind, '')
        and coalesce(rules.insured, coalesce(customers.insured, false)) = coalesce(customers.insured, false)
)

select entity_id, customer_id, pool
from fitting
where rule_rank = 1
