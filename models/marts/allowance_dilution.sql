-- What is reserved for dilution, apart from credit losses and outside the allowance: what is under dispute, by its reason, and
-- the share of it that usually ends in a credit.
with disputes as (
    select
        states.entity_id, states.currency, states.reason, states.blocked_amount,
        cast(round(cast(states.blocked_amount as double) * outlook.expected_credit_share * units.minor_scale) as decimal(28, 0))
            * units.smallest_amount as reserve
    from ledger.dispute_states as states
    inner join features.dispute_outlook as outlook on states.dispute_key = outlook.dispute_key and outlook.as_of = $as_of
    left join staging.currencies as units on states.currency = units.currency
    where states.as_of = $as_of and states.is_open and states.blocked_amount > 0 and states.currency <> ''
)

select
    policy.framework,
    disputes.entity_id,
    disputes.currency,
    disputes.reason,
    count(*) as dispute_count,
    cast(sum(disputes.reserve) as double) / nullif(cast(sum(disputes.blocked_amount) as double), 0) as history_rate,
    cast(sum(disputes.blocked_amount) as decimal(38, 4)) as exposure,
    cast(sum(disputes.reserve) as decimal(38, 4)) as reserve
from disputes
cross join staging.policy as policy
group by policy.framework, disputes.entity_id, disputes.currency, disputes.reason
