"""The blocks that stand on the page and in no sheet: roll rates, the allowance's steps, promises, and payers with
items.

What they are drawn as belongs to `charts` and `page`.
"""

from __future__ import annotations

from assets.pack import figures
from assets.pack.blocks import Block, of_mart
from assets.resources.warehouse import Warehouse

MOST_PAYERS, MOST_ITEMS, MOST_LINES = 500, 2_000, 25
"""Rows of a page: a reader looks at the largest; the workbook and the Parquet files have the rest."""
OVERDUE = "case when days_past_due > 0 and open_amount > 0 then open_amount else 0 end"


def page_blocks(bundle: Warehouse) -> list[Block]:
    """The blocks of the page that the workbook does not have, by their names."""
    return [
        _roll_rates(bundle),
        Block(
            "allowance_steps",
            "The allowance from opening to closing, in base currency",
            figures.waterfall(figures.ALLOWANCE_STEPS),
            {"amount_base": "select sum(amount_base) from allowance_rollforward"},
            "step_order",
        ),
        *_behaviour(),
        _goals_now(),
        of_mart(
            "failing",
            "Checks that did not pass",
            "data_quality",
            "severity table_name check_name failing_rows failing_amount",
            "not passed",
            "severity, table_name, check_name",
        ),
        _by("entities", "Entities", "entity_id, currency", "entity_id, currency"),
        _by("payers", "Payers", "entity_id, payer_id, currency", _LARGEST),
        _items(),
    ]


def _behaviour() -> list[Block]:
    """Payers that pay otherwise than they used to, and what was promised."""
    changes = of_mart(
        "behaviour_changes",
        "Payers whose behaviour changed",
        "behaviour_changes",
        "payer_id direction changed_on detected_on days_before days_after exposure evidence false_discovery_rate",
        order="exposure desc, payer_id",
        most_rows=MOST_LINES,
    )
    states = Block(
        "promise_states",
        "Promises by state, in the currency of the row",
        "select currency, state, count(*) as promise_count, sum(amount) as amount, sum(kept_amount) as kept_amount"
        " from promises group by currency, state",
        {name: f"select sum({name}) from promises" for name in ("amount", "kept_amount")},
        "currency, state",
    )
    promised = of_mart(
        "open_promises",
        "Promises that are open, the nearest first",
        "promises",
        "entity_id customer_id promise_id promised_date currency amount kept_amount keep_probability"
        " times_broken_before",
        "state = 'open'",
        "promised_date, entity_id, promise_id",
        most_rows=MOST_LINES,
    )
    return [changes, states, promised]


def _goals_now() -> Block:
    return of_mart(
        "goals_now",
        "Goals of the period that ends next",
        "targets",
        "period_end entity_id collector metric definition currency target actual_to_date forecast probability_met gap"
        " reason",
        "period_end = (select min(period_end) from targets where period_end >= as_of)",
        "entity_id, collector, metric",
        most_rows=MOST_LINES,
    )


def _items() -> Block:
    return of_mart(
        "items",
        "Open items",
        "aging_detail",
        "entity_id payer_id currency document_type document_id document_date due_date days_past_due aging_bucket"
        " open_amount disputed_amount promised_date",
        order="abs(coalesce(open_amount_base, open_amount)) desc, entity_id, document_type, document_id, instalment",
        most_rows=MOST_ITEMS,
    )


_LARGEST = "abs(coalesce(open_amount_base, open_amount)) desc, entity_id, payer_id, currency"


def _by(name: str, title: str, keys: str, order: str) -> Block:
    rows = (
        f"select * from (select {keys}, count(*) as item_count, sum(open_amount) as open_amount,"
        f" sum({OVERDUE}) as past_due_amount, sum(open_amount_base) as open_amount_base,"
        f" max(days_past_due) as oldest_days from aging_detail group by {keys}) as summed"
    )
    totals = {
        "open_amount": "select sum(open_amount) from aging_detail",
        "open_amount_base": "select sum(open_amount_base) from aging_detail",
    }
    return Block(name, title, rows, totals, order, most_rows=MOST_PAYERS)


def _roll_rates(bundle: Warehouse) -> Block:
    """Month by bucket, of the largest pool where most is open."""
    own = f"(entity_id, currency) in {figures.LARGEST_BOOK}"
    most = f"select pool from allowance_roll_rates where {own} group by pool order by sum(opening) desc, pool limit 1"
    pool = f"pool = ({most})"
    buckets = [
        row[0]
        for row in bundle.rows(
            f"select from_bucket from allowance_roll_rates where {own} and {pool} group by 1 order by"
            " min(bucket_order), 1"
        )
    ]
    columns = "".join(
        f", max(case when from_bucket = {figures.literal(name)} then roll_rate end) as {figures.quoted(name)}"
        for name in buckets
    )
    months = (
        f"(select distinct from_month from allowance_roll_rates order by from_month desc limit {figures.MONTHS_SHOWN})"
    )
    return Block(
        "roll_rates",
        "Share of each bucket that rolled into an older one within the month, of the largest pool where most is open",
        f"select from_month{columns} from allowance_roll_rates where {own} and {pool} and from_month in {months}"
        " group by from_month",
        order="from_month",
    )
