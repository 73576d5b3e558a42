"""Which payers changed how they pay, since when, and by what evidence.

Belongs here: from cumulative sums and thresholds to one row a payer. Does not: the sums (`behaviour_change`) or
how large they must be (`alarms`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from models.forecasts.alarms import FEWEST_PEAKS, Peaks, false_discovery_rates
from models.forecasts.behaviour_change import SHIFTS, WATCH_WEEKS, YEAR_WEEKS, Watch, of_calendar, spans_known, watch
from models.forecasts.calendar import number_of
from models.forecasts.lateness import bin_of
from models.forecasts.settings import ForecastSettings
from models.forecasts.shrinkage import expit
from models.forecasts.standing import known_at

EARLIER_STRETCHES = 8
MOST_PAYERS, ENOUGH_PEAKS = 2000, 4000
"""Payers of an earlier stretch whose peaks are taken, and peaks with which no earlier stretch is looked at."""
LEARN_WEEKS = 19
"""History that hazards must have before a stretch."""
EARLIEST, LATEST = -60, 130
"""Lateness between which usual days are looked for, in business days."""
USUAL = 0.75
COLUMNS = {
    "payer_key": pl.Int64,
    "changed_on": pl.Date,
    "detected_on": pl.Date,
    "direction": pl.String,
    "days_before": pl.Float64,
    "days_after": pl.Float64,
    "exposure": pl.Decimal(38, 4),
    "evidence": pl.String,
    "false_discovery_rate": pl.Float64,
}


@dataclass(frozen=True)
class Book:
    """What is known of a book: `spells` and `receivables` of the features, `spans` of `features.recent_spans`, `counts`
    of hazards, and `days` of `calendar.business_days`; the day ends week `origin_week` of the counts."""

    spells: pl.DataFrame
    receivables: pl.DataFrame
    spans: pl.DataFrame
    counts: dict[str, pl.DataFrame]
    days: pl.DataFrame
    as_of: date
    origin_week: int = 0


def behaviour_changes(book: Book, smallest_exposure: Decimal, settings: ForecastSettings) -> pl.DataFrame:
    """One row a payer whose sum stands above the threshold on the day, and who owes at least `smallest_exposure`.

    Columns as of `COLUMNS`, by `payer_key`; no rows where earlier stretches have fewer than `FEWEST_PEAKS` peaks.
    `receivables`: `payer_key`, `open_amount_base`. The threshold of each direction is that of earlier stretches of
    thirteen weeks, each against hazards of its own beginning; rates of false discoveries are over both directions of
    all payers that are watched.
    """
    known = known_at(book.spells, book.as_of)
    earlier = earlier_watches(book, known, settings)
    if sum(len(one.payer_keys) for one in earlier) < FEWEST_PEAKS:
        return pl.DataFrame(schema=COLUMNS)
    now = watch(book.spans, book.counts, book.days, book.as_of, book.origin_week, settings)
    peaks = {name: Peaks(np.sort(np.concatenate([one.peaks(name) for one in earlier]))) for name in SHIFTS}
    chances = np.concatenate([peaks[name].chance(now.peaks(name)) for name in SHIFTS])
    rates = false_discovery_rates(chances).reshape(len(SHIFTS), len(now.payer_keys))
    owed = book.receivables.group_by("payer_key").agg(pl.col("open_amount_base").sum())
    exposures = dict(owed.select("payer_key", "open_amount_base").rows())
    rows = []
    for which, (name, found) in enumerate(peaks.items()):
        threshold = found.threshold(YEAR_WEEKS / WATCH_WEEKS)
        for row in np.flatnonzero(now.sums[name][:, -1] >= threshold):
            exposure = exposures.get(int(now.payer_keys[row]))
            if exposure is not None and exposure >= smallest_exposure:
                told = change_of(book, known, now, int(row), name, threshold)
                rows.append({**told, "exposure": exposure, "false_discovery_rate": float(rates[which, row])})
    surest = pl.DataFrame(rows, schema=COLUMNS).sort("payer_key", "false_discovery_rate", "direction")
    return surest.unique("payer_key", keep="first", maintain_order=True)


def earlier_watches(book: Book, known: pl.DataFrame, settings: ForecastSettings) -> list[Watch]:
    """Stretches of thirteen weeks, one before the other, before the present one, that had history to learn from."""
    found: list[Watch] = []
    first = known["entry_date"].min()
    for back in range(WATCH_WEEKS, WATCH_WEEKS * (EARLIER_STRETCHES + 1), WATCH_WEEKS):
        end = book.as_of - timedelta(weeks=back)
        enough = sum(len(one.payer_keys) for one in found) >= ENOUGH_PEAKS
        if enough or not isinstance(first, date) or end - timedelta(weeks=WATCH_WEEKS + LEARN_WEEKS) < first:
            break
        found.append(
            watch(book.spans, book.counts, book.days, end, book.origin_week + back, settings, most_payers=MOST_PAYERS)
        )
    return found


def change_of(
    book: Book, known: pl.DataFrame, now: Watch, row: int, direction: str, threshold: float
) -> dict[str, object]:
    """When a payer changed and when it was found, its mean days before and after, and the evidence.

    The change is the day after the sum was last zero (Page 1954), its discovery the first day after it above the
    threshold. `days_before`: calendar days beyond the due date of what was settled in the year before; `days_after`:
    of what was settled since, and of what is open and past due as of the day.
    """
    sums = now.sums[direction][row]
    zero = np.flatnonzero(sums <= 0.0)
    begins = int(zero[-1]) + 1 if len(zero) else 0
    found = begins + int(np.argmax(sums[begins:] >= threshold))
    changed = now.axis.dates[begins].astype(object)
    key = int(now.payer_keys[row])
    own = known.filter(pl.col("payer_key") == key)
    late = (pl.coalesce("settled_date", pl.lit(book.as_of)) - pl.col("due_date")).dt.total_days()
    year = pl.col("settled_date").is_between(changed - timedelta(days=365), changed, closed="left")
    since = (pl.col("settled_date") >= changed) | (
        pl.col("settled_date").is_null() & (pl.col("due_date") <= book.as_of)
    )
    return {
        "payer_key": key,
        "changed_on": changed,
        "detected_on": now.axis.dates[found].astype(object),
        "direction": direction,
        "days_before": own.filter(year).select(late.mean()).item(),
        "days_after": own.filter(since).select(late.mean()).item(),
        "evidence": evidence(book.spans, now, row, direction, changed),
    }


def evidence(spans: pl.DataFrame, now: Watch, row: int, direction: str, changed: date) -> str:
    """One sentence that counts invoices since the change against what the payer's own hazard expects.

    How many stayed open on the day by which three in four of this payer's are usually paid (slower), or were paid by
    the day by which one in four is (faster); expected of each from the change, or its entry where that is later.
    """
    axis, of_payer = now.axis, spans.filter(pl.col("payer_key") == int(now.payer_keys[row]))
    ends_on = axis.origin_days + axis.is_open.sum(axis=1)
    own = pl.concat(spans_known(of_calendar(of_payer, number), int(last)) for number, last in enumerate(ends_on))
    due, begins, ends, items, exits = (own[name].to_numpy().astype(np.int64) for name in own.columns[1:])
    number, place = number_of(due), int(np.searchsorted(axis.dates, np.datetime64(changed)))
    last, since = ends_on[number], axis.origin_days[number] + axis.steps[number, place] + ~axis.is_open[number, place]
    earliest = int(np.clip(np.median(begins - due), EARLIEST, 0))
    lateness = np.arange(earliest, LATEST + 1)
    hazard = expit(now.hazards.scores[now.hazards.rows_of(now.payer_keys[row : row + 1])[0], bin_of(lateness)])
    open_after = np.cumprod(1.0 - hazard)
    share = 1.0 - USUAL if direction == "slower" else USUAL
    place = min(int((open_after > share).sum()), len(lateness) - 1)
    usual, begins = due + lateness[place], np.maximum(begins, since)
    asked = (usual >= begins) & (usual <= last) & (ends >= since)
    before = np.clip(begins - 1 - due - earliest, -1, len(lateness) - 1)
    stay = open_after[place] / np.where(before >= 0, open_after[before], 1.0)
    paid = np.where(ends <= usual, exits, 0)
    count, counted, expected = items[asked].sum(), paid[asked].sum(), (items * (1.0 - stay))[asked].sum()
    if not count:
        return f"Payments since {changed.day} {changed:%B %Y} came at other times than this payer's did"
    if direction == "slower":
        counted, expected = count - counted, count - expected
    what = "were not paid by their usual day" if direction == "slower" else "were paid before their usual day"
    return f"{counted} of {count} invoices since {changed.day} {changed:%B %Y} {what}; {expected:.0f} expected"
