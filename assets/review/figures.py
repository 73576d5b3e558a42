"""The blocks of a review: SQL on the published tables, each with what its amounts must add up to.

A sum, a difference or a quotient of published columns is as far as it goes. Which slide shows a block belongs to
`slides`.
"""

from __future__ import annotations

from collections.abc import Iterable

from assets.pack.blocks import Block, of_mart
from assets.pack.figures import MONTHS_SHOWN, NEWEST_MONTHS, PAYERS, SERVED, WEEKS, by_bucket, literal
from assets.resources.warehouse import Warehouse
from assets.review.scope import Scope

MOST_LINES = 9
"""Rows of a table on a slide: what can be read from the back of a room. The rest is counted."""
NEWEST = f"(select distinct period_end from payer_monthly order by period_end desc limit {MONTHS_SHOWN})"


def months(scope: Scope) -> Block:
    """A month a row: billed, collected, how fast, what was past due and blocked, beside the days of the whole book."""
    where = f"{scope.own} and {scope.in_currency} and period_end in {NEWEST}"
    summed = ("billed_amount", "collected_amount", "blocked_amount")
    past_due = "sum(owed_past_due_amount)"
    sums = {name: f"sum({name})" for name in summed} | {
        "past_due_amount": past_due,
        "not_past_due_amount": f"sum(open_amount) - {past_due}",
    }
    own = ", ".join(f"{sum_} as {name}" for name, sum_ in sums.items())
    return Block(
        "months",
        "Billed, collected and open by month",
        f"""
select newest.period_end, {_or_nothing("own", sums)}, own.days_to_pay, own.days_beyond_terms,
    book.days_beyond_terms as days_beyond_terms_of_all
from {NEWEST} as newest
left join (select period_end, {own}, {_DAYS} from payer_monthly where {where} group by period_end) as own
    on own.period_end = newest.period_end
left join (select period_end, {_DAYS} from payer_monthly where {scope.in_currency} group by period_end) as book
    on book.period_end = newest.period_end""",
        {name: f"select {sum_} from payer_monthly where {where}" for name, sum_ in sums.items()},
        "period_end",
    )


def _or_nothing(table: str, names: Iterable[str]) -> str:
    """Sums of a month, nothing where the month has no row: an axis that skips months would mislead."""
    return ", ".join(f"coalesce({table}.{name}, cast(0 as decimal(38,4))) as {name}" for name in names)


_DAYS = """cast(sum(days_to_pay_weight) as double) / nullif(sum(cash_amount), 0) as days_to_pay,
        cast(sum(beyond_terms_weight) as double) / nullif(sum(dated_cash_amount), 0) as days_beyond_terms"""


def ageing(scope: Scope) -> Block:
    """What is open on the day by bucket: what is owed, and the credits that nobody has applied."""
    amount, _, where = scope.aged
    parts = {"owed": f"case when {amount} > 0 then {amount} else 0 end"}
    parts["unapplied_credits"] = f"case when {amount} < 0 then {amount} else 0 end"
    summed = ", ".join(f"sum({part}) as {name}" for name, part in parts.items())
    order = "(select aging_bucket, min(bucket_order) as bucket_order from aging group by aging_bucket) as orders"
    rows = f"select aging_bucket, {summed} from aging_detail where {scope.own} and {where} group by aging_bucket"
    return Block(
        "ageing",
        "Open on the day, by days past due",
        f"select items.*, bucket_order from ({rows}) as items left join {order}"
        " on orders.aging_bucket = items.aging_bucket",
        {name: f"select sum({part}) from aging_detail where {scope.own} and {where}" for name, part in parts.items()},
        "bucket_order, aging_bucket",
    )


def ageing_by_month(scope: Scope, buckets: list[str]) -> Block:
    """The ageing of the whole book at its newest month-ends, a column a bucket."""
    amount, _, rows = scope.aged
    where = f"{rows} and month_end in {NEWEST_MONTHS}"
    return Block(
        "ageing_by_month",
        "Open at month-ends, by days past due",
        by_bucket("aging_monthly", "month_end", amount, buckets, where),
        {"total": f"select sum({amount}) from aging_monthly where {where}"}
        | {name: f"select sum({amount}) from aging_monthly where {where} and aging_bucket = {literal(name)}"
           for name in buckets},
        "month_end",
    )  # fmt: skip


def days_beyond_terms(scope: Scope) -> Block:
    """Days beyond terms of the whole book at its newest month-ends: paid, open, and both, over 90 days."""
    parts = {name: f"metric = {literal(name)}" for name in ("dbt_paid", "dbt_open", "dbt_all")}
    columns = "".join(
        f", cast(sum(case when {where} then numerator end) as double)"
        f" / nullif(sum(case when {where} then denominator end), 0) as {name}"
        for name, where in parts.items()
    )
    own = f"level = 'entity' and {scope.in_currency} and (window_days = 90 or metric = 'dbt_open')"
    ends = f"(select distinct period_end from collection_metrics order by period_end desc limit {MONTHS_SHOWN})"
    return Block(
        "days_beyond_terms",
        "Days beyond terms at month-ends",
        f"select period_end{columns} from collection_metrics where {own} and period_end in {ends} group by period_end",
        order="period_end",
    )


