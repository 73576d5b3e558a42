"""A controller's walk: close March and approve it, close April from it, find what came late to March."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from assets.approvals import NotApproved, approvals
from pipelines.closes import approve_close, verify_close
from pipelines.outcome import Exit
from tests.close.guide import walk
from tests.small_books import SmallBook, published

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)
WITH_WARNINGS = 2
POLICY = """
allowance:
  method: given
  given_rates: [{pool: all, aging_bucket: current, rate: 0.02}, {pool: all, aging_bucket: 1-30, rate: 0.05}]
"""
INVOICES = """
| invoice_id | customer_id | invoice_date | due_date   | currency | amount  |
| I1         | C1          | 2026-03-01   | 2026-04-15 | USD      | 1000.00 |
| I2         | C2          | 2026-03-01   | 2026-04-15 | USD      | 500.00  |
| I3         | C3          | 2026-02-01   | 2026-03-15 | USD      | 100.00  |
"""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """The guide's walk: March closed and approved, then April with a write-off, an override and a bankruptcy."""
    root = tmp_path_factory.mktemp("closes")
    for name, ours in (("book", "home"), ("exports", "landing")):
        (root / ours).mkdir()
        (root / name).symlink_to(ours)
    assert walk("March", root, iter(("2026-04-01T06:00:00", "2026-04-02T09:00:00"))) == [WITH_WARNINGS, 0]
    assert walk("April", root, iter(("2026-05-01T06:00:00",))) == [WITH_WARNINGS]
    return SmallBook(root, policy=(root / "policy.yml").read_text())


def test_april_opens_at_what_march_was_approved_at_and_rolls_forward(walked: SmallBook) -> None:
    """20 + 10 on what is current and 5 on what is late; I3 is lost; C2's 10 goes with it to its specific reserve of 400."""
    walked.expect(
        "marts.allowance_rollforward",
        """
        | pool     | line       | amount  | schedule_ii_column             |
        | all      | opening    | 35.00   | Balance at beginning of period |
        | all      | adoption   | 0.00    | Charged to other accounts      |
        | all      | acquired   | 0.00    | Charged to other accounts      |
        | all      | provision  | 121.00  | Charged to costs and expenses  |
        | all      | write_offs | -100.00 | Deductions                     |
        | all      | recoveries | 0.00    | Deductions                     |
        | all      | transfers  | -10.00  | Charged to other accounts      |
        | all      | fx         | 0.00    | Charged to other accounts      |
        | all      | other      | 0.00    | Charged to other accounts      |
        | all      | closing    | 46.00   | Balance at end of period       |
        | specific | opening    | 0.00    | Balance at beginning of period |
        | specific | adoption   | 0.00    | Charged to other accounts      |
        | specific | acquired   | 0.00    | Charged to other accounts      |
        | specific | provision  | 390.00  | Charged to costs and expenses  |
        | specific | write_offs | 0.00    | Deductions                     |
        | specific | recoveries | 0.00    | Deductions                     |
        | specific | transfers  | 10.00   | Charged to other accounts      |
        | specific | fx         | 0.00    | Charged to other accounts      |
        | specific | other      | 0.00    | Charged to other accounts      |
        | specific | closing    | 400.00  | Balance at end of period       |
        """,
    )


def test_april_is_held_to_what_the_frozen_roll_forward_of_march_says(walked: SmallBook) -> None:
    walked.expect("allowance.closings", "| period_end | line_pool | allowance |\n| 2026-03-31 | all | 35.00 |")


def test_the_provision_is_booked_once_and_its_drivers_add_up_to_it(walked: SmallBook) -> None:
    """From 1,600 at 2.1875 % to 1,300: -6.56 by volume; 27.56 by mix, which has aged; -10 by the override of 5 to 4 %."""
    walked.expect(
        "marts.allowance_journal",
        """
        | account                     | debit  | credit | idempotency_key                                                     |
        | bad_debt_expense            | 511.00 | 0.00   | allowance 2026-04-30 main USD us_gaap bad_debt_expense            |
        | allowance_for_credit_losses | 0.00   | 511.00 | allowance 2026-04-30 main USD us_gaap allowance_for_credit_losses |
        """,
    )
    walked.expect(
        "marts.allowance_attribution",
        """
        | driver     | amount |
        | volume     | -6.56  |
        | mix        | 27.56  |
        | rate       | 0.00   |
        | adjustment | -10.00 |
        | specific   | 400.00 |
        | write_offs | 100.00 |
        | recoveries | 0.00   |
        | fx         | 0.00   |
        """,
    )


