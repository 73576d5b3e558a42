"""The book as it stood on a day: what was open, and what the default had learned of hazards by then.

Belongs here: the frames and fits that the default and its challengers share. Does not: what is forecast from them
(`origin`), or how a challenger's hazards differ (`challengers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.forecasts.axis import Axis, axis_at
from models.forecasts.hazard import Hazards, fit_hazards
from models.forecasts.lateness import with_due_day
from models.forecasts.multipliers import Multipliers, fit_multipliers
from models.forecasts.settings import ForecastSettings


@dataclass(frozen=True)
class Standing:
    """What was known on a day. Open items are in cells of payer × due day, which pay together."""

    known: pl.DataFrame
    """Spells as of `known_at`."""
    days: pl.DataFrame
    axis: Axis
    hazards: Hazards
    effects: Multipliers
    items: pl.DataFrame
    """Open items: `spell_key`, `payer_key`, `entry_date`, `due_date`, `amount`, `due_day`, `cell`; by `spell_key`."""
    settings: ForecastSettings

    def cells(self) -> pl.DataFrame:
        """`cell`, `payer_key`, `due_day`, `item_count`, `amount` (a float), `terms_days` (mean), in order."""
        terms = (pl.col("due_date") - pl.col("entry_date")).dt.total_days().clip(-150, 150)
        sums = self.items.group_by("cell", "payer_key", "due_day").agg(
            item_count=pl.len().cast(pl.Float64),
            amount=pl.col("amount").sum().cast(pl.Float64),
            terms_days=terms.mean(),
        )
        return sums.sort("cell")


def known_at(spells: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Spells as they stood on a day: items entered by then, settled where they were by then."""
    later = pl.col("settled_date") > as_of
    return spells.filter(pl.col("entry_date") <= as_of).with_columns(
        settled_date=pl.when(later).then(None).otherwise(pl.col("settled_date")),
        exit_kind=pl.when(later | pl.col("settled_date").is_null()).then(None).otherwise(pl.col("exit_kind")),
    )


def open_items(known: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Items not settled, with the index of their due day and their cell."""
    found = with_due_day(known.filter(pl.col("settled_date").is_null()), days)
    cells = found.with_columns(cell=pl.struct("payer_key", "due_day").rank("dense").cast(pl.Int64) - 1)
    return cells.select("spell_key", "payer_key", "entry_date", "due_date", "amount", "due_day", "cell").sort(
        "spell_key"
    )


def standing(
    spells: pl.DataFrame,
    counts: dict[str, pl.DataFrame],
    days: pl.DataFrame,
    as_of: date,
    origin_week: int,
    settings: ForecastSettings,
) -> Standing:
    """The book on a day that ends week `origin_week` of the counts, frames as for `origin.forecast_origin`; nothing
    later is read."""
    known, axis = known_at(spells, as_of), axis_at(days, as_of, settings)
    hazards = fit_hazards(counts["hazard_counts"], counts["delay_counts"], origin_week, settings)
    effects = fit_multipliers(counts["calendar_counts"], days, axis.origin_days, settings)
    return Standing(known, days, axis, hazards, effects, open_items(known, days), settings)
