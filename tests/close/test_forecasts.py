"""A night's forecast on a synthetic book, end to end: what is published adds up, looks ahead only, and is the same again."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from assets.features import Features
from assets.forecasts import forecast_day
from assets.synthetic_files import write_book
from models.raw.synthetic import BookSettings
from pipelines.backtest import backtest_book
from pipelines.outcome import Outcome
from tests.small_books import SmallBook, table_of

AS_OF = date(2026, 7, 31)
SETTINGS = BookSettings(invoices=900, seed=3, as_of=date(2026, 10, 31), months=24, events="all")
POLICY = "base_currency: USD\nforecast: {origins: 7, draws: 50, largest_payers: 3}\n"
DATED = {
    "invoices": "invoice_date",
    "payments": "payment_date",
    "credit_memos": "credit_date",
    "applications": "applied_on",
    "promises": "made_on",
    "disputes": "opened_on",
    "write_offs": "written_off_on",
    "recoveries": "recovered_on",
    "payment_reversals": "reversed_on",
    "refunds": "refunded_on",
}
GOALS = """
| entity_id | metric           | period_start | period_end | collector | definition | value     | currency |
| US01      | cash             | 2026-07-01   | 2026-09-30 | .         | .          | 110000.00 | USD      |
| US01      | cash             | 2026-07-01   | 2026-09-30 | ana       | .          | 1.00      | USD      |
| US01      | cash             | .            | 2026-06-30 | .         | .          | 1.00      | USD      |
| US01      | dso              | .            | 2026-09-30 | .         | simple_30  | 60        | .        |
| US01      | dso              | .            | 2026-09-30 | ana       | .          | 60        | .        |
| US01      | dso              | .            | 2026-08-31 | .         | countback  | 60        | .        |
| US01      | percent_past_due | .            | 2026-09-30 | .         | .          | 35        | .        |
| DE01      | percent_over_90  | .            | 2026-12-31 | .         | .          | 10        | .        |
"""
FORECASTS = (
    "forecast_bridge",
    "targets",
    "swing_items",
    "settlement_forecast",
    "cash_forecast",
    "cash_forecast_daily",
    "forecast_accuracy",
    "forecast_reliability",
    "forecast_backtest",
    "behaviour_changes",
)


def book_of(root: Path, until: date | None = None) -> SmallBook:
    """The synthetic book, whole, or with nothing in it that is dated after a day."""
    book = SmallBook(root, policy=POLICY)
    write_book(book.landing, SETTINGS, "parquet")
    for path in book.landing.glob("targets*.parquet"):
        path.unlink()
    book.put(targets=GOALS)
    for feed, column in DATED.items() if until else ():
        for path in book.landing.glob(f"{feed}*.parquet"):
            frame = pl.read_parquet(path)
            frame.filter(pl.col(column).cast(pl.Utf8) <= until.isoformat()).write_parquet(path)
    return book


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallBook, Outcome]:
    """The book run for a day that has three months of facts after it."""
    book = book_of(tmp_path_factory.mktemp("whole"))
    return book, book.run(AS_OF.isoformat())


def test_what_is_expected_of_an_item_adds_up_to_what_is_open(night: tuple[SmallBook, Outcome]) -> None:
    items = table_of(night[1], "settlement_forecast")
    parts = pl.sum_horizontal("expected_cash", "expected_credit", "expected_discount", "expected_write_off")
    assert items.height > 20
    assert items.select((parts - pl.col("open_amount")).abs().max()).item() == Decimal(0)
    assert items.select(pl.min_horizontal("expected_cash", "expected_credit").min()).item() >= 0
    opened = table_of(night[1], "aging_detail").filter(pl.col("open_amount") > 0)
    assert items["open_amount"].sum() == opened["open_amount"].sum()


def test_dates_are_ahead_and_in_order(night: tuple[SmallBook, Outcome]) -> None:
    items = table_of(night[1], "settlement_forecast")
    known = items.filter(pl.col("date_p90").is_not_null())
    assert (
        known.select((pl.col("date_p10") <= pl.col("date_p50")) & (pl.col("date_p50") <= pl.col("date_p90")))
        .to_series()
        .all()
    )
    assert items["date_p10"].drop_nulls().min() > AS_OF
    assert items.select(pl.col("paid_within_7") <= pl.col("paid_within_90")).to_series().all()
    assert table_of(night[1], "cash_forecast_daily")["date"].min() == AS_OF + timedelta(days=1)


def test_thirteen_weeks_follow_the_day_at_every_level(night: tuple[SmallBook, Outcome]) -> None:
    weeks = table_of(night[1], "cash_forecast")
    assert set(weeks["level"]) == {"total", "entity", "segment", "payer"}
    assert set(weeks["component"]) == {"open_items", "future_billings", "total"}
    assert sorted(set(weeks["horizon_week"])) == list(range(1, 14))
    first = weeks.filter(pl.col("horizon_week") == 1)
    assert set(first["week_start"]) == {AS_OF + timedelta(days=1)}
    assert set(first["week_end"]) == {AS_OF + timedelta(days=7)}
    total = weeks.filter((pl.col("level") == "total") & (pl.col("currency") != "USD"))
    assert total.is_empty(), "the total is in base currency"
    assert weeks.filter(pl.col("level") == "payer")["payer_id"].n_unique() == 3


def test_an_entitys_amount_is_in_its_own_currency(night: tuple[SmallBook, Outcome]) -> None:
    rows = table_of(night[1], "cash_forecast").filter((pl.col("level") == "entity") & (pl.col("statistic") == "mean"))
    euro = rows.filter((pl.col("currency") == "EUR") & (pl.col("amount_base") > 1))
    assert euro.height, "the book has no euro"
    assert euro.select((pl.col("amount") != pl.col("amount_base")).all()).item()


def test_days_of_an_entity_are_in_its_currency_and_add_up_to_the_total_in_base(
    night: tuple[SmallBook, Outcome],
) -> None:
    days = table_of(night[1], "cash_forecast_daily").filter(component="total")
    euro = days.filter(pl.col("currency") == "EUR", pl.col("mean_base") > 1)
    assert euro.height
    assert euro.select((pl.col("mean") != pl.col("mean_base")).all()).item()
    entities, total = (days.filter(level=level)["mean_base"].sum() for level in ("entity", "total"))
    assert float(entities) == pytest.approx(float(total))
    assert set(days.filter(level="total")["currency"]) == {"USD"}


def test_the_bridge_leads_from_last_weeks_forecast_to_this_one(night: tuple[SmallBook, Outcome]) -> None:
    steps = table_of(night[1], "forecast_bridge").sort("entity_id", "currency", "step_order")
    assert set(steps["previous_as_of"]) == {AS_OF - timedelta(days=7)}
    weeks = table_of(night[1], "cash_forecast").filter(level="entity", component="total", statistic="mean")
    assert steps.filter(step="current")["amount_base"].sum() == pytest.approx(weeks["amount_base"].sum(), abs=1)
    for _, part in steps.group_by("entity_id", "currency"):
        for amounts in ("amount", "amount_base"):
            added = part.filter(pl.col("step") != "current")[amounts].sum()
            assert added == part.filter(step="current")[amounts].item()
    moved = steps.group_by("step").agg(pl.col("amount_base").abs().max())
    still = set(moved.filter(pl.col("amount_base") < 1)["step"])
    assert still <= {"unexplained", "insolvency", "disputes", "settled_otherwise"}, "the others move on this book"


def test_every_rule_stands_beside_the_model_and_what_came(night: tuple[SmallBook, Outcome]) -> None:
    rows = table_of(night[1], "forecast_backtest")
    assert set(rows.filter(pl.col("scope") == "total")["model"]) == {
        "empirical_bayes", "mean_8_weeks", "last_year", "auto_ets", "auto_arima", "auto_theta"
    }  # fmt: skip
    assert {"due_date", "due_date_mean", "due_date_median", "kaplan_meier"} < set(rows["model"])
    over = pl.col("origin") + pl.duration(days=7) * pl.col("horizon_week") <= AS_OF
    assert rows.filter(over)["actual"].null_count() == 0
    assert rows.filter(~over)["actual"].null_count() == rows.filter(~over).height
    said = table_of(night[1], "forecast_accuracy").filter(pl.col("horizon_weeks") == "1-4")
    assert said.filter(pl.col("is_champion")).height == 2
    assert said["wape"].null_count() == 0
    for name in ("settlement_forecast", "cash_forecast", "cash_forecast_daily"):
        assert set(table_of(night[1], name)["model"]) == {"empirical_bayes"}


def test_facts_of_later_days_change_nothing(night: tuple[SmallBook, Outcome], tmp_path: Path) -> None:
    """To the last bit, in another home: the same night again would show no more (tests/close/test_close.py has its bytes)."""
    shorter = book_of(tmp_path, until=AS_OF).run(AS_OF.isoformat())
    for name in FORECASTS:
        here, there = (table_of(outcome, name).drop("run_id") for outcome in (night[1], shorter))
        assert here.equals(there), name


def test_what_python_forecast_is_what_is_published(night: tuple[SmallBook, Outcome]) -> None:
    book, outcome = night
    for table, mart in (
        ("forecasts.cash_weeks", "cash_forecast"),
        ("forecasts.cash_days", "cash_forecast_daily"),
        ("forecasts.origin_weeks", "forecast_backtest"),
        ("forecasts.accuracy", "forecast_accuracy"),
    ):
        assert book.rows(f"select count(*) from {table}") == [(table_of(outcome, mart).height,)]
    assert book.rows("select is_made, origin_count from forecasts.made") == [(True, 7)]
    assert book.rows("select count(*) > 0 from forecasts.settlements where paid_within_30 > 0") == [(True,)]
    assert book.rows("select count(distinct origin) from forecasts.origin_items")[0][0] == 0, "ninety days must pass"


def test_the_champion_serves_and_is_named(night: tuple[SmallBook, Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A challenger that served best gives items, weeks, the bridge and their widths; the rest of the night is as it was."""
    home, asked = night[0].home(), []

    def won(rows: pl.DataFrame, challengers: tuple[str, ...]) -> str:
        asked.extend(sorted(rows.filter(pl.col("p50").is_not_null())["model"].unique().to_list()))
        return challengers[0]

    monkeypatch.setattr("assets.forecasts.champion", won)
    policy = home.policy.model_copy(
        update={"forecast": home.policy.forecast.model_copy(update={"challengers": ["glm"], "origins": 1})}
    )
    with home.warehouse(read_only=True) as warehouse:
        made = forecast_day(Features(warehouse, AS_OF), policy, home.work / "origins")
        default = warehouse.frame("select * from forecasts.settlements where as_of = $as_of", {"as_of": AS_OF})
    assert asked == ["empirical_bayes", "glm"]
    assert made["forecasts.made"].select("model", "reason").row(0) == ("glm", "")
    items = made["forecasts.settlements"].sort("spell_key")
    both = items.join(default, on="spell_key", suffix="_default")
    assert both.height == items.height == default.height
    assert (both["paid_within_30"] - both["paid_within_30_default"]).abs().max() > 0.001
    steps = made["forecasts.bridge"].group_by("step").agg(pl.col("amount_base").sum())
    sums = dict(steps.rows())
    means = made["forecasts.cash_weeks"].filter(level="entity", component="total", statistic="mean")
    assert float(sums["current"]) == pytest.approx(float(means["cash"].sum()), abs=1)