def test_a_late_fact_changes_no_frozen_byte_and_appears_in_the_restatement(walked: SmallBook, tmp_path: Path) -> None:
    """Half of I1 was paid in March and arrives in May: March says so when it is asked again, its close does not."""
    book = SmallBook(shutil.copytree(walked.root, tmp_path / "late", symlinks=True), policy=walked.policy)
    frozen = {path: path.read_bytes() for path in (book.home().root / "approved").rglob("*") if path.is_file()}
    assert walk("What comes late", book.root, iter(("2026-05-20T06:00:00", "2026-05-20T07:00:00"))) == [
        WITH_WARNINGS,
        0,
    ]
    assert book.rows("select sum(allowance) from marts.allowance_schedule where as_of = date '2026-03-31'") == [(25,)]
    approved = {"I1": "20.00", "I2": "10.00", "I3": "5.00"}
    lines = "".join(f"| {document} | {amount} |\n" for document, amount in approved.items())
    book.expect("allowance.closed_items", f"| document_id | allowance |\n{lines}")
    book.expect(
        "marts.allowance_restatements",
        """
        | document_id | cause    | exposure_at_close | exposure_now | allowance_at_close | allowance_now | change |
        | I1          | exposure | 1000.00           | 500.00       | 20.00              | 10.00         | -10.00 |
        """,
    )
    assert {path: path.read_bytes() for path in frozen} == frozen
    assert verify_close(book.home(), MARCH) == []
    before = published(book.run("2026-04-30", known_at="2026-05-01T06:00:00"))
    assert (
        before["allowance_rollforward.parquet"] == published_of(walked, "2026-04-30")["allowance_rollforward.parquet"]
    )


def published_of(book: SmallBook, as_of: str) -> dict[str, bytes]:
    """The published files of a day that was run once."""
    (place,) = (book.home().publications / as_of).iterdir()
    return {path.name: path.read_bytes() for path in (place / "tables").glob("*.parquet")}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a sheet, as text."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_evidence_of_a_close_answers_what_an_auditor_asks(walked: SmallBook) -> None:
    """Every sheet has its rows, each line is recalculated, and the page says who signed and what does not hold."""
    folder = approvals(walked.home())[0].folder / "evidence"
    found = {path.stem: rows_of(path) for path in folder.glob("*.csv")}
    assert {name: len(rows) for name, rows in found.items() if name not in ("policy", "checks")} == {
        "inputs": 1,
        "tie_out": 2,
        "rates": 18,
        "adjustments": 0,
        "recalculation": 2,
        "differences": 0,
    }
    assert [row["feed"] for row in found["inputs"]] == ["invoices"]
    assert found["inputs"][0]["control_total"] == "1600.0000" and len(found["inputs"][0]["file_sha256"]) == 64
    lines = [
        (row["aging_bucket"], row["exposure"], row["allowance"], row["recalculated"]) for row in found["recalculation"]
    ]
    assert lines == [("1-30", "100.0000", "5.0000", "5.00"), ("current", "1500.0000", "30.0000", "30.00")]
    assert all(row["is_tied"] == "True" and row["left_amount"] == "35.0000" for row in found["tie_out"])
    assert {"allowance.method"} <= {row["setting"] for row in found["policy"] if row["this_close"] == "given"}
    assert len(found["checks"]) > 200
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "Prepared by Ada, approved by Ben." in page
    assert "Lines recalculated: 2, of which 0 differ." in page
    assert "Settings that differ from the last approved close: there is none before this one." in page


def test_the_evidence_says_what_is_different_from_the_close_before(walked: SmallBook, tmp_path: Path) -> None:
    book = SmallBook(shutil.copytree(walked.root, tmp_path / "april"), policy=walked.policy)
    close = approve_close(book.home(recorded_at="2026-05-02T09:00:00"), APRIL, "Ada", "Ben")
    settings = rows_of(close.folder / "evidence" / "policy.csv")
    changed = {row["setting"]: row["this_close"] for row in settings if row["has_changed"] == "True"}
    assert changed["allowance.adjustments.0.name"] == "a large payer"
    assert all(setting.startswith("allowance.adjustments") for setting in changed)
    assert (
        "It opens from the close of 2026-03-31, approved by Ben." in (close.folder / "evidence/README.md").read_text()
    )
    assert verify_close(book.home(), APRIL) == []


