"""A close, run as a user runs it: again, after late facts, after a failed check, after a loss."""

import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import pytest

from assets.marts import published_contracts
from assets.publications import Blocked, refuse_unless_passed
from assets.resources.home import HomeBusy
from assets.resources.outbox import Outbox
from assets.resources.state import CheckResult
from assets.resources.warehouse import Warehouse
from checks.asset_checks import required_checks
from pipelines.definitions import build_defs
from pipelines.outcome import Exit, Outcome
from pipelines.status import status_of
from tests.faults.damage import flip_a_bit
from tests.small_books import SmallBook, published, table_of

INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
| 007        | C1          | 2026-01-05   | 2026-02-04 | EUR      | 100.00  |
| 1E5        | C1          | 2026-01-20   | 2026-02-19 | EUR      | 250.50  |
| 3          | C2          | 2026-02-10   | 2026-03-12 | EUR      | 80.00   |
"""
PAYMENTS = """
| payment_id | customer_id | payment_date | currency | amount |
| P1         | C1          | 2026-02-10   | EUR      | 150.00 |
"""
APPLICATIONS = """
| application_id | source_id | invoice_id | applied_on | amount |
| A1             | P1        | 007        | 2026-02-10 | 100.00 |
| A2             | P1        | 1E5        | 2026-02-11 | 50.00  |
"""
LATE_PAYMENT = """
| payment_id | customer_id | payment_date | currency | amount |
| P2         | C2          | 2026-02-20   | EUR      | 80.00  |
"""
LATE_APPLICATION = """
| application_id | source_id | invoice_id | applied_on | amount |
| A3             | P2        | 3          | 2026-02-20 | 80.00  |
"""


TOO_THIN = {"receipts_can_be_forecast"}
"""A handful of invoices is no history to forecast receipts from, and says so; nothing else is wrong with these books."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallBook, Outcome]:
    """A book closed for February on 2 March, and what that came to."""
    book = SmallBook(tmp_path_factory.mktemp("close"))
    book.put(invoices=INVOICES, payments=PAYMENTS, applications=APPLICATIONS)
    outcome = book.run("2026-02-28", recorded_at="2026-03-02T08:00:00")
    assert warned(outcome) == TOO_THIN, (outcome.error, warned(outcome))
    return book, outcome


@pytest.fixture(scope="module")
def closed(night: tuple[SmallBook, Outcome]) -> SmallBook:
    """The book that was closed."""
    return night[0]


def copied(night: tuple[SmallBook, Outcome], to: Path) -> tuple[SmallBook, Outcome]:
    """The book as it was closed, in a folder where more may be done to it."""
    book, outcome = night[0].copied(to), night[1]
    assert outcome.publication is not None
    place = book.home().publications / outcome.publication.relative_to(night[0].home().publications)
    return book, replace(outcome, publication=place)


def warned(outcome: Outcome) -> set[str]:
    """The warnings that a publication came with."""
    assert outcome.exit is Exit.PUBLISHED_WITH_WARNINGS, outcome.error
    return {result.check_name for result in outcome.results if not result.passed}


def february(book: SmallBook):
    outcome = book.run("2026-02-28")
    assert warned(outcome) == TOO_THIN
    return outcome


def test_what_is_published_is_what_the_ledger_holds(night: tuple[SmallBook, Outcome]) -> None:
    items = table_of(night[1], "aging_detail").select("document_id", "open_amount", "days_past_due", "aging_bucket")
    assert [(row[0], str(row[1]), *row[2:]) for row in items.sort("document_id").iter_rows()] == [
        ("1E5", "200.5000", 9, "1-30"),
        ("3", "80.0000", -12, "current"),
    ]


def test_a_book_that_is_too_thin_says_so_and_is_published(night: tuple[SmallBook, Outcome]) -> None:
    assert "receipts_can_be_forecast" in warned(night[1])
    assert table_of(night[1], "cash_forecast").is_empty()


