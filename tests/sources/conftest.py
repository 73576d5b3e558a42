"""Running a real ledger through the whole pipeline, once for all tests of a module, where the ledgers are present; and
building its open items, ageing and DSO of other days without a night."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.resources.home import Home
from pipelines.outcome import Outcome
from pipelines.run import run_day
from tests.small_books import behind, build_tables

HERE = Path(__file__).resolve().parent
DATA = HERE / "../../../shared/data"
KEPT = (
    "raw.files",
    "staging.batch_totals",
    "staging.declared_changes",
    "staging.rejected_rows",
    "staging.applications",
    "staging.customers",
    "staging.disputes",
    "staging.invoices",
    "staging.refunds",
    "ledger.documents",
)
"""Tables of the working file that tests look into, beside all that is published."""

FEW_ORIGINS = "forecast: {origins: 1, draws: 50}\n"
"""Accuracy on real ledgers is measured by `tests.forecast_bench`."""

NO_FORECAST = "forecast: {fewest_settled: 1000000000}\n"
"""For days on which a module says nothing of the forecast: those other than its FORECAST_ON, where it names one."""

AGED = ("marts.aging_detail", "marts.aging", "marts.dso")

Day = tuple[Outcome, dict[str, pl.DataFrame]]


@pytest.fixture(scope="module")
def ledgers() -> Path:
    """The folder of the real ledgers; tests skip where it is missing."""
    if not DATA.is_dir():
        pytest.skip("no ../shared/data beside the project: the real ledgers are not part of it")
    return DATA


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the home of a module's book."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def run(
    request: pytest.FixtureRequest, ledgers: Path, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[date], Day]:
    """Run a day of the book that the module names in SOURCES, in one home: it lands once, and each day runs once."""
    days: dict[date, Day] = {}
    policy = tmp_path_factory.mktemp("policy") / "policy.yml"
    forecast_on = getattr(request.module, "FORECAST_ON", None)

    def run_once(as_of: date) -> Day:
        if as_of not in days:
            sources = "" if days else str(HERE / request.module.SOURCES)
            policy.write_text(FEW_ORIGINS if forecast_on in (None, as_of) else NO_FORECAST, encoding="utf-8")
            book = Home(path=str(home), sources=sources, policy_file=str(policy))
            outcome = run_day(book, as_of)
            assert outcome.publication, (outcome.error, [r for r in outcome.results if not r.passed])
            days[as_of] = outcome, _frames(book, outcome.publication)
        return days[as_of]

    return run_once


@pytest.fixture(scope="module")
def built(
    request: pytest.FixtureRequest, run: Callable[[date], Day], home: Path
) -> Callable[[date], dict[str, pl.DataFrame]]:
    """Open items, ageing and DSO of another day than the module's LAST, by the same SQL on the same home: the nights of
    all days of all books would take longer than they tell more."""
    run(request.module.LAST)

    def build(as_of: date) -> dict[str, pl.DataFrame]:
        book = Home(path=str(home))
        with book.warehouse() as warehouse:
            build_tables(warehouse, {as_of: "built"}, book.as_known_at, behind(*AGED))
            query = "select * exclude (as_of, run_id) from {} where as_of = $as_of"
            return {name.split(".")[1]: warehouse.frame(query.format(name), {"as_of": as_of}) for name in AGED}

    return build


def _frames(home: Home, publication: Path) -> dict[str, pl.DataFrame]:
    frames = {path.stem: pl.read_parquet(path) for path in sorted((publication / "tables").glob("*.parquet"))}
    with home.warehouse(read_only=True) as warehouse:
        return frames | {table: warehouse.frame(f"select * from {table}") for table in KEPT}