def test_more_origins_on_request_are_kept_and_told(night: tuple[SmallBook, Outcome]) -> None:
    book, _ = night
    said = list(backtest_book(book.home(), 8))
    assert str(said[0]).startswith("8 weekly origins from 2026-06-05 on")
    kept = pl.read_parquet(book.home().work / "backtest" / "forecast_backtest.parquet")
    assert kept["origin"].n_unique() == 9
    assert {"forecast_accuracy.parquet", "forecast_backtest.parquet", "forecast_reliability.parquet"} == {
        path.name for path in (book.home().work / "backtest").iterdir()
    }


def test_goals_are_judged_by_the_draws_and_their_items_named(night: tuple[SmallBook, Outcome]) -> None:
    """What the forecast says of the rest of the period adds to what came; the items are open ones of the entity."""
    found = table_of(night[1], "targets")
    cash = found.filter(metric="cash", collector="", period_end=date(2026, 9, 30))
    assert cash["reason"].item() == ""
    assert cash["forecast"].item() > cash["actual_to_date"].item() > 0
    assert cash["gap"].item() == cash["target"].item() - cash["forecast"].item()
    weeks = table_of(night[1], "cash_forecast").filter(
        level="entity", entity_id="US01", component="total", statistic="mean"
    )
    eight, nine = (weeks.filter(pl.col("horizon_week") <= last)["amount_base"].sum() for last in (8, 9))
    to_come = cash["forecast"].item() - cash["actual_to_date"].item()
    assert eight < to_come < nine, "61 days are eight weeks and five days"
    said = dict(zip(found["period_end"], found["reason"], strict=True))
    assert said[date(2026, 12, 31)] == "its period ends beyond the thirteen weeks"
    assert said[date(2026, 6, 30)] == "its period is over"
    items = table_of(night[1], "swing_items")
    opened = table_of(night[1], "aging_detail").filter(entity_id="US01")
    assert items.height
    assert set(items["document_id"]) <= set(opened["document_id"])
    assert items.filter(rank=1).height == items.select("period_end", "collector", "metric").n_unique()
    assert items["change_in_probability_met"].is_between(0, 1, closed="right").all()
