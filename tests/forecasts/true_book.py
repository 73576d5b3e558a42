"""A synthetic book with what only its generator knows: true days of payment for ever, habits, outcomes.

Belongs here: spells as the ledger would have them, and states of promises and disputes on a day, from feeds and truth. Does
not: what is expected of them (`test_truth`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from assets.resources.warehouse import Warehouse
from models.contract import sql
from models.forecasts.calendar import business_days
from models.forecasts.hazard import Hazards, fit_hazards
from models.forecasts.lateness import BINS, bin_of
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit
from models.raw.synthetic import Book, BookSettings, generate
from tests.forecast_bench.books import counts

LATENESS = np.arange(-40, 131)
"""Business days after the due date over which fitted hazards are read."""


@dataclass(frozen=True)
class TrueBook:
    """A book of 20,000 invoices over three years, one calendar of weekends alone."""

    seed: int

    @cached_property
    def made(self) -> Book:
        return generate(BookSettings(invoices=20_000, seed=self.seed, entities=1, currencies=("USD",)))

    @cached_property
    def changed_on(self) -> date:
        """The first day of the slowdown."""
        return self.made.truth["regime_change"]["changed_on"].min()

    @cached_property
    def days(self) -> pl.DataFrame:
        return business_days(None, date(2022, 1, 1), date(2030, 12, 31))

    @cached_property
    def payers(self) -> pl.DataFrame:
        """Habits as drawn, with `payer_key`."""
        return self.made.truth["payers"].with_columns(payer_key=pl.col("payer_id").rank("dense").cast(pl.Int64))

    @cached_property
    def spells(self) -> pl.DataFrame:
        """Invoices that end in cash, settled on their last true payment, however far ahead it lies."""
        own = self.made.feeds["customers"].select("customer_id", paid_by="payer_id").unique("customer_id", keep="last")
        invoices = self.made.feeds["invoices"].join(own, on="customer_id", how="left").with_columns(
            payer_id=pl.coalesce("payer_id", "paid_by", "customer_id")
        )  # fmt: skip
        ended = self.made.truth["settled_by"].filter((pl.col("fate") == "paid") & (pl.col("payments") > 0))
        both = invoices.join(ended.select("invoice_id", "paid_on"), on="invoice_id").join(
            self.payers.select("payer_id", "payer_key"), on="payer_id"
        )
        return both.sort("invoice_id").select(
            "payer_key",
            "due_date",
            spell_key=pl.int_range(pl.len()),
            entity_id=pl.lit("US01"),
            entry_date="invoice_date",
            settled_date="paid_on",
            amount=pl.col("amount").cast(pl.Decimal(18, 4)),
            exit_kind=pl.lit("cash"),
            calendar_number=pl.lit(0),
        )

    def counted(self, as_of: date) -> dict[str, pl.DataFrame]:
        """Counts as of a day: what lies after it is not known."""
        return counts(self.spells.filter(pl.col("entry_date") <= as_of), self.days, as_of)

    def hazards(self, as_of: date, settings: ForecastSettings) -> Hazards:
        made = self.counted(as_of)
        return fit_hazards(made["hazard_counts"], made["delay_counts"], 0, settings)

    def promises(self, as_of: date) -> pl.DataFrame:
        """`ledger.promise_states` of a day with the outcome that each will have; open until its date is a week past."""
        feed = self.made.feeds["promises"].filter(pl.col("made_on") <= as_of)
        told = feed.join(
            self.made.truth["promise_outcomes"].select("promise_id", "outcome", "promise_reliability"), on="promise_id"
        )
        is_open = pl.col("promised_date") + timedelta(days=7) > as_of
        return told.with_columns(
            promise_key=pl.int_range(pl.len()),
            state=pl.when(is_open & (pl.col("outcome") != "withdrawn")).then(pl.lit("open")).otherwise("outcome"),
            as_of=pl.lit(as_of),
        )

    def disputes(self, as_of: date) -> pl.DataFrame:
        """`ledger.dispute_states` of a day with the day on which each will be resolved."""
        true = self.made.truth["dispute_outcomes"].select("dispute_id", "disputed_amount", ends_on="resolved_on")
        feed = self.made.feeds["disputes"].filter(pl.col("opened_on") <= as_of).join(true, on="dispute_id")
        return feed.with_columns(
            dispute_key=pl.int_range(pl.len()),
            is_open=pl.col("ends_on") > as_of,
            resolution_days=(pl.col("ends_on") - pl.col("opened_on")).dt.total_days(),
            as_of=pl.lit(as_of),
        )


def made_by_sql(table: str, source: str, rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """A table of features by the project's own SQL from one table of the ledger."""
    with Warehouse(None) as warehouse:
        with warehouse.reading(given=rows):
            warehouse.execute(f"create table {source} as select * from given")
        return warehouse.frame(sql(table), {"as_of": as_of})


def fitted_median(hazards: Hazards, payer_keys: np.ndarray) -> np.ndarray:
    """[payers]: business days after the due date by which half is paid, of invoices entered six weeks before it."""
    hazard = expit(hazards.scores[hazards.rows_of(payer_keys)[:, None], bin_of(LATENESS[LATENESS >= -30])])
    still = np.cumprod(1.0 - hazard, axis=1)
    return LATENESS[LATENESS >= -30][0] + (still > 0.5).sum(axis=1)


def true_hazards(spells: pl.DataFrame, days: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """[bins]: business days at risk and exits of receivables followed to their end, each counted day by day."""
    index = dict(days.select("date", "business_day").rows())
    following = dict(days.select("date", "next_business_day").rows())
    at_risk, exits = np.zeros(BINS), np.zeros(BINS)
    for entry, due, end in spells.select("entry_date", "due_date", "settled_date").iter_rows():
        first, last = index[entry] + 1, index[end]
        place = min(max(following[due], index[entry] - 120), index[entry] + 120)
        if first > last:
            continue
        at_risk += np.bincount(bin_of(np.arange(first, last + 1) - place), minlength=BINS)
        exits[bin_of(np.array([last - place]))[0]] += 1
    return at_risk, exits
