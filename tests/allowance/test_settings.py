"""What the policy of the allowance refuses, and what its register of adjustments does to a rate."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from models.allowance.adjustments import laid_over, register
from models.allowance.settings import Adjustment
from models.policy import load_policy

ENTRY: dict[str, Any] = {
    "name": "downturn",
    "purpose": "current",
    "form": "multiplicative",
    "size": "0.10",
    "direction": "up",
    "evidence": "insolvencies rose by a tenth",
    "owner": "Ada",
    "approved_by": "Ben",
    "approved_on": date(2026, 1, 15),
    "expires_on": date(2026, 12, 31),
}
DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ("practical_expedient: true, framework: ifrs", "IFRS 9 has none"),
        (
            "subsequent_collections: {evaluation_date: 2026-04-15, ageing_at: evaluation_date}",
            "needs the practical expedient",
        ),
        (
            "practical_expedient: true, public_business_entity: true,"
            " subsequent_collections: {evaluation_date: 2026-04-15, ageing_at: evaluation_date}",
            "neither for a public business entity",
        ),
        ("practical_expedient: true, subsequent_collections: {evaluation_date: 2026-04-15}", "ageing_at"),
        ("pools: [{pool: a, where: [{segment: SMB}]}]", "must take everybody"),
        ("pools: [{pool: a}, {pool: b}]", "must take everybody"),
        ("pools: [{pool: specific}]", "must differ"),
        ("pools: [{pool: a, where: [{segment: SMB}], parent: b}, {pool: b}]", "a parent is a name of its own"),
        ("specific_rates: {theft: 1}", "specific_rates must name"),
        ("given_rates: [{pool: all, aging_bucket: current}]", "a given rate is either"),
        ("given_rates: [{pool: all, aging_bucket: current, rate: 1.5}]", "less than or equal to 1"),
        ("given_rates: [{pool: all, aging_bucket: current, probability_of_default: 0.1}]", "a given rate is either"),
        ("macro: {series: gdp, fewest_points: 12}", "greater than or equal to 24"),
    ],
)
def test_what_contradicts_a_standard_or_itself_is_refused(overlay: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_policy(f"allowance: {{{overlay}}}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"direction": "down"}, "is not down"),
        ({"form": "override"}, "an override has purpose and form"),
        ({"purpose": "override", "form": "override", "direction": "set", "size": "1.2"}, "a rate from 0 to 1"),
        ({"size": "-1.5", "direction": "down"}, "more than all of it"),
        ({"approved_by": None}, "approval needs both"),
        ({"approved_by": "Ada"}, "of their own"),
        ({"reverts_from": date(2027, 1, 1)}, "before expires_on"),
    ],
)
def test_an_adjustment_that_contradicts_itself_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Adjustment(**{**ENTRY, **change})


@pytest.mark.parametrize(
    ("change", "day", "reason"),
    [
        ({}, DAY, ""),
        ({"approved_by": None, "approved_on": None}, DAY, "not approved"),
        ({}, date(2026, 1, 14), "approved later"),
        ({}, date(2026, 12, 31), "expired"),
    ],
)
def test_an_adjustment_counts_while_it_is_approved_and_not_expired(
    change: dict[str, Any], day: date, reason: str
) -> None:
    (found,) = register([Adjustment(**{**ENTRY, **change})], day, with_forecasts=True)
    assert (found.counts, found.reason) == (not reason, reason)


def test_a_forecast_is_off_where_conditions_are_assumed_to_persist() -> None:
    entry = Adjustment(**{**ENTRY, "purpose": "forecast"})
    assert register([entry], DAY, with_forecasts=True)[0].counts
    assert "persist" in register([entry], DAY, with_forecasts=False)[0].reason


@pytest.mark.parametrize(
    ("form", "size", "direction", "wanted"),
    [
        ("multiplicative", "0.10", "up", 0.055),
        ("additive", "-0.02", "down", 0.03),
        ("additive", "-0.50", "down", 0.0),
        ("logit_shift", "0.6931471806", "up", 0.0952380952),  # the odds of 1 to 19 are doubled
        ("override", "0.25", "set", 0.25),
    ],
)
def test_each_form_changes_a_rate_of_5_percent_as_it_says(form: str, size: str, direction: str, wanted: float) -> None:
    purpose = "override" if form == "override" else "qualitative"
    entry = Adjustment(**{**ENTRY, "form": form, "size": size, "direction": direction, "purpose": purpose})
    added = laid_over(0.05, "all", "current", register([entry], DAY, with_forecasts=True))
    assert 0.05 + sum(added.values()) == pytest.approx(wanted)
    assert [name for name, value in added.items() if value] == [purpose]


def test_purposes_are_laid_over_one_another_in_their_order() -> None:
    """5 % is raised by a tenth to 5.5 % for current conditions, then by half to 8.25 % for the forecast."""
    entries = [
        Adjustment(**{**ENTRY, "name": "b", "purpose": "forecast", "size": "0.5"}),
        Adjustment(**{**ENTRY, "name": "a"}),
    ]
    added = laid_over(0.05, "all", "current", register(entries, DAY, with_forecasts=True))
    assert added == pytest.approx({"current": 0.005, "forecast": 0.0275, "qualitative": 0.0, "override": 0.0})


def test_an_adjustment_for_one_pool_or_bucket_leaves_the_others_alone() -> None:
    entries = register([Adjustment(**{**ENTRY, "pool": "smb", "aging_bucket": "1-30"})], DAY, with_forecasts=True)
    changed = [
        (pool, bucket)
        for pool in ("smb", "large")
        for bucket in ("current", "1-30")
        if any(laid_over(0.05, pool, bucket, entries).values())
    ]
    assert changed == [("smb", "1-30")]


def test_an_adjustment_that_reverts_fades_in_a_straight_line() -> None:
    entry = Adjustment(**{**ENTRY, "reverts_from": date(2026, 6, 30), "expires_on": date(2026, 7, 10)})
    sizes = [register([entry], date(2026, month, day), True)[0].size for month, day in ((6, 30), (7, 5), (7, 8))]
    assert sizes == pytest.approx([0.10, 0.05, 0.02])
