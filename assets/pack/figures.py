"""The figures that sheets and pages share: SQL on the published tables, in base currency unless it says otherwise.

Belongs here: gathering what the marts hold into what people look at. Does not: computing anything that no mart has; a
sum, a difference or a quotient of published columns is as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterable

WEEKS_BACK = 8
"""Weeks of actual receipts beside the thirteen to come."""

SERVED = "(select max(model) from cash_forecast where level = 'total' and component = 'total')"

WEEKS = f"""
with looked_back as (
    select origin, horizon_week, actual, mean, p10, p50, p90
    from forecast_backtest where scope = 'total' and entity_id = '' and model = {SERVED}
),
came as (
    select origin + 7 as week_end, 'actual' as kind, actual, cast(null as decimal(38,4)) as expected,
        cast(null as decimal(38,4)) as p10, cast(null as decimal(38,4)) as p50, cast(null as decimal(38,4)) as p90,
        mean as forecast_week_before, p10 as p10_week_before, p90 as p90_week_before
    from looked_back where horizon_week = 1 and actual is not null
    order by week_end desc limit {WEEKS_BACK}
),
ahead as (
    select horizon_week, week_end, sum(case statistic when 'mean' then amount end) as expected,
        sum(case statistic when 'p10' then amount end) as p10, sum(case statistic when 'p50' then amount end) as p50,
        sum(case statistic when 'p90' then amount end) as p90
    from cash_forecast where level = 'total' and component = 'total' group by horizon_week, week_end
),
before as (
    select origin, horizon_week, mean, p10, p90 from looked_back
    where origin = (select max(as_of) from cash_forecast) - 7
)
select * from came
union all
select ahead.week_end, 'forecast', null, expected, ahead.p10, ahead.p50, ahead.p90, before.mean, before.p10, before.p90
from ahead left join before on before.horizon_week = ahead.horizon_week + 1
"""
"""A week a row: eight that came, with what was forecast for each a week before, and thirteen ahead."""

MONTHS_SHOWN = 13
NEWEST_MONTHS = (
    "(select month_end from (select distinct month_end from aging_monthly) as months"
    f" order by month_end desc limit {MONTHS_SHOWN})"
)

LARGEST_BOOK = (
    "(select entity_id, currency from aging_detail group by entity_id, currency"
    " order by abs(sum(coalesce(open_amount_base, 0))) desc, entity_id, currency limit 1)"
)
"""The entity and currency in which most is open, in base currency."""

FORECAST_BRIDGE = """
select step_order, step, sum(amount_base) as amount_base, step in ('previous', 'current') as is_level
from forecast_bridge group by step_order, step
"""

ALLOWANCE_STEPS = """
select line_order as step_order,
    case when line = 'write_offs' and sum(amount_base) > 0 then 'write_offs_reversed' else line end as step,
    sum(amount_base) as amount_base,
    line in ('opening', 'closing') as is_level
from allowance_rollforward group by line_order, line
"""

RECEIVABLES_STEPS = """
select line_order as step_order, line as step, sum(amount_base) as amount_base,
    line in ('opening', 'closing') as is_level
from rollforward
where period_end = (select max(period_end) from rollforward) group by line_order, line
"""

DSO_MONTHS = """
select period_end, definition, currency, sum(receivables) as receivables, sum(sales) as sales,
    case when count(*) = 1 then max(days) end as days, count(*) as entities
from dso group by period_end, definition, currency
"""

ACCURACY = f"""
select scope, grain, horizon_weeks, model, origins, wape, bias, coverage_80, coverage_95,
    best_baseline, ratio, ratio_low, ratio_high, vintage
from forecast_accuracy where model = {SERVED} and grain = 'week'
"""

PAYERS = """
select payer_id, segment, open_exposure, past_due_exposure, days_to_pay_12m, days_beyond_terms_12m,
    days_beyond_terms_trend, late_share, disputed_share, broken_promise_count, payment_score
from payment_trends where open_exposure <> 0 or past_due_exposure <> 0
"""


def quoted(name: str) -> str:
    """A name that policy gives, such as a bucket's, as an SQL name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def by_bucket(mart: str, keys: str, amount: str, buckets: Iterable[str], where: str) -> str:
    """A row per `keys`, a column per bucket, and their sum as `total`."""
    columns = "".join(
        f", sum(case when aging_bucket = {literal(name)} then {amount} else 0 end) as {quoted(name)}"
        for name in buckets
    )
    return f"select {keys}{columns}, sum({amount}) as total from {mart} where {where} group by {keys}"


def waterfall(steps: str) -> str:
    """A bridge's steps, in order, with what draws them: a floor nobody sees, levels at both ends, rises and falls."""
    moved = "case when is_level then 0 else amount_base end"
    return f"""
with steps as ({steps}),
running as (
    select *, first_value(amount_base) over (order by step_order) + sum({moved}) over (order by step_order) as reached,
        {moved} as moved
    from steps
)
select step, amount_base, case when is_level then 0 else least(reached, reached - moved) end as floor_base,
    case when is_level then amount_base else 0 end as level_base, greatest(moved, 0) as rise_base,
    greatest(-moved, 0) as fall_base
from running
"""
