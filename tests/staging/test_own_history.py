"""Checks of what comes against what came before: far fewer rows, a feed that stays away, other amounts, no due dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from assets.resources.warehouse import EVERYTHING, Warehouse
from checks.contract_checks import Check, run_check
from checks.judgement import listed_checks
from models.contract import contract

AS_OF = date(2026, 6, 30)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with Warehouse(None) as opened:
        for name in ("raw.files", "staging.invoices"):
            opened.create_empty(contract(name))
        yield opened


def sent(warehouse: Warehouse, *batches: tuple[date, int]) -> None:
    """A file of invoices a batch, each with its day and its rows, numbered as they come."""
    for number, (day, rows) in enumerate(batches, start=1):
        warehouse.execute(
            "insert into raw.files values ($n, $n, 'b', 'erp', 1, '*', 'invoices', 'increment', 'f', 'h', $rows, 0, $at, null)",
            {"n": number, "rows": rows, "at": datetime(day.year, day.month, day.day, 6)},
        )


def invoices(warehouse: Warehouse, batch: int, count: int, amount: str, lacking: int = 0) -> None:
    """Invoices of one batch, the first few of them without a due date."""
    warehouse.execute(
        "insert into staging.invoices by name select range as row_key, 'EUR' as currency, cast($amount as decimal(18, 4))"
        " as amount, case when range >= $lacking then date '2026-07-01' end as due_date, $batch as file_number,"
        " timestamp '2026-01-01' as known_from from range($count)",
        {"batch": batch, "count": count, "amount": amount, "lacking": lacking},
    )


def found(warehouse: Warehouse, table: str, name: str, as_of: date = AS_OF) -> tuple[int, object]:
    (check,) = [one for one in listed_checks(contract(table)) if one.name == name]
    assert isinstance(check, Check)
    assert check.severity == "warn"
    return run_check(check, warehouse, {"as_of": as_of, "known_at": EVERYTHING})


def weeks(*rows: int) -> list[tuple[date, int]]:
    """A batch a week, the last of them on the day."""
    return [(AS_OF - timedelta(7 * (len(rows) - place)), count) for place, count in enumerate(rows, start=1)]


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ((9000, 100, 120, 90, 110, 100, 36), 0),
        ((9000, 100, 120, 90, 110, 100, 35), 55),
        ((100, 120, 90, 110, 100, 0), 90),
        ((100, 120, 90, 110, 1), 0),
        ((1, 100, 100, 100, 100, 100, 100, 100, 100, 39), 61),
    ],
    ids=["two fifths", "fewer", "none", "too short a history", "what is older than eight batches does not count"],
)
def test_a_drop_in_volume_is_told(warehouse: Warehouse, rows: tuple[int, ...], missing: int) -> None:
    sent(warehouse, *weeks(*rows))
    assert found(warehouse, "raw.files", "no_batch_is_far_smaller_than_usual") == (missing, None)


@pytest.mark.parametrize(("days", "failing"), [(0, 0), (15, 0), (16, 1), (-30, 0)])
def test_a_feed_that_stays_away_longer_than_it_used_to_is_told(warehouse: Warehouse, days: int, failing: int) -> None:
    sent(warehouse, *weeks(1, 1, 1, 1, 1, 1))
    name = "every_feed_is_as_fresh_as_usual"
    assert found(warehouse, "ledger.open_items", name, AS_OF + timedelta(days)) == (failing, None)


def test_of_a_feed_that_came_a_few_times_nothing_is_said(warehouse: Warehouse) -> None:
    sent(warehouse, *weeks(1, 1, 1, 1, 1))
    assert found(warehouse, "ledger.open_items", "every_feed_is_as_fresh_as_usual", date(2027, 1, 1)) == (0, None)


@pytest.mark.parametrize(
    ("count", "lacking", "told"),
    [(100, 25, 0), (100, 26, 26), (19, 19, 0)],
    ids=["as usual", "more", "too few to tell"],
)
def test_due_dates_that_go_missing_are_told(warehouse: Warehouse, count: int, lacking: int, told: int) -> None:
    sent(warehouse, *weeks(1, 1, 1))
    invoices(warehouse, 1, 60, "10.00", lacking=3)
    invoices(warehouse, 2, 40, "10.00", lacking=2)
    invoices(warehouse, 3, count, "10.00", lacking=lacking)
    amount = Decimal(10 * told) if told else None
    assert found(warehouse, "staging.invoices", "no_batch_lacks_more_due_dates_than_usual") == (told, amount)


@pytest.mark.parametrize(("amount", "told"), [("100.00", 0), ("100.01", 50), ("1.00", 0), ("0.99", 50)])
def test_amounts_of_another_size_are_told(warehouse: Warehouse, amount: str, told: int) -> None:
    sent(warehouse, *weeks(1, 1))
    invoices(warehouse, 1, 100, "10.00")
    invoices(warehouse, 2, 50, amount)
    money = Decimal(amount) * 50 if told else None
    assert found(warehouse, "staging.invoices", "no_batch_is_of_other_amounts_than_usual") == (told, money)
