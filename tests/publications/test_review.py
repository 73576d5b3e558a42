"""The slides of a business review: the marts' own numbers in charts that can be edited, inert, the same again."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import fastexcel
import pptx
import pytest

from assets.pack.edition import Edition
from assets.pack.read_back import PackError
from assets.resources.warehouse import Warehouse
from assets.review.deck import deck_of
from assets.review.read_back import verify_deck
from assets.review.scope import scope_of
from assets.review.slide import Slide
from assets.review.slides import slides
from assets.review.tables import printable
from models.contract import contract
from pipelines.qbr import file_name
from tests.publications.hostile_book import FORMULA, MARKUP, manifest_of, tables_of
from tests.typed import typed

SEAM = {"as_of": date(2026, 2, 28), "run_id": "r"}
WEEK = {"level": "payer", "payer_id": "P", "component": "total", "entity_id": "", "segment": "", "model": "m",
        "currency": "EUR", "base_currency": "EUR"}  # fmt: skip


def made(bundle: Path, customer: str = "", manifest: Any = None) -> tuple[bytes, list[Slide]]:
    """The review of an account of a publication's tables, and the slides that it was made from."""
    with Warehouse(bundle, read_only=True) as tables:
        edition = Edition.of(manifest, tables)
        scope = scope_of(tables, customer, edition.base)
        found = slides(tables, edition, scope)
    return deck_of(edition, scope, found), found


def shapes(packed: bytes) -> Iterator[tuple[int, Any]]:
    for number, slide in enumerate(pptx.Presentation(io.BytesIO(packed)).slides, 1):
        yield from ((number, shape) for shape in slide.shapes)


def charted(packed: bytes, name: str) -> dict[str, list[float]]:
    """The series of the chart whose shape's name begins so, as python-pptx reads them."""
    (chart,) = [shape.chart for _, shape in shapes(packed) if shape.has_chart and shape.name.startswith(name)]
    return {series.name: list(series.values) for plot in chart.plots for series in plot.series}


