"""An extract says what its canonical form says: credits as negative lines, one line an invoice with its settlement.

Belongs here: the two declarations `signed` and `settled`, over snapshots that change. Does not: how a file may be
written (`tests/faults`), or what real extracts look like (`tests/sources`).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.books import BATCH_TIMES, as_ofs, known_ats
from tests.oracle.facts import CUSTOMER_IDS, FIRST_DAY
from tests.properties.pipeline import Deliveries, csv_text
from tests.properties.profiles import examples
from tests.properties.sendings import SNAPSHOT
from tests.properties.test_laws import agree, results

Line = dict[str, Any]

EXTRACT = """
sources:
  - name: erp
    path: inbox
    mode: snapshot
    files:
      - pattern: posten_*.csv
        format: {delimiter: ";", decimal: ",", thousands: ".", dates: "%d.%m.%Y", nulls: ["", "-"]}
        feed: invoices
        columns:
          invoice_id: Beleg
          customer_id: Debitor
          invoice_date: Belegdatum
          due_date: Faellig
          currency: Waehrung
          amount: Betrag
        signed: true
        settled: {on: Ausgleich, amount: Bezahlt}
"""
HEADER = "Beleg;Debitor;Belegdatum;Faellig;Waehrung;Betrag;Ausgleich;Bezahlt;Stand"
FEEDS = {
    "invoices": ("invoice_id", "customer_id", "invoice_date", "due_date", "currency", "amount"),
    "credit_memos": ("credit_memo_id", "customer_id", "credit_date", "due_date", "currency", "amount"),
    "payments": ("payment_id", "customer_id", "payment_date", "currency", "amount"),
    "applications": ("application_id", "source_id", "invoice_id", "applied_on", "amount"),
}


@st.composite
def extracts(draw: st.DrawFn) -> list[tuple[datetime, list[Line]]]:
    """Up to three snapshots of the same lines, of which some are not there yet, settled later, or changed."""
    ids = draw(st.sets(st.sampled_from(("001", "1E5", "7", "R-1", "R-2")), min_size=1))
    return [
        (time, [draw(lines(line_id)) for line_id in sorted(ids) if draw(st.integers(0, 4))])
        for time in BATCH_TIMES[: draw(st.integers(1, 3))]
    ]


@st.composite
def lines(draw: st.DrawFn, line_id: str) -> Line:
    """One line; a credit is negative, and is not settled."""
    invoiced = FIRST_DAY + timedelta(draw(st.sampled_from((0, 0, 30))))
    amount = Decimal(draw(st.sampled_from((10_000, 123_456, -10_000, -5)))).scaleb(-2)
    is_settled = amount > 0 and draw(st.booleans())
    return {
        "id": line_id,
        "customer_id": draw(st.sampled_from(CUSTOMER_IDS[:2])),
        "invoiced": invoiced,
        "due": invoiced + timedelta(draw(st.sampled_from((0, 30)))) if draw(st.booleans()) else None,
        "currency": draw(st.sampled_from(("EUR", "EUR", "USD"))),
        "amount": amount,
        "settled_on": invoiced + timedelta(draw(st.integers(-5, 60))) if is_settled else None,
        "settled_amount": draw(st.sampled_from((amount, amount, Decimal("60.10")))) if is_settled else None,
    }


def extract_of(snapshots: list[tuple[datetime, list[Line]]]) -> Deliveries:
    """One file a snapshot, written as in Germany."""
    return [(time, {f"posten_{time:%Y%m%d}.csv": _extract(found, time)}) for time, found in snapshots]


def _extract(found: list[Line], time: datetime) -> str:
    rows = [
        (
            line["id"],
            line["customer_id"],
            german(line["invoiced"]),
            german(line["due"]),
            line["currency"],
            german(line["amount"]),
            german(line["settled_on"]),
            german(line["settled_amount"]),
            german(time.date()),
        )
        for line in found
    ]
    return "\n".join([f"{HEADER} {time:%d.%m.%Y}", *(";".join(row) for row in rows)]) + "\n"


def german(value: date | Decimal | None) -> str:
    """`31.12.2024`, `1.234,56`, `1.234,56-` or `-`."""
    if value is None:
        return "-"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    text = f"{abs(value):,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{text}-" if value < 0 else text


def canonical_of(snapshots: list[tuple[datetime, list[Line]]]) -> Deliveries:
    """The same as invoices, credit memos, payments and applications."""
    return [(time, _canonical(found, time)) for time, found in snapshots]


def _canonical(found: list[Line], time: datetime) -> dict[str, str]:
    rows: dict[str, list[tuple]] = {feed: [] for feed in FEEDS}
    for line in found:
        feed = "invoices" if line["amount"] > 0 else "credit_memos"
        dates = (line["invoiced"], line["due"])
        rows[feed].append((line["id"], line["customer_id"], *dates, line["currency"], abs(line["amount"])))
        if line["settled_on"]:
            payment, day, amount = f"{line['id']}:settled", line["settled_on"], line["settled_amount"]
            rows["payments"].append((payment, line["customer_id"], day, line["currency"], amount))
            rows["applications"].append((payment, payment, line["id"], day, amount))
    files = {}
    for feed, columns in FEEDS.items():
        empty = ",".join(columns) + f",exported_{time:%Y%m%d}\n"
        content = csv_text([dict(zip(columns, row, strict=True)) for row in rows[feed]], time) if rows[feed] else empty
        files[f"{feed}_{time:%Y%m%d}.csv"] = content
    return files


@examples(4)
@given(extracts(), st.sets(as_ofs, min_size=1, max_size=2), st.sets(known_ats, min_size=1, max_size=2))
def test_an_extract_says_what_its_canonical_form_says(snapshots, days, times):
    canonical = results(canonical_of(snapshots), days, times, SNAPSHOT)
    agree(results(extract_of(snapshots), days, times, EXTRACT), canonical)