def test_a_close_is_verified_against_the_files_that_it_was_made_from(walked: SmallBook, tmp_path: Path) -> None:
    book = SmallBook(shutil.copytree(walked.root, tmp_path / "lost"), policy=walked.policy)
    kept = next(path for path in (book.home().raw / "files").iterdir() if b"I3,C3" in path.read_bytes())
    kept.chmod(0o640)
    kept.write_bytes(kept.read_bytes().replace(b"100", b"900"))
    (said,) = verify_close(book.home(), MARCH)
    assert said.endswith("invoices.csv is no longer kept")


def test_a_close_is_approved_by_another_and_once(walked: SmallBook) -> None:
    home = walked.home()
    for day, prepared, approved, said in (
        (APRIL, "Ada", " ada ", "cannot approve"),
        (MARCH, "Ada", "Ben", "approved already"),
        (date(2026, 5, 31), "Ada", "Ben", "nothing is published"),
    ):
        with pytest.raises(NotApproved, match=said):
            approve_close(home, day, prepared, approved)
    (close,) = approvals(home)
    assert (close.record["prepared_by"], close.record["approved_by"]) == ("Ada", "Ben")
    assert close.record["run_id"] and close.record["operating_system_user"]


def test_a_close_that_was_changed_is_named_and_nothing_opens_from_it(walked: SmallBook, tmp_path: Path) -> None:
    book = SmallBook(shutil.copytree(walked.root, tmp_path / "changed"), policy=walked.policy)
    close = approvals(book.home())[0]
    close.table("allowance_items").chmod(0o640)
    close.table("allowance_items").write_bytes(b"changed")
    assert verify_close(book.home(), MARCH) == ["tables/allowance_items.parquet has changed since"]
    outcome = book.run("2026-04-30")
    assert (outcome.exit, outcome.publication) == (Exit.ERROR, None)
    assert "not what was approved" in outcome.error
    with pytest.raises(NotApproved, match="is not approved"):
        verify_close(book.home(), APRIL)


def test_a_close_under_another_standard_tells_what_it_opened_from(tmp_path: Path) -> None:
    """The publication knows: the commands read no policy, and a close that is approved later changes nothing of it."""
    book = SmallBook(tmp_path, policy=POLICY.replace("allowance:", "allowance:\n  framework: ifrs"))
    book.put(invoices=INVOICES)
    for day, clock in (("2026-02-28", "2026-03-01"), ("2026-03-31", "2026-04-01"), ("2026-04-30", "2026-05-01")):
        book.run(day, recorded_at=f"{clock}T06:00:00")
        if day != "2026-03-31":
            home = book.home(recorded_at=f"{clock}T09:00:00").model_copy(update={"policy_file": ""})
            approve_close(home, date.fromisoformat(day), "Ada", "Ben")
    approve_close(book.home(recorded_at="2026-05-02T09:00:00"), MARCH, "Ada", "Ben")
    february, _, april = approvals(book.home())
    assert "It opens from" not in (february.folder / "evidence/README.md").read_text()
    assert "It opens from the close of 2026-02-28" in (april.folder / "evidence/README.md").read_text()
    assert verify_close(book.home(), APRIL) == []


def test_a_publication_without_what_evidence_is_made_from_is_not_approved(walked: SmallBook, tmp_path: Path) -> None:
    book = SmallBook(shutil.copytree(walked.root, tmp_path / "less"), policy=walked.policy)
    (manifest,) = (book.home().publications / "2026-04-30").glob("*/manifest.json")
    manifest.chmod(0o640)
    told = json.loads(manifest.read_text())
    told["outputs"] = [output for output in told["outputs"] if output["table"] != "gl_tieout"]
    manifest.write_text(json.dumps(told))
    with pytest.raises(NotApproved, match="has no gl_tieout"):
        approve_close(book.home(), APRIL, "Ada", "Ben")
