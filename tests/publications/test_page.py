"""The page: it adds up, runs nobody's names, asks no network, and can be used by anyone."""

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from assets.pack import charts, figures
from assets.pack.files import PAGE, write_pack
from assets.pack.headlines import Headline
from assets.pack.messages import told
from assets.pack.page import Cell, write_page
from assets.pack.read_back import PackError, verify_page
from assets.pack.workbook import write_workbook
from assets.resources.warehouse import Warehouse
from tests.publications.browser import needs_chromium, opened
from tests.publications.hostile_book import CLOSING, FORMULA, MARKUP, manifest_of, tables_of

LARGEST = 12_000_000
DRAWN = """
const rows = () => [...document.querySelectorAll("tr.payer")].filter(row => !row.hidden).map(row => row.dataset.payer);
const all = rows();
const button = document.querySelector("tr.payer button");
const items = button.closest("tr").nextElementSibling;
const before = [items.hidden, button.getAttribute("aria-expanded")];
button.click();
const after = [items.hidden, button.getAttribute("aria-expanded"), items.querySelectorAll(".inner > tbody > tr").length];
const search = document.getElementById("search");
search.value = "HYPERLINK";
search.dispatchEvent(new Event("input"));
const found = rows();
const said = document.getElementById("shown").textContent;
search.value = "";
const entity = document.getElementById("entity");
entity.value = "main";
entity.dispatchEvent(new Event("change"));
const bars = document.getElementById("chart-ageing").data;
return {
  all, before, after, found, said, entity: rows().length,
  ready: document.documentElement.dataset.ready,
  drawn: [...document.querySelectorAll(".chart")].filter(chart => chart.querySelector("svg")).map(chart => chart.id),
  charts: document.querySelectorAll(".chart").length,
  ageing: bars.map(bar => bar.y[bar.y.length - 1]).reduce((sum, part) => sum + part, 0),
  images: document.querySelectorAll("img").length,
  foreign: performance.getEntriesByType("resource").map(entry => entry.name),
  scripts: document.scripts.length,
};
"""


