"""Goals: what each entity means to collect in its next quarter, and how little it means to have late.

Belongs here: the `targets` feed. Does not belong here: anything that a goal is measured by.
"""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from models.raw.synthetic.history import History, booked
from models.raw.synthetic.receipts import Receipts

LOOK_BACK_DAYS = 91
SHARE = Decimal("1.02")
"""Of what came in the last quarter, so much is to come in the next."""
CEILINGS = {"dso": Decimal(60), "percent_past_due": Decimal(35), "percent_over_90": Decimal(10)}
ROUNDED_TO = Decimal(100)


def goals_feed(receipts: Receipts, history: History, times: int) -> pl.DataFrame:
    """The `targets` feed, from the receipts of one slice of `times` alike."""
    start, end = quarter_after(date(1970, 1, 1) + timedelta(days=history.last))
    came = pl.DataFrame(
        {
            "entity": receipts.entity,
            "paid_on": receipts.paid_on,
            "amount": booked(history, receipts.amount, receipts.currency, receipts.entity, receipts.paid_on),
        }
    ).filter(pl.col("paid_on") > history.last - LOOK_BACK_DAYS)
    rows = []
    for number, (entity_id, currency) in enumerate(zip(history.entity_ids, history.functional, strict=True)):
        cash = Decimal(came.filter(entity=number)["amount"].sum() or 0) * times * SHARE
        rows.append((entity_id, "cash", (cash / ROUNDED_TO).quantize(Decimal(1)) * ROUNDED_TO, currency))
        rows += [(entity_id, metric, value, None) for metric, value in CEILINGS.items()]
    schema = {"entity_id": pl.Utf8, "metric": pl.Utf8, "value": pl.Decimal(18, 2), "currency": pl.Utf8}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(period_start=pl.lit(start), period_end=pl.lit(end))


def quarter_after(day: date) -> tuple[date, date]:
    """First and last day of the calendar quarter that the day after `day` is in."""
    tomorrow = day + timedelta(days=1)
    first = tomorrow.replace(month=(tomorrow.month - 1) // 3 * 3 + 1, day=1)
    following = (first + timedelta(days=100)).replace(day=1)
    return first, following - timedelta(days=1)
