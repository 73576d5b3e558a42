"""What is known of the future: contracted billings, targets, and events that call for a specific reserve.

Belongs here: feeds that look ahead of the as-of. Does not belong here: anything that has happened already.
"""

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Booleans, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import minor_units, rounded
from models.raw.synthetic.customers import Customers
from models.raw.synthetic.draws import Draws
from models.raw.synthetic.history import History
from models.raw.synthetic.invoices import Invoices

SCHEDULED_SHARE = 0.12  # of customers, billed by contract
MONTHS_AHEAD = 6
DAYS_BACK = 365  # billings of the last year are in the schedule too, with the invoice that they became
TARGET_MONTHS = 3
CEILINGS = (("dso", "simple_90", 45), ("percent_past_due", None, 35), ("percent_over_90", None, 10))
"""Goals not to be exceeded: metric, definition and value."""


def billing_schedule_feed(
    generator: np.random.Generator,
    draws: Draws,
    customer_ids: pl.Series,
    history: History,
    first_number: int,
) -> pl.DataFrame:
    """The `billing_schedule` feed: a year of billings with their invoices, and one for each of the next months.

    A month ahead is announced at the mean month of the last year, in the customer's own currency.
    """
    customers, invoices = draws.customers, draws.invoices
    active = customers.active_to >= history.last
    contracted = active & (generator.random(len(customers)) < SCHEDULED_SHARE)
    monthly = _mean_month(customers, invoices, history)
    contracted &= monthly > 0
    past = np.flatnonzero(contracted[invoices.customer] & (invoices.date > history.last - DAYS_BACK))
    who = np.repeat(np.flatnonzero(contracted), MONTHS_AHEAD)
    ahead = np.tile(np.arange(1, MONTHS_AHEAD + 1), int(contracted.sum()))
    days = history.days
    month = days.month[history.last - days.first] + ahead
    bill_on = days.following[days.month_first[month] + 5 * (who % 5) - days.first]
    amount = monthly[who]
    invoice = np.append(past, np.full(len(who), -1))
    customer = np.append(invoices.customer[past], who)
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, np.append(invoices.entity[past], customers.entity[who])),
            "schedule_id": numbered("S-", 1 + first_number + np.arange(len(invoice)), 8),
            "customer_id": customer_ids.gather(customer),
            "bill_on": dates(np.append(invoices.date[past], bill_on)),
            "currency": named(history.currencies, np.append(invoices.currency[past], customers.currency[who])),
            "amount": money(np.append(invoices.amount[past], amount)),
            "probability": np.append(np.ones(len(past)), np.round(1.0 - 0.06 * ahead, 2)),
            "invoice_id": masked(invoices.ids.gather(np.maximum(invoice, 0)), invoice >= 0),
        }
    )


def _mean_month(customers: Customers, invoices: Invoices, history: History) -> Integers:
    """What each customer was billed in a mean month of the last year, in its own currency, in hundredths."""
    own: Booleans = invoices.currency == customers.currency[invoices.customer]
    year = own & (invoices.date > history.last - DAYS_BACK)
    billed = np.bincount(invoices.customer[year], invoices.amount[year], len(customers))
    return rounded(billed / 12, minor_units(history.currencies)[customers.currency])


def targets_feed(payments: pl.DataFrame, history: History, scale: float) -> pl.DataFrame:
    """The `targets` feed: cash, DSO and percentages past due of the as-of's month and the next two.

    Cash is 3 % above the monthly mean of the last 90 days of `payments`, in the entity's currency, times
    `scale` (payments of the whole book for one of these); goals are made in thousands.
    """
    days = history.days
    month = days.month[history.last - days.first] + np.arange(TARGET_MONTHS)
    period = pl.DataFrame({"period_start": dates(days.month_first[month]), "period_end": dates(days.month_last[month])})
    since = dates(np.array([history.last - 90]))[0]
    recent = payments.filter((pl.col("payment_date") > since) & (pl.col("status") == "posted"))
    booked = pl.col("functional_amount").cast(pl.Decimal(38, 2)).sum()
    collected = recent.group_by("entity_id").agg(booked.cast(pl.Float64).alias("sum"))
    entity = pl.DataFrame({"entity_id": history.entity_ids, "currency": list(history.functional)})
    cash = entity.join(collected, on="entity_id", how="left").select(
        "entity_id",
        pl.lit("cash").alias("metric"),
        pl.lit(None, dtype=pl.String).alias("definition"),
        ((pl.col("sum").fill_null(0) * scale / 3 * 1.03 / 1000).round() + 1).cast(pl.Int64).alias("value"),
        "currency",
    )
    cash = cash.with_columns(pl.col("value") * 1000)
    schema = {"metric": pl.String, "definition": pl.String, "value": pl.Int64}
    ceilings = entity.select("entity_id").join(pl.DataFrame(CEILINGS, schema=schema, orient="row"), how="cross")
    ceilings = ceilings.with_columns(currency=pl.lit(None, dtype=pl.String))
    goals = pl.concat([cash, ceilings]).with_columns(pl.col("value").cast(pl.Decimal(18, 2)))
    order = ["entity_id", "metric", "period_end", "period_start", "definition", "value", "currency"]
    return goals.join(period, how="cross").select(order).sort("entity_id", "metric", "period_end")


def specific_events_feed(
    customers: Customers, customer_ids: pl.Series, history: History, first_number: int
) -> pl.DataFrame:
    """The `specific_events` feed: two scenarios for each bankruptcy known by the as-of."""
    bankrupt = np.flatnonzero(customers.bankrupt_on <= history.last)
    row = np.repeat(bankrupt, 2)
    adverse = np.tile([False, True], len(bankrupt))
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, customers.entity[row]),
            "event_id": numbered("E-", 1 + first_number + row, 7),
            "scenario": named(("base", "adverse"), adverse.astype(np.int64)),
            "weight": np.where(adverse, 0.4, 0.6),
            "customer_id": customer_ids.gather(row),
            "kind": pl.repeat("bankruptcy", len(row), eager=True),
            "event_date": dates(customers.bankrupt_on[row]),
            "expected_loss_rate": np.where(adverse, 1.0, 0.85),
        }
    )