def tabled(packed: bytes, name: str) -> list[list[str]]:
    (table,) = [shape.table for _, shape in shapes(packed) if shape.has_table and shape.name == name]
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.fixture(scope="module")
def bundle(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published tables with a payer more, who has a forecast, promises and disputes that a test can add up."""
    copy = Path(shutil.copy(place / "receivables.duckdb", tmp_path_factory.mktemp("review")))
    copy.chmod(0o640)
    dispute = {"entity_id": "main", "customer_id": "P", "payer_id": "P", "currency": "EUR", "reason": "=1+1"}
    promise = {
        "entity_id": "main",
        "customer_id": "P",
        "currency": "EUR",
        "made_on": date(2026, 2, 1),
        "times_broken_before": 1,
    }
    with Warehouse(copy, schemas=()) as tables:
        add(tables, "payer_monthly", period_end=date(2026, 2, 28), entity_id="main", payer_id="P", currency="EUR",
            billed_amount="300", collected_amount="120", cash_amount="100", days_to_pay_weight="4000",
            dated_cash_amount="100", beyond_terms_weight="1250", open_amount="180", owed_past_due_amount="30",
            blocked_amount="20")  # fmt: skip
        for week in (1, 2):
            for statistic, amount in (("mean", 10 * week), ("p10", week), ("p90", 20 * week), ("p50", 7)):
                start = date(2026, 3, 1 + 7 * (week - 1))
                end = date(2026, 3, 7 * week)
                add(tables, "cash_forecast", **WEEK, week_start=start, week_end=end, horizon_week=week,
                    statistic=statistic, amount=f"{amount}.25", amount_base=f"{amount}.25")  # fmt: skip
        add(tables, "disputes", **dispute, dispute_id="D1", invoice_id="=2", opened_on=date(2026, 2, 1), age_days=27,
            disputed_amount="20", blocked_amount="20.10", expected_resolution_date=date(2026, 3, 9),
            expected_credit_share="0.5")  # fmt: skip
        add(tables, "aging_detail", entity_id="main", customer_id="child", payer_id="007", document_id="5",
            document_type="invoice", currency="EUR", aging_bucket="current", open_amount="0")  # fmt: skip
        for number, (state, kept) in enumerate((("kept", "50"), ("broken", "0"), ("open", "0"))):
            add(tables, "promises", **promise, promise_id=f"{number}", invoice_id="", promised_date=date(2026, 3, 9),
                amount="50", state=state, kept_amount=kept, keep_probability="0.25")  # fmt: skip
    return copy


def add(tables: Warehouse, mart: str, **values: object) -> None:
    """Put a row into a published table; what is not given is empty, or nothing where it may not be empty."""
    kinds = contract(f"marts.{mart}").column_types()
    row = {**SEAM, **values}
    cells = [f"cast({'null' if row.get(n) is None else repr(str(row[n]))} as {kind})" for n, kind in kinds.items()]
    tables.execute(f"insert into {mart} values ({', '.join(cells)})")


@pytest.fixture(scope="module")
def of_p(bundle: Path, place: Path) -> bytes:
    packed, found = made(bundle, "P", manifest_of(place))
    assert verify_deck(packed, found) >= 10
    return packed


def test_an_account_is_told_in_its_own_numbers(of_p: bytes) -> None:
    assert charted(of_p, "months: billed") == {"billed": [0.0, 300.0], "collected": [0.0, 120.0]}
    assert charted(of_p, "months: days_to_pay")["days to pay"] == [None, 40.0]
    assert charted(of_p, "months: days_beyond_terms")["days beyond terms"] == [None, 12.5]
    assert charted(of_p, "months: not_past_due") == {"not past due": [0.0, 150.0], "past due": [0.0, 30.0]}
    assert charted(of_p, "months: blocked") == {"blocked": [0.0, 20.0]}
    assert charted(of_p, "promises") == {"amount": [50.0, 50.0, 50.0], "kept": [50.0, 0.0, 0.0]}


def test_its_forecast_has_a_range_and_what_is_expected_is_hatched(of_p: bytes) -> None:
    told = charted(of_p, "receipts")
    assert told == {"expected": [10.25, 20.25], "P10": [1.25, 2.25], "P90": [20.25, 40.25]}
    (chart,) = [shape.chart for _, shape in shapes(of_p) if shape.has_chart and shape.name.startswith("receipts")]
    assert [type(plot).__name__ for plot in chart.plots] == ["BarPlot", "LinePlot"]
    assert "<a:pattFill" in chart.part.blob.decode()


def test_messages_say_what_is_there(of_p: bytes) -> None:
    said = [slide.shapes.title.text for slide in pptx.Presentation(io.BytesIO(of_p)).slides]
    assert said[4] == "Nothing is owed", "no open item is this account's"
    assert said[5].startswith("In February 2026, payments came 12 days after their due dates; those of all payers, ")
    assert said[6] == "1 dispute is open and blocks EUR 20; the most frequent reason is =1+1"
    assert said[7] == "1 of 2 promises that came due were kept whole; EUR 50 is promised now"
    assert said[8] == "EUR 30 is expected in 2 weeks; in the first, EUR 1 to EUR 20 with a chance of 80 %"


def test_the_portfolio_adds_up_to_the_marts(place: Path) -> None:
    packed, found = made(place / "receivables.duckdb", "", manifest_of(place))
    assert verify_deck(packed, found) > 10
    with tables_of(place) as tables:
        owed = tables.value("select sum(open_amount_base) from aging_detail where open_amount_base > 0")
        billed = tables.value("select sum(billed_amount) from payer_monthly where currency = 'EUR'")
    assert sum(charted(packed, "ageing: ")["owed"]) == pytest.approx(float(owed), rel=1e-15)
    assert sum(charted(packed, "months: billed")["billed"]) == pytest.approx(float(billed), rel=1e-15)
    assert tabled(packed, "payers")[1][0] == "007", "the largest first, its id as text"


def test_a_review_that_says_anything_else_is_refused(bundle: Path, place: Path, of_p: bytes) -> None:
    _, found = made(bundle, "P", manifest_of(place))
    other, _ = made(bundle, "", manifest_of(place))
    with pytest.raises(PackError, match="slide 4: months: billed_amount, collected_amount has other numbers"):
        verify_deck(other, found)
    panel = found[2].panels[0]
    panel.shown.totals["billed_amount"] += 1  # type: ignore[index]
    with pytest.raises(PackError, match=r"adds up to 300\.0000 as billed_amount, and the published table to 301"):
        verify_deck(of_p, found)


@pytest.mark.parametrize("customer", ["", FORMULA, MARKUP, "007"])
def test_no_name_becomes_a_formula_a_link_or_markup(place: Path, customer: str) -> None:
    packed, found = made(place / "receivables.duckdb", customer, manifest_of(place))
    assert verify_deck(packed, found)
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        books = [whole.read(name) for name in whole.namelist() if name.endswith(".xlsx")]
        links = "".join(whole.read(name).decode() for name in whole.namelist() if name.endswith(".rels"))
    assert books and 'TargetMode="External"' not in links
    for book in books:
        with zipfile.ZipFile(io.BytesIO(book)) as sheet:
            assert b"<f>" not in sheet.read("xl/worksheets/sheet1.xml")
    if customer:
        title = pptx.Presentation(io.BytesIO(packed)).slides[0].placeholders[1].text_frame.paragraphs[0].text
        assert title == f"Account {customer}"


def test_the_sheet_behind_a_chart_has_its_numbers(of_p: bytes) -> None:
    (chart,) = [shape.chart for _, shape in shapes(of_p) if shape.has_chart and shape.name.startswith("promises")]
    sheet = fastexcel.read_excel(chart.part.chart_workbook.xlsx_part.blob).load_sheet(0).to_polars()
    assert sheet.rows() == [("kept", 50.0, 50.0), ("broken", 50.0, 0.0), ("open", 50.0, 0.0)]


def test_every_chart_and_table_can_be_heard_and_every_slide_says_its_status(of_p: bytes) -> None:
    for _, shape in shapes(of_p):
        if shape.has_chart or shape.has_table:
            assert shape._element.nvGraphicFramePr.cNvPr.get("descr").startswith(("Chart. ", "Table. "))
    for slide in pptx.Presentation(io.BytesIO(of_p)).slides:
        assert slide.shapes.title.text
        assert any("PASSED WITH" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_nothing_stands_outside_a_slide_or_upon_another(of_p: bytes) -> None:
    deck = pptx.Presentation(io.BytesIO(of_p))
    for slide in deck.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        assert all(left >= 0 and top >= 0 for left, top, _, _ in boxes)
        assert all(right <= deck.slide_width and low <= deck.slide_height for _, _, right, low in boxes)
        drawn = [
            (s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes if s.has_chart or s.has_table
        ]
        for place, one in enumerate(drawn):
            for other in drawn[place + 1 :]:
                assert one[2] <= other[0] or other[2] <= one[0]


def test_the_same_publication_has_the_same_bytes(bundle: Path, place: Path, of_p: bytes) -> None:
    assert made(bundle, "P", manifest_of(place))[0] == of_p


def test_the_command_writes_a_file_or_says_in_a_line_why_not(place: Path, tmp_path: Path) -> None:
    home = place.parents[2]
    out = tmp_path / "new" / "review.pptx"
    code, _, said = typed("qbr", "--home", str(home), "--portfolio", "--out", str(out))
    assert (code, said) == (0, "")
    assert out.stat().st_mode & 0o777 == 0o640 and len(pptx.Presentation(out).slides) == 10
    code, _, said = typed("qbr", "--home", str(home), "--customer", "07")
    assert (code, said) == (
        1,
        "error: no account 07 in the last publication: it was never billed and never paid; did you mean 007?\n",
    )
    assert typed("qbr", "--home", str(home), "--customer", "007", "--portfolio").code == 1
    code, _, said = typed("qbr", "--home", str(tmp_path / "empty"), "--portfolio")
    assert code == 1 and "nothing is published in" in said and said.count("\n") == 1


def test_an_account_that_another_pays_for_is_sent_there(bundle: Path) -> None:
    with Warehouse(bundle, read_only=True) as tables:
        with pytest.raises(
            ValueError, match="child pays for nothing itself; its invoices are paid by 007: ask for that"
        ):
            scope_of(tables, "child", "EUR")
        with pytest.raises(ValueError, match=r"never billed and never paid$"):
            scope_of(tables, "nobody at all", "EUR")


def test_a_name_is_printable_and_a_file_name_is_safe() -> None:
    assert printable("a\x00b\x1f\u202ec\ud800") == "abc"
    assert file_name("") == "portfolio" and file_name("0001-A_b") == "account-0001-A_b"
    assert file_name("../x") != file_name("./x") and "/" not in file_name("../x")