def test_the_same_run_twice_gives_the_same_bytes(night: tuple[SmallBook, Outcome]) -> None:
    """Though the publication is gone, and the working file, which is a cache: damaged, which is told, and then missing."""
    closed, first = night
    before, home = published(first), closed.home()
    assert first.publication is not None
    shutil.rmtree(first.publication)
    flip_a_bit(home.warehouse_file, home.warehouse_file.stat().st_size // 2)
    again = february(closed)
    assert again.run_id == first.run_id
    assert published(again) == before
    assert set(before) == {f"{found.table}.parquet" for found in published_contracts()}
    damaged = "the working file was damaged and has been made anew from raw"
    assert again.told[0] == f"mended     {damaged}"
    assert (home.work / "damaged-warehouse.duckdb").is_file()
    shutil.rmtree(first.publication)
    home.warehouse_file.unlink()
    third = february(closed)
    assert published(third) == before
    assert not any("mended" in line for line in third.told)
    with home.state() as state:
        told = [alert.title for alert in Outbox(state.connection).alerts(datetime(2000, 1, 1))]
    assert [title for title in told if damaged in title] == [f"[home] {damaged}", f"[home] recovered: {damaged}"]


def test_what_a_night_writes_is_for_the_owner_and_group_and_refused_rows_for_the_owner(
    night: tuple[SmallBook, Outcome],
) -> None:
    root = night[0].home().root
    modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert [name for name, mode in modes.items() if mode & 0o007] == []
    refused = {name: mode for name, mode in modes.items() if "rejected_rows" in name}
    assert list(refused.values()) == [0o600]
    kept = {name: mode for name, mode in modes.items() if (root / name).is_file() and name not in refused}
    assert set(kept.values()) == {0o640, 0o440}, "what is never written again is not to be written"
    assert {name.rpartition(".")[2] for name, mode in kept.items() if mode == 0o440} == {"csv", "duckdb"}


def test_a_run_as_known_before_a_later_batch_does_not_change(night: tuple[SmallBook, Outcome], tmp_path) -> None:
    book, closing = copied(night, tmp_path)
    before = published(closing)
    book.put(payments_late=LATE_PAYMENT, applications_late=LATE_APPLICATION)
    now = book.run("2026-02-28", recorded_at="2026-03-20T08:00:00")
    assert now.run_id != closing.run_id
    assert table_of(now, "aging_detail")["document_id"].to_list() == ["1E5"], "the late payment settles 3"
    assert closing.publication is not None
    shutil.rmtree(closing.publication)
    then = book.run("2026-02-28", known_at="2026-03-10T00:00:00")
    assert then.run_id == closing.run_id
    assert published(then) == before


def test_a_blocked_run_publishes_nothing_and_the_last_publication_stays(
    night: tuple[SmallBook, Outcome], tmp_path
) -> None:
    book, good = copied(night, tmp_path)
    latest = (book.home().publications / "latest.json").read_bytes()
    book.put(
        invoices_more=INVOICES.replace("007", "8").replace("1E5", "9").replace("| 3 ", "| 4 ").replace("80.00", "NaN")
    )
    blocked = book.run("2026-03-31")
    assert blocked.exit is Exit.BLOCKED
    assert [r.check_name for r in blocked.results if r.blocks] == ["rejected_rows_are_immaterial"]
    assert blocked.publication is None
    assert not (book.home().publications / "2026-03-31").exists()
    assert (book.home().publications / "latest.json").read_bytes() == latest
    said = status_of(book.home())
    assert said.exit == Exit.BLOCKED
    assert str(good.publication) in said.lines[0]


def test_a_file_that_cannot_be_trusted_blocks_until_it_is_mended(tmp_path) -> None:
    book = SmallBook(tmp_path)
    book.put(invoices=INVOICES)
    (book.landing / "payments.csv").write_text("payment_id,customer_id\nP1\n", encoding="utf-8")
    blocked = book.run("2026-02-28")
    assert blocked.exit is Exit.BLOCKED
    assert [r.check_name for r in blocked.results if r.blocks] == ["every_file_can_be_trusted"]
    book.put(payments=PAYMENTS)
    assert warned(book.run("2026-02-28")) == TOO_THIN


def test_an_earlier_as_of_does_not_move_latest_back(closed: SmallBook) -> None:
    earlier = closed.run("2026-01-31")
    assert earlier.publication is not None
    latest = json.loads((closed.home().publications / "latest.json").read_text(encoding="utf-8"))
    assert latest["as_of"] == "2026-02-28"


def test_a_span_of_days_is_one_run(closed: SmallBook) -> None:
    home = closed.home()
    job = build_defs(home=home).resolve_job_def("nightly")
    tags = {"dagster/asset_partition_range_start": "2026-02-27", "dagster/asset_partition_range_end": "2026-02-28"}
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance, tags=tags, run_config={}).success
    published_days = sorted(path.name for path in home.publications.iterdir() if path.is_dir())
    assert {"2026-02-27", "2026-02-28"} <= set(published_days)


