"""The features layer: what was known of each payer on the day, and the counts that hazards are made of.

What each table means is in `models/features`. Three are not made by SQL: business days, the weeks counted back from the
day, and the bins of lateness. `Features` reads a day's tables back for the methods of `models/forecasts`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import polars as pl

from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.runs import days_of
from assets.sql_asset import row_counts, spec_of, sql_assets
from models.contract import contract
from models.forecasts.calendar import business_days, count_weeks
from models.forecasts.hazard import COUNT_ORDER
from models.forecasts.lateness import lateness_bins

BEFORE_CALENDAR = [
    "features.base_rates",
    "features.payers",
    "features.promise_outlook",
    "features.dispute_outlook",
    "features.spell_amounts",
    "features.receivable_spells",
    "features.settled_amounts",
    "features.receipts",
    "features.recent_billings",
    "features.scheduled_billings",
    "features.goals",
    "features.payer_cash",
    "features.payment_days",
]
CALENDAR = ["features.business_days", "features.count_weeks", "features.lateness_bins"]
AFTER_CALENDAR = [
    "features.open_receivables",
    "features.pending_payments",
    "features.pending_claims",
    "features.pending_settlements",
    "features.promised_parts",
    "features.spell_days",
    "features.lateness_spans",
    "features.hazard_counts",
    "features.calendar_counts",
    "features.delay_counts",
    "features.recent_spans",
]
COUNTED = ("hazard_counts", "calendar_counts", "delay_counts")
SETTLED_BY = ("cash", "credit", "discount", "write_off")
LONGEST_LOOK_AHEAD = timedelta(days=1200)
LONGEST_LOOK_BACK = timedelta(days=300)


@dg.multi_asset(
    name="features__calendar",
    specs=[spec_of(contract(table), ["features.receivable_spells"], {"python", "polars"}) for table in CALENDAR],
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def calendar(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """Business days of each calendar, weeks back from the day, and bins of lateness, for each as-of day."""
    days = days_of(home, list(context.partition_keys))
    with home.warehouse() as warehouse:
        first = warehouse.rows("select as_of, min(entry_date) from features.receivable_spells group by as_of")
        frames = calendar_frames(days, dict(first), home.policy.forecast.calendars())
        for table, of_days in frames.items():
            warehouse.replace_days_with_frames(contract(table), of_days, days)
            yield dg.MaterializeResult(asset_key=table.split("."), metadata=row_counts(warehouse, contract(table)))


def calendar_frames(
    days: Iterable[date], first: Mapping[date, date], calendars: Sequence[str | None]
) -> dict[str, dict[date, pl.DataFrame]]:
    """The three tables of calendars, a frame a day; `first` is the first day of each day's book."""
    found: dict[str, dict[date, pl.DataFrame]] = {table: {} for table in CALENDAR}
    for as_of in days:
        begins = min(first.get(as_of, as_of), as_of)
        span = begins - LONGEST_LOOK_BACK, as_of + LONGEST_LOOK_AHEAD
        axes = [business_days(code, *span, number) for number, code in enumerate(calendars)]
        weeks = pl.concat(count_weeks(axis, as_of, begins) for axis in axes)
        found["features.business_days"][as_of] = pl.concat(axes).rename({"date": "day"})
        found["features.count_weeks"][as_of] = weeks.rename({"first_date": "week_start", "last_date": "week_end"})
        found["features.lateness_bins"][as_of] = lateness_bins()
    return found


class Features:
    """The features of a day, as frames with the names that `models/forecasts` gives their columns."""

    def __init__(self, warehouse: Warehouse, as_of: date) -> None:
        self.warehouse, self.as_of = warehouse, as_of

    def table(
        self, name: str, columns: str = "* exclude (as_of, run_id)", order: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Rows of a table of features, by its key or in another total order: the threads of a build leave them in any,
        and a sum of floats hangs on it to the last bit."""
        by = ", ".join(order or contract(f"features.{name}").key)
        text = f"select {columns} from features.{name} where as_of = $as_of order by {by}"
        return self.warehouse.frame(text, {"as_of": self.as_of})

    def spells(self) -> pl.DataFrame:
        """Receivables by their number; one without a rate to base currency counts, but as no money."""
        columns = (
            "spell_key, payer_key, entity_id, calendar_number, currency, entry_date, due_date, settled_date, exit_kind,"
            " coalesce(amount_base, 0) as amount"
        )
        return self.table("receivable_spells", columns)

    def days(self) -> pl.DataFrame:
        """Days on the axis of business days, one calendar after the other."""
        return self.table("business_days").rename({"day": "date"})

    def counts(self) -> dict[str, pl.DataFrame]:
        """What hazards are made of."""
        counted = {name: self.table(name) for name in COUNTED if name != "hazard_counts"}
        amounts = ", ".join(
            f"cast({name}_amount as double) as {name}_amount" for name in ("at_risk", "exit", "cash_exit")
        )
        columns = f"payer_key, age_week, lateness_bin, at_risk_count, exit_count, cash_exit_count, {amounts}"
        hazards = self.table("hazard_counts", columns, COUNT_ORDER)
        return counted | {"hazard_counts": hazards.rechunk()}

    def rates(self) -> dict[tuple[str, str], Decimal]:
        """What one unit of each entity's currency is worth in base currency."""
        rows = self.table("base_rates", "entity_id, currency, rate").iter_rows()
        return {(entity_id, currency): rate for entity_id, currency, rate in rows}

    def settled(self) -> dict[str, float]:
        """What settled the book's receivables of the last year in base currency, by how it was settled."""
        sums = ", ".join(f"sum({name}_settled) as {name}" for name in SETTLED_BY)
        text = f"select {sums} from features.settled_amounts where as_of = $as_of"
        row = self.warehouse.rows(text, {"as_of": self.as_of})[0]
        return {name: float(value or 0) for name, value in zip(SETTLED_BY, row, strict=True)}


ASSETS = [
    sql_assets("features__payers", BEFORE_CALENDAR),
    calendar,
    sql_assets("features__counts", AFTER_CALENDAR),
]