def disputes_by_month(scope: Scope) -> Block:
    """What was disputed and what was resolved in each of the newest months, of the whole book."""
    where = f"{scope.in_currency} and period_end in {NEWEST}"
    summed = ("opened_amount", "resolved_amount")
    sums = ", ".join(f"sum({name}) as {name}" for name in summed)
    found = f"(select period_end, {sums} from dispute_trends where {where} group by period_end) as found"
    return Block(
        "disputes_by_month",
        "Disputed and resolved by month",
        f"select newest.period_end, {_or_nothing('found', summed)} from {NEWEST} as newest left join {found}"
        " on found.period_end = newest.period_end",
        {name: f"select sum({name}) from dispute_trends where {where}" for name in summed},
        "period_end",
    )


def open_disputes(scope: Scope) -> Block:
    """The disputes that are open, those that block most first."""
    return of_mart(
        "open_disputes",
        "Open disputes, those that block most first",
        "disputes",
        "customer_id invoice_id reason age_days currency blocked_amount expected_resolution_date",
        scope.own,
        "blocked_amount desc, entity_id, dispute_id",
        most_rows=MOST_LINES,
    )


def promises(scope: Scope) -> Block:
    """Promises by state, in the currency of its months."""
    where = f"{scope.customers} and {scope.in_currency}"
    names = ("amount", "kept_amount")
    return Block(
        "promises",
        "Promises by state",
        f"select state, count(*) as promise_count, sum(amount) as amount, sum(kept_amount) as kept_amount,"
        f" min(case state {' '.join(f'when {literal(s)} then {n}' for n, s in enumerate(STATES))} end) as state_order"
        f" from promises where {where} group by state",
        {name: f"select sum({name}) from promises where {where}" for name in names},
        "state_order, state",
    )


STATES = ("kept", "partly_kept", "broken", "open", "withdrawn")


def open_promises(scope: Scope) -> Block:
    """The promises that are open, the nearest first."""
    return of_mart(
        "open_promises",
        "Open promises, the nearest first",
        "promises",
        "customer_id invoice_id promised_date currency amount keep_probability times_broken_before",
        f"state = 'open' and {scope.customers}",
        "promised_date, entity_id, promise_id",
        most_rows=MOST_LINES,
    )


def receipts(scope: Scope, bundle: Warehouse) -> Block:
    """Thirteen weeks of receipts: of the book with the eight that came; of an account as forecast, or as its items
    are expected."""
    if not scope.payer:
        mean = "level = 'total' and component = 'total' and statistic = 'mean'"
        totals = {"expected": f"select sum(amount) from cash_forecast where {mean}"}
        return Block("receipts", "Receipts by week", WEEKS, totals, "week_end")
    where = f"level = 'payer' and component = 'total' and {scope.own}"
    if bundle.value(f"select count(*) from cash_forecast where {where}"):
        parts = {"expected": "mean", "p10": "p10", "p90": "p90"}
        columns = ", ".join(
            f"sum(case statistic when {literal(of)} then amount_base end) as {name}" for name, of in parts.items()
        )
        rows = f"select week_end, 'forecast' as kind, {columns} from cash_forecast where {where} group by week_end"
        totals = {"expected": f"select sum(amount_base) from cash_forecast where {where} and statistic = 'mean'"}
        return Block("receipts", "Expected receipts by week", rows, totals, "week_end")
    return _receipts_of_items(scope)


def _receipts_of_items(scope: Scope) -> Block:
    """Of an account that is too small for a forecast of its own: its items' cash, in the week that it is expected."""
    where = f"{scope.own} and {scope.in_currency}"
    within = "weeks.week_start <= items.expected_date and items.expected_date <= weeks.week_end"
    ahead = "select distinct week_start, week_end from cash_forecast"
    cash = f"select expected_date, expected_cash from settlement_forecast where {where}"
    return Block(
        "receipts",
        "Expected receipts of what is open, by week",
        f"select week_end, 'forecast' as kind, coalesce(sum(expected_cash), cast(0 as decimal(38,4))) as expected"
        f" from ({ahead}) as weeks left join ({cash}) as items on {within} group by week_end",
        {
            "expected": f"select sum(expected_cash) from settlement_forecast where {where} and"
            " expected_date <= (select max(week_end) from cash_forecast)"
        },
        "week_end",
    )


def open_items(scope: Scope) -> Block:
    """The largest open items of an account, with the dates between which they are expected."""
    columns = "customer_id document_id due_date currency open_amount expected_cash expected_date date_p10 date_p90"
    order = "open_amount desc, entity_id, document_type, document_id, instalment"
    return of_mart(
        "open_items",
        "The largest open items, and when they are expected",
        "settlement_forecast",
        columns,
        scope.own,
        order,
        most_rows=MOST_LINES,
    )


def payers() -> Block:
    """Those who owe most, in base currency."""
    totals = {name: f"select sum({name}) from payment_trends" for name in ("open_exposure", "past_due_exposure")}
    columns = "payer_id, segment, open_exposure, past_due_exposure, days_to_pay_12m, days_beyond_terms_12m, late_share"
    rows = f"select {columns} from ({PAYERS}) as payers"
    return Block(
        "payers", "Who owes most", rows, totals, "open_exposure desc, payer_id", most_rows=MOST_LINES
    )  # fmt: skip


def accuracy() -> Block:
    """How such forecasts did, in total, beside the best simple rule."""
    columns = "horizon_weeks, origins, wape, bias, coverage_80, best_baseline, ratio"
    rows = f"select {columns} from forecast_accuracy where scope = 'total' and grain = 'week' and model = {SERVED}"
    return Block("accuracy", "How such forecasts did", rows, {}, "length(horizon_weeks), horizon_weeks")
