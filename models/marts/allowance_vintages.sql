-- The vintage triangle: of what was billed in a month, what was uncollected so many months later, and what had been lost of it.
select
    policy.framework,
    vintages.entity_id,
    vintages.currency,
    vintages.pool,
    months.month_start as billing_month,
    vintages.age_months,
    vintages.billed,
    vintages.uncollected,
    vintages.written_off,
    vintages.recovered,
    cast(vintages.written_off - vintages.recovered as double) / nullif(cast(vintages.billed as double), 0)
        as cumulative_loss_rate
from allowance.vintages as vintages
inner join staging.months as months on vintages.billing_month = months.month_number
cross join staging.policy as policy
where vintages.as_of = $as_of
