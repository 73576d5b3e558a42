"""The rate of every pool and bucket: history by the policy's method, as far as it is credible, and what is laid over.

Belongs here: how methods, parents, floors and adjustments come together. Does not: any one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from models.allowance.adjustments import Applied, laid_over
from models.allowance.credibility import credibility, floor_rate, interval
from models.allowance.history import History
from models.allowance.macro import forecast_entry, overlay
from models.allowance.matrix import Chain, absorbed, chain, remaining_months
from models.allowance.recoveries import KINDS, Default, losses_given_default
from models.allowance.settings import WHOLE_BOOK, AllowanceSettings, Macro
from models.allowance.snapshots import snapshot_rates
from models.allowance.vintages import triangle

SCHEDULE = {"pool": pl.String, "aging_bucket": pl.String, "method": pl.String} | dict.fromkeys(
    (
        "historical_rate",
        "floor_or_credibility",
        "current_adjustment",
        "forecast_adjustment",
        "qualitative_adjustment",
        "override",
        "discounting",
        "rounding",
        "rate",
    ),
    pl.Float64,
)


@dataclass(frozen=True)
class Estimate:
    """The rate of one pool and bucket by one method, and how sure of it one can be.

    `own` is what the pool's history says, None where it says nothing; `rate` what counts, after credibility or floor.
    """

    pool: str
    aging_bucket: str
    method: str
    own: float | None
    rate: float
    loss_events: int
    customers: int
    weight: float
    basis: str

    def row(self, check_rate: float | None) -> dict[str, Any]:
        """The estimate as a row of `allowance.loss_rates`."""
        low, high = interval(self.rate, self.loss_events, self.customers)
        return {
            "pool": self.pool,
            "aging_bucket": self.aging_bucket,
            "method": self.method,
            "historical_rate": self.own,
            "rate": self.rate,
            "low": min(low, self.rate),
            "high": max(high, self.rate),
            "loss_events": self.loss_events,
            "customer_count": self.customers,
            "credibility": self.weight,
            "basis": self.basis,
            "check_rate": check_rate,
            "difference": None if check_rate is None else self.rate - check_rate,
        }


class Rates:
    """The rates of one day: from the book down to its pools, each borrowing from the one above."""

    def __init__(self, history: History, settings: AllowanceSettings) -> None:
        self.history, self.settings = history, settings
        self.parents, self.methods = settings.parents(), settings.methods()
        self.chains: dict[str, Chain] = {}
        self.defaults: dict[str, dict[str, dict[str, Default]]] = {}
        self.absorbed: dict[str, dict[str, float]] = {}
        self.estimates: dict[str, dict[str, Estimate]] = {}
        for pool in (WHOLE_BOOK, *sorted(self.parents, key=lambda name: self.parents[name] != WHOLE_BOOK)):
            self.chains[pool] = chain(history.transitions(pool), history.buckets, history.given_up)
            self.defaults[pool] = {kind: self._defaults(pool, kind) for kind in KINDS}
            above = {} if pool == WHOLE_BOOK else self.absorbed[self.parents[pool]]
            self.absorbed[pool] = absorbed(self.chains[pool], self._lost(pool), above)
            self.estimates[pool] = self._estimates(pool)

    def loss_rates(self) -> pl.DataFrame:
        """Every pool, bucket and method: what counts, its check by snapshots, and the triangle of a whole pool."""
        rows = []
        for pool in (*self.methods, *sorted({*self.parents.values()} - {WHOLE_BOOK}), WHOLE_BOOK):
            checks = snapshot_rates(self.history.snapshots(pool))
            for bucket, estimate in self.estimates[pool].items():
                rows.append(estimate.row(checks.get(bucket)))
                if bucket in checks:
                    rows.append(self._beside(estimate, "snapshots", checks[bucket]).row(None))
            vintages = triangle(self.history.vintages(pool)).rate
            if vintages is not None:
                whole = Estimate(
                    pool, "", "vintages", vintages, vintages, *self.history.reached(pool, ""), 1.0, "history"
                )
                rows.append(whole.row(None))
        return pl.DataFrame(rows, infer_schema_length=None)

    def schedule(self, applied: Iterable[Applied]) -> pl.DataFrame:
        """The rates of the schedule: history, what credibility or a floor adds, and what each purpose adds to that."""
        kept = list(applied)
        rows = [
            self._line(pool, bucket, estimate, kept)
            for pool in self.methods
            for bucket, estimate in self.estimates[pool].items()
        ]
        return pl.DataFrame(rows, schema=SCHEDULE)

    def forecast(self, series: pl.DataFrame, chosen: Macro, as_of: date) -> Applied:
        """The macro overlay as an entry of the register, with what the regression says as its evidence."""
        flows = self.history.transitions(WHOLE_BOOK)
        given_up = pl.when(pl.col("next_bucket") == self.history.given_up).then("stayed").otherwise(0.0)
        by_month = flows.group_by("month_number").agg(
            (pl.col("written_off").sum() + given_up.sum()).alias("lost"), pl.col("opening").sum()
        )
        by_month = by_month.filter(pl.col("opening") > 0).with_columns(loss_rate=pl.col("lost") / pl.col("opening"))
        return forecast_entry(overlay(by_month, series, chosen), chosen, as_of, self.settings.practical_expedient)

    def _line(self, pool: str, bucket: str, estimate: Estimate, applied: list[Applied]) -> dict[str, Any]:
        own = estimate.rate if estimate.own is None else estimate.own
        added = laid_over(estimate.rate, pool, bucket, applied)
        adjusted = estimate.rate + sum(added.values())
        rate = self._discounted(adjusted, pool, bucket)
        decimals = self.settings.rate_decimals
        rounded = rate if decimals is None else round(rate + 1e-12, decimals)
        return {
            "pool": pool,
            "aging_bucket": bucket,
            "method": estimate.method,
            "historical_rate": own,
            "floor_or_credibility": estimate.rate - own,
            "current_adjustment": added["current"],
            "forecast_adjustment": added["forecast"],
            "qualitative_adjustment": added["qualitative"],
            "override": added["override"],
            "discounting": rate - adjusted,
            "rounding": rounded - rate,
            "rate": rounded,
        }

    def _discounted(self, rate: float, pool: str, bucket: str) -> float:
        """The rate with what is collected later worth less: nothing unless the policy has a discount rate."""
        yearly = float(self.settings.discount_rate)
        if not yearly:
            return rate
        months = self.chains[pool].by_bucket(remaining_months(self.chains[pool])).get(bucket, 0.0)
        return 1.0 - (1.0 - rate) / (1.0 + yearly) ** (months / 12)

    def _estimates(self, pool: str) -> dict[str, Estimate]:
        """What is known of each bucket; one that nobody ever reached has the rate of the one before it."""
        method = self.methods.get(pool, self._above())
        own = self._by(method, pool)
        found: dict[str, Estimate] = {}
        for bucket in self.history.buckets:
            estimate = self._estimate(pool, bucket, method, own.get(bucket))
            younger = [name for name in found if name != self.history.given_up]
            if estimate is None and younger:
                estimate = replace(found[younger[-1]], aging_bucket=bucket, own=None, basis="younger")
            if estimate is not None:
                found[bucket] = estimate
        return found

    def _above(self) -> str:
        """How the rates of parents and of the book are made, from which pools borrow: by history, also where given."""
        return self.settings.method if self.settings.method in ("roll_rates", "snapshots") else "roll_rates"

    def _by(self, method: str, pool: str) -> dict[str, float]:
        """The pool's own rates by a method; of roll rates the absorption into what is lost for good.

        What is given up for its age is in no matrix: what stands there has the loss of its closed snapshots, and while
        there are none, that of what came there.
        """
        if method in ("given", "pd_lgd"):
            return self._given(pool)
        if method == "snapshots":
            return snapshot_rates(self.history.snapshots(pool))
        if method == "warm":
            return self._warm(pool)
        given_up = self.history.given_up
        aged_out = self.defaults[pool]["aged_out"][given_up].share
        return {**self.absorbed[pool], given_up: snapshot_rates(self.history.snapshots(pool)).get(given_up, aged_out)}

    def _given(self, pool: str) -> dict[str, float]:
        """The given rates; a bucket without one has that of the bucket before it, and the first that of the next."""
        given = {one.aging_bucket: float(one.value) for one in self.settings.given_rates if one.pool == pool}
        named = [bucket for bucket in self.history.buckets if bucket in given]
        if not named:
            raise ValueError(f"allowance: the rates of pool {pool} are to be given, and given_rates has none of it")
        rates, last = {}, given[named[0]]
        for bucket in self.history.buckets:
            last = given.get(bucket, last)
            rates[bucket] = last
        return rates

    def _warm(self, pool: str) -> dict[str, float]:
        """Weighted-average remaining maturity: the monthly loss of a mean balance, by the months left of it."""
        found = self.chains[pool]
        opening = float(found.opening.sum())
        if not opening:
            return {}
        lost = float((self._lost(pool) * found.opening).sum()) / opening
        months = float((remaining_months(found) * found.opening).sum()) / opening
        return dict.fromkeys(self.history.buckets, min(1.0, lost * months))

    def _estimate(self, pool: str, bucket: str, method: str, own: float | None) -> Estimate | None:
        events, customers = self.history.reached(pool, bucket)
        if method in ("given", "pd_lgd"):
            return Estimate(pool, bucket, method, own, own or 0.0, events, customers, 1.0, "given")
        if pool == WHOLE_BOOK:
            return self._of_the_book(bucket, method, own, events, customers)
        above = self.estimates[self.parents[pool]].get(bucket)
        if above is None or self._is_all_of(self.parents[pool], pool):
            return None if above is None else replace(above, pool=pool)
        weight = credibility(events, self.settings.credibility_events) if own is not None else 0.0
        rate = weight * (own or 0.0) + (1.0 - weight) * above.rate
        return Estimate(
            pool, bucket, method, own, rate, events, customers, weight, "credibility" if weight else above.basis
        )

    def _of_the_book(self, bucket: str, method: str, own: float | None, events: int, customers: int) -> Estimate | None:
        """The book borrows from nobody: without a single loss its rate is the floor, and unseen it has none."""
        if not customers:
            return None
        if own is None or not events:
            floor = max(own or 0.0, floor_rate(customers))
            return Estimate(WHOLE_BOOK, bucket, method, own, floor, events, customers, 0.0, "floor")
        return Estimate(WHOLE_BOOK, bucket, method, own, own, events, customers, 1.0, "history")

    def _is_all_of(self, parent: str, pool: str) -> bool:
        return self.history.members(parent) == self.history.members(pool)

    def _beside(self, estimate: Estimate, method: str, rate: float) -> Estimate:
        return replace(estimate, method=method, own=rate, rate=rate, weight=1.0, basis="history")

    def _defaults(self, pool: str, kind: str) -> dict[str, Default]:
        above = None if pool == WHOLE_BOOK else self.defaults[self.parents[pool]][kind]
        if above is not None and self._is_all_of(self.parents[pool], pool):
            return above
        given, half_at = self.settings.loss_given_default, self.settings.credibility_events
        losses = self.history.losses(pool, kind)
        return losses_given_default(
            losses, self.history.buckets, above, half_at, None if given is None else float(given)
        )

    def _lost(self, pool: str) -> np.ndarray:
        """[states] of a pool's matrix: what is lost for good within a month."""
        found, defaults = self.chains[pool], self.defaults[pool]
        shares = {kind: {bucket: one.share for bucket, one in defaults[kind].items()} for kind in KINDS}
        return found.written_off * found.of_state(shares["written_off"]) + found.aged_out * found.of_state(
            shares["aged_out"]
        )
