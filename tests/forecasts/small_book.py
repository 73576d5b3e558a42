"""A small made-up book: one payer that pays when due, one two weeks late, one at random."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.forecasts.calendar import business_days
from models.forecasts.open_book import OpenBook, Outcomes
from models.forecasts.origin import History
from models.forecasts.outlook import Outlook, outlook
from models.forecasts.settings import ForecastSettings
from models.forecasts.standing import known_at
from tests.forecast_bench.books import counts

DAYS = business_days("US", date(2022, 1, 1), date(2026, 12, 31))


def small_book() -> pl.DataFrame:
    """Three invoices a week from 2023 to 2024-10, thirty days' terms, in the columns of `features.receivable_spells`."""
    rng, rows = np.random.default_rng(7), []
    for step in range(640):
        day = date(2023, 1, 2) + timedelta(days=step)
        if day.weekday() not in (0, 2, 4):
            continue
        for payer, delay in ((1, 0), (2, 14), (3, int(rng.integers(-5, 30)))):
            due = day + timedelta(days=30)
            rows.append(
                (
                    len(rows),
                    payer,
                    "one",
                    day,
                    due,
                    due + timedelta(days=delay),
                    f"{100 + 10 * payer + step % 7}.00",
                    "cash",
                )
            )
    names = ["spell_key", "payer_key", "entity_id", "entry_date", "due_date", "settled_date", "amount", "exit_kind"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(pl.col("amount").cast(pl.Decimal(18, 4)), calendar_number=pl.lit(0))


PENDING = pl.DataFrame(
    schema={
        "payment_key": pl.Int64, "spell_key": pl.Int64, "payer_key": pl.Int64, "entity_id": pl.String,
        "currency": pl.String, "segment": pl.String, "expected_on": pl.Date, "settled_amount": pl.Float64,
        "cash_amount": pl.Float64, "cash_amount_base": pl.Float64, "calendar_number": pl.Int32,
    }
)  # fmt: skip
"""No pending payment, in the columns of `features.pending_settlements`."""
PROMISED = pl.DataFrame(
    schema={
        "spell_key": pl.Int64,
        "promised_date": pl.Date,
        "keep_probability": pl.Float64,
        "promised_amount": pl.Float64,
    }
)
"""No promise, in columns of `features.promised_parts`."""
SEGMENTS = pl.DataFrame({"payer_key": [1, 2, 3], "segment": ["1", "2", "3"]})


def schedule(*rows: dict[str, object]) -> pl.DataFrame:
    """Scheduled billings in the columns of `features.scheduled_billings`, of payer 1 in euros unless said; none if none."""
    plain = {
        "entity_id": "one", "collector": "1", "currency": "EUR", "segment": "1", "related_party": False, "payer_key": 1,
        "bill_on": date(2024, 7, 1), "due_date": date(2024, 7, 31), "amount_base": 100.0, "probability": 1.0,
        "invoiced_on": None,
    }  # fmt: skip
    told = [{**plain, "schedule_key": number, **row} for number, row in enumerate(rows or ({},), start=1)]
    typed = pl.DataFrame(told, infer_schema_length=None).with_columns(pl.col("invoiced_on").cast(pl.Date))
    typed = typed.with_columns(calendar_number=pl.lit(0))
    return typed if rows else typed.clear()


def small_outlook(
    as_of: date, settings: ForecastSettings, told: pl.DataFrame | None = None
) -> tuple[Outlook, pl.DataFrame, pl.DataFrame]:
    """Its outlook, with its open receivables and spells: two entities, three segments, a collector for each payer."""
    spells = known_at(small_book(), as_of).with_columns(
        currency=pl.lit("EUR"), entity_id=pl.when(pl.col("payer_key") == 3).then(pl.lit("two")).otherwise(pl.lit("one"))
    )
    opened = spells.filter(pl.col("settled_date").is_null()).select(
        "payer_key", "entity_id", "calendar_number", "currency", "entry_date", "due_date",
        spell_key="spell_key", open_amount="amount", open_amount_base="amount", left_open="amount",
        segment=pl.col("payer_key").cast(pl.Utf8), disputed_open=pl.lit(0.0),
        collector=pl.col("payer_key").cast(pl.Utf8), related_party=pl.lit(False),
        expected_resolution_date=pl.lit(None, pl.Date), expected_credit_share=pl.lit(None, pl.Float64),
        is_insolvent=pl.lit(False), expected_recovery_share=pl.lit(None, pl.Float64),
    )  # fmt: skip
    history = History(spells, counts(small_book(), DAYS, as_of), DAYS, as_of, settings)
    known = schedule() if told is None else told
    return outlook(history, OpenBook(opened, PENDING, PROMISED, Outcomes(0.0, 0.0)), known, SEGMENTS), opened, spells