def test_what_other_days_hold_changes_no_byte_of_a_day(tmp_path: Path) -> None:
    day, empty, full = "(date '2026-02-28', 1, 0.95)", "(date '2026-02-27', 1, null)", "(date '2026-02-27', 1, 0.5)"
    written = set()
    for others in ([], [empty], [full, empty]):
        with Warehouse(None) as warehouse:
            warehouse.execute(f"create table marts.m as from (values {', '.join([*others, day])}) as s(as_of, n, rate)")
            chosen = "select * from marts.m where as_of = $as_of order by n"
            warehouse.export(chosen, tmp_path / "m.parquet", as_of=date(2026, 2, 28))
        written.add((tmp_path / "m.parquet").read_bytes())
    assert len(written) == 1


def test_one_table_can_be_made_and_checked_alone(closed: SmallBook) -> None:
    job = build_defs(home=closed.home()).resolve_implicit_global_asset_job_def()
    chosen = [dg.AssetKey(["ledger", "open_items"])]
    with dg.DagsterInstance.ephemeral() as instance:
        made = job.execute_in_process(instance=instance, partition_key="2026-02-28", asset_selection=chosen)
    assert [event.asset_key for event in made.get_asset_materialization_events()] == chosen
    assert {found.asset_key for found in made.get_asset_check_evaluations()} == set(chosen)


def test_a_tampered_publication_is_noticed(night: tuple[SmallBook, Outcome], tmp_path) -> None:
    book, outcome = copied(night, tmp_path)
    assert status_of(book.home()).exit == 2
    assert outcome.publication is not None
    path = outcome.publication / "tables" / "aging.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    said = status_of(book.home())
    assert said.exit == 1
    assert "tampered   aging: not the bytes that were published" in said.lines
    again = book.run("2026-02-28")
    assert again.exit is Exit.ERROR
    assert "differs in aging" in again.error


def test_two_runs_do_not_write_one_home(closed: SmallBook) -> None:
    with closed.home().locked(), pytest.raises(HomeBusy, match="another run"):
        closed.run("2026-02-28")


def test_a_release_demands_every_check() -> None:
    required = required_checks()
    passed = [
        CheckResult(name.split(".")[0], name.split(" ")[0], name.split(" ")[1], "", "error", True) for name in required
    ]
    refuse_unless_passed(required, passed)
    with pytest.raises(Blocked, match=r"not run marts\.dso"):
        refuse_unless_passed(required, [found for found in passed if found.table_name != "marts.dso"])
    failed = CheckResult("marts", "marts.aging", "buckets_sum_to_open_balance", "", "error", False, 1)
    with pytest.raises(Blocked, match=r"failed marts\.aging buckets_sum_to_open_balance"):
        refuse_unless_passed(required, [*passed, failed])


def test_a_run_without_invoices_or_payments_is_an_error(book: SmallBook) -> None:
    book.put(customers="| customer_id | name |\n| C1 | One |")
    outcome = book.run("2026-02-28")
    assert outcome.exit is Exit.ERROR
    assert "no invoices or payments" in outcome.error
    assert not (book.home().publications / "latest.json").exists()


def test_another_policy_is_another_run(night: tuple[SmallBook, Outcome]) -> None:
    closed, first = night
    second = replace(closed, policy="aging: {grace_days: 10}\n").run("2026-02-28")
    assert first.run_id != second.run_id
    bucket = table_of(second, "aging_detail").filter(document_id="1E5")
    assert bucket.select("days_past_due", "aging_bucket").row(0) == (9, "current")
    assert bucket["as_of"].item() == date(2026, 2, 28)


def test_a_month_end_without_a_rate_is_a_warning_and_not_a_block(book: SmallBook) -> None:
    book.put(
        entities="| entity_id | functional_currency |\n| main | EUR |",
        fx_rates="""
        | rate_date  | from_currency | to_currency | rate |
        | 2026-01-01 | USD           | EUR         | 0.9  |
        | 2026-02-10 | USD           | EUR         | 0.9  |
        | 2026-02-28 | USD           | EUR         | 0.8  |
        """,
        invoices="""
        | invoice_id | customer_id | invoice_date | due_date   | currency | amount | functional_amount |
        | I1         | C1          | 2026-01-02   | 2026-02-02 | USD      | 100.00 | 90.00             |
        | I2         | C1          | 2026-02-10   | 2026-03-10 | USD      | 50.00  | 45.00             |
        """,
    )
    outcome = book.run("2026-02-28")
    assert outcome.exit in (0, 2), [result.check_name for result in outcome.results if result.blocks]
