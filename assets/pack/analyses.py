"""The sheets that explain: receipts, ageing, metrics, the allowance and the bridges; their blocks and charts.

The order of sheets, and those that only list, belong to `sheets`; SQL that the page reads too, to `figures`.
"""

from __future__ import annotations

from assets.pack import figures
from assets.pack.blocks import Block, of_mart
from assets.pack.edition import Edition
from assets.pack.sheet import Chart, Sheet
from assets.resources.warehouse import Warehouse

_AHEAD = "component = 'total' and level = "


def receipts() -> Sheet:
    """Actual receipts and those of thirteen weeks ahead, and how good such forecasts were."""
    accuracy = Block(
        "forecast_accuracy",
        "How forecasts made the same way did",
        figures.ACCURACY,
        order="scope, horizon_weeks",
        note="A ratio below one is better than the best simple rule; vintage says from which facts.",
    )
    chart = Chart(
        "receipts_by_week",
        "Receipts by week: actual, then expected with P10 and P90",
        "Columns of eight weeks of actual receipts and thirteen of expected ones, hatched; lines for P10 and"
        " P90. The rows"
        " are in the table receipts_by_week.",
        "column",
        "week_end",
        ("actual", "expected"),
        "stacked",
        ("p10", "p90"),
        ("expected",),
    )
    answers = "What cash came, and what is expected in each of thirteen weeks, within what range"
    return Sheet("13-week receipts", answers, (_by_week(), _by_entity(), accuracy), (chart,))


def _by_week() -> Block:
    came = (
        f"select actual from forecast_backtest where scope = 'total' and entity_id = '' and model = {figures.SERVED}"
        f" and horizon_week = 1 and actual is not null order by origin desc limit {figures.WEEKS_BACK}"
    )
    statistics = {"expected": "mean", "p10": "p10", "p50": "p50", "p90": "p90"}
    ahead = f"select sum(amount) from cash_forecast where {_AHEAD} 'total' and statistic = "
    return Block(
        "receipts_by_week",
        "Receipts by week, in base currency: weeks that came, then weeks ahead",
        "select week_end, kind, actual, expected, p10, p50, p90, forecast_week_before,"
        " expected - forecast_week_before as change_in_forecast, actual - forecast_week_before as variance"
        f" from ({figures.WEEKS}) as weeks",
        {
            "actual": f"select sum(actual) from ({came}) as came",
            **{name: f"{ahead} '{statistic}'" for name, statistic in statistics.items()},
        },
        "week_end",
        "Receipts only: no payments and no balance. P10 is not reached with a chance of 10 %; quantiles do not"
        " add up over"
        " weeks or entities.",
    )


def _by_entity() -> Block:
    rows = (
        "select entity_id, currency, week_end, sum(case statistic when 'mean' then amount end) as expected,"
        " sum(case statistic when 'p10' then amount end) as p10, sum(case statistic when 'p50' then amount end) as p50,"
        " sum(case statistic when 'p90' then amount end) as p90 from cash_forecast"
        f" where {_AHEAD} 'entity' group by entity_id, currency, week_end"
    )
    total = f"select sum(amount) from cash_forecast where {_AHEAD} 'entity' and statistic = 'mean'"
    title = "Receipts expected by entity and week, in the currency of the row"
    return Block("receipts_by_entity", title, rows, {"expected": total}, "entity_id, currency, week_end")


def ageing(bundle: Warehouse, edition: Edition) -> Sheet:
    """Ageing now and at month-ends, by entity and by customer, in the buckets of the policy."""
    view = edition.manifest["policy"]["settings"]["aging"]["credit_view"]
    now, old = _buckets(bundle, "aging"), _buckets(bundle, "aging_monthly")
    shown_months = f"month_end in {figures.NEWEST_MONTHS}"
    months = Block(
        "ageing_by_month",
        "Ageing at month-ends, in base currency, credits as negative items",
        figures.by_bucket("aging_monthly", "month_end", "open_amount_base", old, shown_months),
        {"total": f"select sum(open_amount_base) from aging_monthly where {shown_months}"},
        "month_end",
    )
    by_entity = f"Ageing by entity in the currency of the row, credits {view}"
    by_customer = f"Ageing by customer, the largest first, credits {view}"
    customers = "entity_id, customer_id, currency"
    return Sheet(
        "Ageing",
        "What is open, by days past due",
        (
            _ageing_by("ageing_by_entity", by_entity, "entity_id, currency", "entity_id, currency", now),
            months,
            _ageing_by("ageing_by_customer", by_customer, customers, f"abs(total) desc, {customers}", now),
        ),
        (
            Chart(
                "ageing_by_month",
                "Open receivables by days past due",
                "Stacked columns, one a month-end, of open amounts by ageing bucket in base currency. The rows"
                " are in the"
                " table ageing_by_month.",
                "column",
                "month_end",
                tuple(old),
                "stacked",
            ),
        ),
    )


def _buckets(bundle: Warehouse, mart: str) -> list[str]:
    return [row[0] for row in bundle.rows(f"select aging_bucket from {mart} group by 1 order by min(bucket_order), 1")]