class Outline(HTMLParser):
    """The elements of a page that matter for reading it aloud."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(re.sub(r"<script>.*?</script>", "", text, flags=re.S))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(place: Path) -> str:
    return (place / PAGE).read_text(encoding="utf-8")


@needs_chromium
def test_in_a_browser_it_draws_filters_and_opens_payers_without_a_complaint(place: Path, tmp_path: Path) -> None:
    found, complaints = opened(place / PAGE, tmp_path, DRAWN)
    assert complaints == []
    assert found["ready"] == "yes"
    assert set(found["all"]) == {FORMULA, MARKUP, "007"}
    assert found["before"] == [True, "false"]
    assert found["after"] == [False, "true", 1]
    assert set(found["found"]) == {FORMULA}
    assert found["said"] == f"1 of {len(found['all'])} payers"
    assert found["entity"] == len(found["all"])
    assert found["images"] == 0 and found["foreign"] == []
    assert found["charts"] == len(found["drawn"]) >= 4
    with tables_of(place) as tables:
        balance = tables.value("select sum(open_amount_base) from aging_monthly where month_end = as_of")
    assert found["ageing"] == pytest.approx(float(balance), rel=1e-12)


def test_names_are_text_wherever_they_stand(text: str) -> None:
    assert MARKUP not in text and CLOSING not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert text.count("</script>") == 3 + _in_plotly()


def _in_plotly() -> int:
    from assets.pack.page import _plotly

    return _plotly().count("</script>")


def test_it_may_ask_no_network_and_is_not_large(place: Path, text: str) -> None:
    assert "default-src 'none'" in text
    outline = Outline(text)
    assert not outline.of("link") and not [one for one in outline.of("script") if "src" in one]
    assert [one["href"] for one in outline.of("a") if not str(one["href"]).startswith("#")] == []
    assert (place / PAGE).stat().st_size < LARGEST


def test_it_can_be_read_aloud_and_used_by_keyboard(text: str) -> None:
    outline = Outline(text)
    assert outline.of("html")[0]["lang"] == "en"
    drawn = [one for one in outline.of("div") if one.get("class") == "chart"]
    assert drawn and all(one["role"] == "img" and len(str(one["aria-label"])) > 20 for one in drawn)
    assert len(outline.of("details")) >= len(drawn)
    assert all("scope" in one for one in outline.of("th"))
    ids = [one["id"] for _, one in outline.elements if one.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(one["href"])[1:] for one in outline.of("a")} <= set(ids)
    assert all(one.get("tabindex") == "0" for one in outline.of("div") if one.get("class") == "scroll")
    assert "@media print" in text


def test_its_tables_are_read_back(place: Path, tmp_path: Path) -> None:
    with tables_of(place) as tables:
        written = write_workbook(tmp_path / "w.xlsx", tables, manifest_of(place))
        page = write_page(tmp_path / PAGE, tables, manifest_of(place), written)
    assert (tmp_path / PAGE).read_bytes() == (place / PAGE).read_bytes()
    assert verify_page(tmp_path / PAGE, page) > 15
    one = page["payers"]
    more = replace(one, totals={**one.totals, "open_amount": one.totals["open_amount"] + Decimal("0.01")})
    with pytest.raises(PackError, match="payers: open_amount adds up to"):
        verify_page(tmp_path / PAGE, {**page, "payers": more})
    with pytest.raises(PackError, match="the table nowhere is not in it"):
        verify_page(tmp_path / PAGE, {"nowhere": one})


def test_a_failed_page_says_so_first(place: Path, tmp_path: Path) -> None:
    manifest = manifest_of(place)
    manifest["checks"].append({"table": "t", "check": "c", "severity": "error", "passed": False, "failing_rows": 1})
    write_pack(tmp_path, place / "receivables.duckdb", manifest)
    said = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert '<body class="failed">' in said
    assert '<p class="status" role="status">FAILED: NOT FOR USE</p>' in said
    assert re.search(r"<title>[^<]*FAILED: NOT FOR USE</title>", said)


def test_charts_are_what_plotly_takes() -> None:
    """Plotly's own classes refuse a property that it does not have."""
    import plotly.graph_objects as go

    weeks = pl.DataFrame(
        {
            "week_end": ["2026-01-07", "2026-01-14"],
            "kind": ["actual", "forecast"],
            **{name: [Decimal(1), Decimal(2)] for name in ("actual", "expected", "p10", "p90", "forecast_week_before")},
        }
    )
    steps = pl.DataFrame(
        {"step": ["opening", "fx", "new", "closing"], "amount_base": [Decimal(n) for n in (5, 0, 2, 7)]}
    )
    bridge = charts.waterfall(steps, "EUR")
    assert bridge["data"][0]["x"] == ["opening", "new", "closing"]
    assert bridge["data"][0]["measure"] == ["absolute", "relative", "absolute"]
    shares = pl.DataFrame({"from_month": ["2026-01-31"], "current": [0.5]})
    for figure in (
        charts.fan(weeks, "EUR"),
        charts.stacked(weeks, "week_end", ["actual"], "EUR"),
        charts.lines(weeks, "week_end", ["p10"], "days"),
        charts.heat_map(shares, "from_month"),
        bridge,
    ):
        assert go.Figure(figure).data


def test_words_give_way_on_a_narrow_page_and_ids_do_not() -> None:
    assert [Cell(text).side for text in ("its period is over", "0000100029", "2026-10-31")] == ["words", "text", "text"]


def test_reversals_that_exceed_write_offs_are_not_called_write_offs() -> None:
    lines = "(1, 'opening', 10.0), (2, 'provision', -4.0), (3, 'write_offs', 7.0), (4, 'closing', 13.0)"
    columns = "held (line_order, line, amount_base)"
    with Warehouse(None) as book:
        book.execute(f"create table allowance_rollforward as select * from (values {lines}) as {columns}")
        steps = [row[0] for row in book.rows(f"select step from ({figures.ALLOWANCE_STEPS}) as s order by step_order")]
    assert steps == ["opening", "provision", "write_offs_reversed", "closing"]


def test_a_change_is_good_or_bad_news_in_words() -> None:
    late = Headline("past_due_share", "Past due", "share", "percent", 0.449, 0.387, "at 2026-09-30", better=-1)
    assert late.news == "worse" and told(late, late.change, True) == "+6.2 points"
    assert replace(late, now=0.387).news == "" and replace(late, now=0.3).news == "better"
    assert replace(late, before=None).change is None
    owed = Headline("open_receivables", "Open", "USD", "money", Decimal(568769), Decimal(627762), "at 2026-09-30")
    assert (told(owed, owed.now), told(owed, owed.change, True)) == ("USD 568,769", "USD -58,993")
