"""The guide: what code writes of it is current, what it says exists, and its commands do what it says."""

import itertools
import re
import shlex
from pathlib import Path

import pytest
import typer.main

from models.contract import contract
from models.raw.declaration import Entry, Source
from models.staging.file_format import FileFormat
from pipelines import cli, reference
from tests.close.guide import walk

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
HAND_WRITTEN = [path for path in [ROOT / "README.md", *DOCS] if path.name not in reference.PAGES]
COMMANDS = dict(reference.words(typer.main.get_command(cli.app)))


@pytest.mark.parametrize("name", reference.PAGES)
def test_what_code_writes_is_current(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == reference.PAGES[name](), "type `make docs`"


def test_every_metric_has_its_formula() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", text))
    for table, column in (("marts.dso", "definition"), ("marts.collection_metrics", "metric")):
        assert set(contract(table).columns[column].values or ()) - named == set()
    measured = {name for name in contract("marts.forecast_accuracy").columns if name.startswith(MEASURES)}
    assert len(measured) > 12 and measured - named == set()


MEASURES = (
    "wape",
    "net_",
    "bias",
    "mase",
    "crps",
    "winkler",
    "coverage",
    "days_mae",
    "item_crps",
    "brier",
    "noise",
    "ratio",
)


def shown_in(path: Path) -> list[list[str]]:
    """The words after `receivables` of every command of a page, on a line of its own, in a timetable or in backticks."""
    text = path.read_text(encoding="utf-8")
    typed = re.findall(r"(?:^|/bin/)receivables ([a-z-]+[^`|>#\n]*)", text, flags=re.M)
    return [shlex.split(words) for words in [*typed, *re.findall(r"`receivables ([a-z-][^`]*)`", text)]]


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.name)
def test_every_command_that_is_shown_exists_with_its_options(path: Path) -> None:
    shown = shown_in(path)
    assert shown or path.name == "metrics.md"
    for words in shown:
        name = next((name for name in COMMANDS if " ".join(words).startswith(name)), None)
        assert name, f"there is no command `receivables {' '.join(words)}`"
        known = {option for param in COMMANDS[name].params for option in [*param.opts, *param.secondary_opts]}
        assert {word for word in words if word.startswith("--")} - known == set(), words


def test_every_key_of_a_declaration_is_in_the_guide() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")))
    assert {*Source.model_fields, *Entry.model_fields, *FileFormat.model_fields} - named == set()


def test_a_netsuite_export_is_read_as_the_guide_declares_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = itertools.repeat("2026-11-01T02:00:00")
    assert walk("A NetSuite export", tmp_path, day, ROOT / "docs" / "sources.md") == [0, 0, 0]
    assert re.search(r"USD +3 +2,326.22 +0 +0.00", capsys.readouterr().out), "the total line of the export"


def test_every_check_and_table_that_is_named_exists() -> None:
    checks = {path.stem for path in (ROOT / "checks" / "reconciliations").glob("*.sql")}
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", guide.split("## Troubleshooting")[1], flags=re.M)
    assert len(rows) >= 5 and set(rows) - checks == set()
    tables = {
        name for path in HAND_WRITTEN for name in re.findall(r"tables/(\w+)\.parquet", path.read_text(encoding="utf-8"))
    }
    assert [name for name in tables if not contract(f"marts.{name}").published] == []


def test_every_link_leads_somewhere() -> None:
    for path in DOCS:
        text = path.read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", text, flags=re.M)
        }
        for target in re.findall(r"\]\(([^)]+)\)", text):
            file, _, heading = target.partition("#")
            assert target.startswith("https://") or not file or (path.parent / file).is_file(), target
            assert file or heading in headings, target


def test_your_own_data_in_ten_minutes_is_as_the_guide_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = walk(
        "Your own data in ten minutes", tmp_path, itertools.repeat("2026-11-01T02:00:00"), ROOT / "docs" / "guide.md"
    )
    assert codes == [0, 0, 2, 2, 0, 0]
    said = capsys.readouterr().out
    assert re.search(r"EUR\s+2,380\s+396\s", said), "current and 1-30, in whole units"
    assert "395.50" in said, "what is open of R-1002"
    assert list((tmp_path / "book" / "reviews" / "2026-10-31").glob("portfolio.pptx"))