def _ageing_by(name: str, title: str, keys: str, order: str, buckets: list[str]) -> Block:
    total = "select sum(open_amount) from aging where is_policy_view"
    totals = {bucket: f"{total} and aging_bucket = {figures.literal(bucket)}" for bucket in buckets}
    rows = figures.by_bucket("aging", keys, "open_amount", buckets, "is_policy_view")
    return Block(name, title, rows, {**totals, "total": total}, order)


DEFINITIONS = ("simple_90", "best_possible_90", "average_days_delinquent_90", "countback")
"""The definitions of DSO that are drawn month by month."""


def metrics() -> Sheet:
    """DSO on every definition and the collection metrics, now and by month."""
    sides = "receivables sales excluded_amount flag"
    now = of_mart(
        "dso_now",
        "Days sales outstanding now",
        "dso",
        f"entity_id currency definition days {sides}",
        "period_end = (select max(period_end) from dso)",
        "entity_id, currency, definition",
    )
    trend = ", ".join(f"sum(case definition when '{name}' then days end) as {name}" for name in DEFINITIONS)
    rows = (
        f"select period_end, entity_id, currency, {trend} from dso where (entity_id, currency) in"
        f" {figures.LARGEST_BOOK}"
        f" and period_end in {figures.NEWEST_MONTHS} group by period_end, entity_id, currency"
    )
    months = Block("dso_by_month", "Days sales outstanding where most is open", rows, order="period_end")
    measured = of_mart(
        "metrics_now",
        "Collection metrics now, by entity",
        "collection_metrics",
        "entity_id currency metric window_days value numerator denominator excluded_amount flag",
        "level = 'entity' and period_end = (select max(period_end) from collection_metrics)",
        "entity_id, currency, metric, window_days",
    )
    alt = (
        "Lines of DSO over 90 days, best possible DSO, average days delinquent and countback by month-end. The"
        " rows are in"
        " the table dso_by_month."
    )
    chart = Chart("dso_by_month", "Days sales outstanding where most is open", alt, "line", "period_end", DEFINITIONS)
    answers = "How long cash takes, on every definition, with both sides of each figure"
    return Sheet("DSO and metrics", answers, (months, now, measured), (chart,))


def allowance() -> Sheet:
    """The schedule of the allowance, its roll-forward and specific reserves."""
    return Sheet(
        "Allowance",
        "What is expected never to be paid, why, and what moved it",
        (
            of_mart(
                "allowance_schedule",
                "Schedule",
                "allowance_schedule",
                "entity_id currency pool aging_bucket method"
                " item_count exposure historical_rate floor_or_credibility current_adjustment forecast_adjustment"
                " qualitative_adjustment override rate allowance allowance_base",
                order="entity_id, currency, pool, bucket_order, aging_bucket",
            ),
            of_mart(
                "allowance_rollforward",
                "Roll-forward since the last approved close",
                "allowance_rollforward",
                "entity_id currency pool line amount amount_base schedule_ii_column",
                order="entity_id, currency, pool, line_order",
            ),
            of_mart(
                "allowance_specific",
                "Specific reserves",
                "allowance_specific",
                "entity_id currency customer_id"
                " document_type document_id instalment kind event_date exposure expected_loss_rate allowance"
                " allowance_base",
                order="entity_id, document_type, document_id, instalment",
            ),
        ),
    )


def bridge() -> Sheet:
    """The bridges of the cash forecast and of receivables."""
    newest = "period_end = (select max(period_end) from rollforward)"
    ahead = "Thirteen weeks of cash, from the forecast of a week ago to this one, in base currency"
    moved = "Receivables of the newest period from opening to closing, in base currency"
    blocks = (
        _steps("forecast_bridge", ahead, figures.FORECAST_BRIDGE, "select sum(amount_base) from forecast_bridge"),
        _steps(
            "receivables_bridge",
            moved,
            figures.RECEIVABLES_STEPS,
            f"select sum(amount_base) from rollforward where {newest}",
        ),
        of_mart(
            "forecast_bridge_by_entity",
            "The bridge of the forecast by entity, in the currency of the row",
            "forecast_bridge",
            "entity_id currency step amount amount_base",
            order="entity_id, currency, step_order",
        ),
    )
    charts = (
        _drawn("forecast_bridge", "Cash expected in thirteen weeks: a week ago, and now"),
        _drawn("receivables_bridge", "Receivables of the newest period: opening to closing"),
    )
    return Sheet(
        "Bridge", "Why the cash forecast is another than a week ago, and what moved receivables", blocks, charts
    )


def _steps(name: str, title: str, rows: str, total: str) -> Block:
    note = "Floor, level, rise and fall draw the chart."
    return Block(name, title, figures.waterfall(rows), {"amount_base": total}, "step_order", note)


def _drawn(block: str, title: str) -> Chart:
    alt = f"A bridge of columns, from the first line to the last, of the table {block}."
    series = ("floor_base", "level_base", "rise_base", "fall_base")
    return Chart(block, title, alt, "column", "step", series, "stacked", unseen=("floor_base",))
