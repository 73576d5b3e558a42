"""From the forecast of a week ago to this one: what came in, what was billed, and what is now thought otherwise.

Belongs here: the steps between the two, by entity and currency, each a substitution in a fixed order. The forecast of a
week ago is made anew from what was effective then, as an origin of the backtest is. Does not: either forecast
(`origin`, `outlook`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from itertools import pairwise

import numpy as np
import polars as pl

from models.forecasts.axis import DAYS_OF_WEEK
from models.forecasts.open_book import NEVER, lay_over
from models.forecasts.origin import History, OriginForecast, forecast_origin
from models.forecasts.outlook import Outlook, billing_shares, cells_of, recent_billings
from models.forecasts.settlement import cash_days, settlement_days
from models.forecasts.standing import known_at

STEPS = (
    "previous",
    "rolled_off",
    "collected",
    "settled_otherwise",
    "still_open",
    "new_invoices",
    "changed_behaviour",
    "paid_in_part",
    "disputes",
    "promises",
    "insolvency",
    "discounts",
    "billing_outlook",
    "rolled_on",
    "unexplained",
    "current",
)
"""In the order in which they are substituted; the first and the last are the two forecasts."""

KEYS = ["entity_id", "currency"]
SMALLEST = Decimal("0.0001")


class Bridge:
    """The two forecasts of a book, as sums by label (entity and currency) over weeks.

    Weeks are counted from `as_of`: week -1, which is over, comes first, so that a forecast of a week ago has the weeks
    -1 to 11 and this one 0 to 12; common are 0 to 11.
    """

    def __init__(self, history: History, found: Outlook) -> None:
        self.history, self.found = history, found
        self.before_on = history.as_of - timedelta(days=DAYS_OF_WEEK)
        undrawn = replace(history.settings, draws=1)
        self.before = forecast_origin(history.spells, history.counts, history.days, self.before_on, 1, undrawn)
        rows = [frame.select(KEYS) for frame in (history.spells, found.parts, found.scheduled.bills)]
        labels = pl.concat(rows).unique().sort(KEYS)
        self.labels = labels.with_row_index("label").with_columns(pl.col("label").cast(pl.Int64))
        self.weeks = history.settings.horizon_weeks

    def steps(self) -> dict[str, np.ndarray]:
        """[labels] of every step but `unexplained`, in base currency."""
        common, last = slice(1, self.weeks), self.weeks
        opened, of_items = self._of_items()
        recent = recent_billings(known_at(self.history.spells, self.before_on), self.before_on)
        billed = self._billed(self.before, recent, np.ones((recent.height, self.weeks)), 0)
        left = self.found.scheduled.left_of(self.found.recent)
        billing = self._billed(self.found.origin, self.found.recent, left, 1).sum(axis=0) + self._scheduled()
        stages = self._stages()
        sums = of_items | {
            "previous": opened[:, :last].sum(axis=1) + billed.sum(axis=(0, 2)),
            "rolled_off": -opened[:, 0] - billed.sum(axis=0)[:, 0],
            "new_invoices": of_items["new_invoices"] - billed[0][:, common].sum(axis=1),
            "paid_in_part": stages["plain"][:, common].sum(axis=1) - of_items["now"],
            "billing_outlook": (billing - billed[1:].sum(axis=0))[:, common].sum(axis=1),
            "rolled_on": (stages["discounts"] + billing)[:, last],
            "current": (stages["discounts"] + billing)[:, 1:].sum(axis=1),
        }
        for former, name in pairwise(stages):
            sums[name] = (stages[name] - stages[former])[:, common].sum(axis=1)
        return {name: sums[name] for name in STEPS if name != "unexplained"}

    def _of_items(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """[labels, weeks -1 to 12] of what was expected of items open a week ago, and what has become of them and of
        those open now in the common weeks; `now` is what the hazards of now expect of those."""
        common = slice(1, self.weeks)
        before, after = self._items(self.before), self._items(self.found.origin)
        is_still = before["spell_key"].is_in(after["spell_key"].implode()).to_numpy()
        is_new = ~after["spell_key"].is_in(before["spell_key"].implode()).to_numpy()
        told = self.history.spells.select("spell_key", "exit_kind")
        exits = before.join(told, on="spell_key", how="left", maintain_order="left")["exit_kind"]
        in_cash = (exits == "cash").fill_null(value=False).to_numpy() & ~is_still
        opened = self._expected(before, self.before, self.before.cash)
        then = opened[:, common].sum(axis=1)
        waited = self._expected(after, self.before, self._waited(after))[:, common].sum(axis=1)
        now = self._expected(after, self.found.origin, self.found.origin.cash)[:, common].sum(axis=1)
        return self._by_label(before, opened), {
            "collected": -self._by_label(before, then * in_cash),
            "settled_otherwise": -self._by_label(before, then * (~in_cash & ~is_still)),
            "still_open": self._by_label(after, waited * ~is_new) - self._by_label(before, then * is_still),
            "new_invoices": self._by_label(after, waited * is_new),
            "changed_behaviour": self._by_label(after, now - waited),
            "now": self._by_label(after, now),
        }

    def _items(self, forecast: OriginForecast) -> pl.DataFrame:
        """Open items of a forecast with their labels."""
        told = self.history.spells.select("spell_key", *KEYS)
        joined = forecast.items.join(told, on="spell_key", how="left", maintain_order="left")
        return joined.join(self.labels, on=KEYS, how="left", maintain_order="left")

    def _expected(self, items: pl.DataFrame, forecast: OriginForecast, cash: np.ndarray) -> np.ndarray:
        """[items, weeks -1 to 12] of cash, from [cells, days] of the axis of a forecast."""
        by_week = self._weekly(cash, forecast.axis.dates)
        return by_week[items["cell"].to_numpy()] * items["amount"].cast(pl.Float64).to_numpy()[:, None]

    def _weekly(self, cash: np.ndarray, dates: np.ndarray) -> np.ndarray:
        """[cells, weeks -1 to 12] from [cells, days]."""
        week = ((dates - np.datetime64(self.history.as_of)).astype(int) - 1) // DAYS_OF_WEEK + 1
        return np.stack([cash[:, week == place].sum(axis=1) for place in range(self.weeks + 1)], axis=1)

    def _waited(self, items: pl.DataFrame) -> np.ndarray:
        """[cells, days] of the old axis: cash of the cells of what is open now by the old hazards, a week having
        passed."""
        cells = items.group_by("cell").agg(pl.col("payer_key", "due_day").first()).sort("cell")
        axis, served = self.before.axis, self.before.served
        due = cells["due_day"].to_numpy()
        hazard = served.of_cells(cells["payer_key"].to_numpy(), due)
        hazard[:, axis.dates <= np.datetime64(self.history.as_of)] = 0.0
        return cash_days(settlement_days(hazard), due, served.hazards, axis)

    def _billed(self, forecast: OriginForecast, recent: pl.DataFrame, left: np.ndarray, shift: int) -> np.ndarray:
        """[billing weeks, labels, weeks -1 to 12] of cash from the trend of billings, as far as it is `left` to it."""
        shares, parts = billing_shares(recent, left, self.labels, KEYS, len(forecast.collections)), []
        for share, own in zip(shares, forecast.collections, strict=True):
            placed = np.zeros((self.weeks, self.weeks + 1))
            placed[:, shift : shift + self.weeks] = forecast.billing_mean[:, None] * own.receipts
            parts.append(placed[:, None, :] * share.T[:, :, None])
        return reduce(np.add, parts)

    def _scheduled(self) -> np.ndarray:
        """[labels, weeks -1 to 12] of cash from billings that are announced now."""
        told = self.found.scheduled
        bills = told.bills.join(self.labels, on=KEYS, how="left", maintain_order="left")
        by_week = self._weekly(told.cash, self.found.origin.axis.dates)[bills["cell"].to_numpy()]
        return self._by_label(bills, by_week * bills["amount"].to_numpy()[:, None])

    def _stages(self) -> dict[str, np.ndarray]:
        """[labels, weeks -1 to 12] of what is open now: by hazards alone, then with all that is known of it in turn."""
        axis, plain = self.found.origin.axis, self.found.cash_by_hazards
        cells = cells_of(self.found.parts)
        solvent = cells.with_columns(is_insolvent=pl.lit(value=False))
        unpromised = solvent.with_columns(promised_on=pl.lit(NEVER).cast(pl.Date), keep_probability=pl.lit(0.0))
        stages = {
            "plain": plain,
            "disputes": lay_over(plain, unpromised, axis),
            "promises": lay_over(plain, solvent, axis),
            "insolvency": lay_over(plain, cells, axis),
            "discounts": self.found.cash,
        }
        parts = self.found.parts.join(self.labels, on=KEYS, how="left", maintain_order="left")
        place, money = parts["cell"].to_numpy(), parts["amount"].to_numpy()
        return {
            name: self._by_label(parts, self._weekly(cash, axis.dates)[place] * money[:, None])
            for name, cash in stages.items()
        }

    def _by_label(self, rows: pl.DataFrame, values: np.ndarray) -> np.ndarray:
        """[labels, …] sums of [rows, …]."""
        found = np.zeros((self.labels.height, *values.shape[1:]))
        np.add.at(found, rows["label"].to_numpy(), values)
        return found


def forecast_bridge(history: History, found: Outlook, rates: Mapping[tuple[str, str], Decimal]) -> pl.DataFrame:
    """`forecasts.bridge`: entity, currency, step, amounts in the currency and in base, which add up to the last digit.

    `rates`: what one unit of each entity's currency is worth in base; without one there is no bridge.
    """
    bridge = Bridge(history, found)
    sums, rows = bridge.steps(), []
    for entity_id, currency, label in bridge.labels.select(*KEYS, "label").iter_rows():
        rate = rates.get((entity_id, currency))
        if rate is None or not (sums["previous"][label] or sums["current"][label]):
            continue
        in_base = exact({name: float(values[label]) for name, values in sums.items()})
        own = exact({name: float(values[label]) / float(rate) for name, values in sums.items()})
        for order, step in enumerate(STEPS, start=1):
            rows.append((entity_id, currency, step, order, bridge.before_on, own[step], in_base[step]))
    names = [*KEYS, "step", "step_order", "previous_as_of", "amount", "amount_base"]
    return pl.DataFrame(rows, schema=names, orient="row") if rows else pl.DataFrame()


def exact(sums: dict[str, float]) -> dict[str, Decimal]:
    """Sums rounded to four decimals, with what they then leave unexplained."""
    found = {name: Decimal(repr(value)).quantize(SMALLEST) for name, value in sums.items()}
    between = sum((value for name, value in found.items() if name not in ("previous", "current")), Decimal(0))
    return found | {"unexplained": found["current"] - found["previous"] - between}
