"""Finance's policy: typed settings with the defaults a controller would choose, and their hash.

How a setting changes a figure belongs to the SQL that reads it; policy reaches SQL only as tables.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from models.allowance.buckets import loss_bucket_rows, loss_day_rows
from models.allowance.settings import AllowanceSettings
from models.contract import Strict
from models.forecasts.settings import Forecast
from models.plain_yaml import read_yaml

AGELESS_BUCKETS = ("no-due-date", "disputed", "unapplied")
"""Where items stand whatever their age, or without one: after all buckets of the policy."""


class Bucket(Strict):
    """One ageing bucket: whole days past due from `first_day` to `last_day`, both inclusive."""

    aging_bucket: str
    first_day: int | None = None
    last_day: int | None = None

    def holds(self, day: int) -> bool:
        """Whether so many days past due fall into this bucket."""
        return (self.first_day is None or day >= self.first_day) and (self.last_day is None or day <= self.last_day)


class Entities(Strict):
    """What is assumed of entities that no feed describes."""

    default_entity: str
    history_starts_on: date | None


class Aging(Strict):
    """How an open item is aged."""

    basis: Literal["due_date", "invoice_date"]
    use_revised_due_date: bool
    due_today_is_current: bool
    grace_days: int
    no_due_date: Literal["invoice_date", "terms", "bucket"]
    default_terms_days: int
    longest_terms_days: int
    disputed_items: Literal["by_age", "own_bucket"]
    credit_view: Literal["gross", "separate", "fifo"]
    buckets: tuple[Bucket, ...]

    @model_validator(mode="after")
    def buckets_cover_every_day_once(self) -> Self:
        """Refuse buckets with a gap, an overlap, a repeated name or a bounded end."""
        rows = self.buckets
        if not rows or rows[0].first_day is not None or rows[-1].last_day is not None:
            raise ValueError("the first bucket must have no first_day and the last no last_day")
        for earlier, later in pairwise(rows):
            if earlier.last_day is None or later.first_day != earlier.last_day + 1:
                raise ValueError(f"bucket {later.aging_bucket} must begin the day after {earlier.aging_bucket} ends")
        if len({row.aging_bucket for row in rows}) != len(rows):
            raise ValueError("bucket names must differ")
        if set(AGELESS_BUCKETS) & {row.aging_bucket for row in rows}:
            raise ValueError(f"bucket names {', '.join(AGELESS_BUCKETS)} are taken")
        return self


class Instalments(Strict):
    """How invoices that fall due in parts are settled."""

    advances: Literal["earliest_due", "pro_rata"]


class Close(Strict):
    """What a close allows."""

    gl_tolerance: Decimal
    materiality: Decimal


class Landing(Strict):
    """When a landed date is impossible, and how much of a batch may be rejected."""

    earliest_date: date
    latest_date: date
    most_rejected_rows: float
    most_rejected_amount: float


class Metrics(Strict):
    """What collection metrics look back over, and where practice differs."""

    windows: tuple[int, ...]
    cei_months: Literal["monthly_average", "whole_period"]
    early_payments: Literal["negative", "floored"]
    turnover_decimals: Annotated[int, Field(ge=0, le=4)] | None

    @field_validator("windows")
    @classmethod
    def windows_rise(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        """Refuse windows that are not whole days above zero, each longer than the one before."""
        if not value or value[0] < 1 or any(later <= earlier for earlier, later in pairwise(value)):
            raise ValueError("windows must be days above zero, each longer than the one before")
        return value


class DaysSalesOutstanding(Strict):
    """What sales are, where DSO sets receivables against them."""

    sales_basis: Literal["billings", "revenue"]
    credit_treatment: Literal["posting_month", "invoice_month"]


class Promises(Strict):
    """When a promise counts as kept."""

    tolerance_days: int


class CollectionStep(Strict):
    """From what age, amount in base currency and number of broken promises a step of collection is recommended."""

    step: Literal["write_off", "agency", "suspend", "hold", "escalate", "call", "remind"]
    past_due_days: Annotated[int, Field(ge=1)]
    smallest_amount: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    broken_promises: Annotated[int, Field(ge=0)] = 0


class Collections(Strict):
    """What is recommended for customers who are past due, the first step that fits."""

    steps: tuple[CollectionStep, ...]


class Currency(Strict):
    """How exchange rates may be used."""

    longest_carry_days: int
    largest_rate_move: float
    pivot_currency: str | None


class Policy(Strict):
    """The whole policy, as typed settings."""

    time_zone: str
    base_currency: str | None
    entities: Entities
    aging: Aging
    instalments: Instalments
    close: Close
    landing: Landing
    metrics: Metrics
    dso: DaysSalesOutstanding
    promises: Promises
    currency: Currency
    forecast: Forecast
    collections: Collections
    allowance: AllowanceSettings

    @field_validator("time_zone")
    @classmethod
    def time_zone_exists(cls, value: str) -> str:
        """Refuse a time zone that the system does not know."""
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value

    def fingerprint(self) -> str:
        """SHA-256 of every setting, the same for the same settings however they were written."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def settings_row(self) -> dict[str, Any]:
        """The settings that SQL reads, as the one row of `staging.policy`."""
        aging = self.aging.model_dump(exclude={"buckets"})
        days = [row["aging_clamp"] for row in self.aging_day_rows()]
        ends = {"youngest_day": days[0], "oldest_day": days[-1]}
        rejected = self.landing.model_dump(include={"most_rejected_rows", "most_rejected_amount"})
        metrics = {**self.metrics.model_dump(exclude={"windows", "turnover_decimals"}), **self.promises.model_dump()}
        decimals = self.metrics.turnover_decimals
        others = {
            "turnover_scale": None if decimals is None else 10**decimals,
            **self.instalments.model_dump(),
            **self.close.model_dump(),
            **self.entities.model_dump(),
            **metrics,
            **self.dso.model_dump(),
            **self.currency.model_dump(),
            **self.allowance.row(),
            **rejected,
        }
        return {"base_currency": self.base_currency, **aging, **ends, **others}

    def window_rows(self) -> list[dict[str, Any]]:
        """The windows as `staging.metric_windows`, each with the whole months that come nearest to its days."""
        months = {days: max(1, round(days * 12 / 365)) for days in self.metrics.windows}
        return [{"window_days": days, "window_months": count} for days, count in months.items()]

    def bucket_rows(self) -> list[dict[str, Any]]:
        """The buckets as `staging.aging_buckets`: three of no age come after those of the policy."""
        rows: list[dict[str, Any]] = [bucket.model_dump() for bucket in self.aging.buckets]
        rows += [{"aging_bucket": name, "first_day": None, "last_day": None} for name in AGELESS_BUCKETS]
        return [{**row, "bucket_order": order} for order, row in enumerate(rows, start=1)]

    def step_rows(self) -> list[dict[str, Any]]:
        """The steps of collection as `staging.collection_steps`, in order."""
        return [{"step_order": order, **one.model_dump()} for order, one in enumerate(self.collections.steps, start=1)]

    def loss_bucket_rows(self) -> list[dict[str, Any]]:
        """The allowance's buckets as `staging.loss_buckets`."""
        return loss_bucket_rows([one.model_dump() for one in self.aging.buckets], self.allowance.lost_after_days)

    def loss_day_rows(self) -> list[dict[str, Any]]:
        """The allowance's bucket of every number of days past due as `staging.loss_days`."""
        buckets = [one.model_dump() for one in self.aging.buckets]
        return loss_day_rows(self.aging_day_rows(), buckets, self.allowance.lost_after_days)

    def aging_day_rows(self) -> list[dict[str, Any]]:
        """The bucket of every number of days past due between the first and the last that matter.

        Due-today and grace days are settled here, so that SQL finds a bucket by equality. An item within its
        grace is where an item not yet due would be; without grace, one due today is there only when the policy
        says so. `is_past_due` is the plain fact, whatever the policy.
        """
        aging = self.aging
        edges = [day for bucket in aging.buckets for day in (bucket.first_day, bucket.last_day) if day is not None]
        rows = []
        for day in range(min([*edges, 0]) - 1, max([*edges, aging.grace_days]) + 2):
            counted = day
            if day == 0 and not aging.due_today_is_current and not aging.grace_days:
                counted = 1
            elif 0 < day <= aging.grace_days:
                counted = 0
            name = next(bucket.aging_bucket for bucket in aging.buckets if bucket.holds(counted))
            rows.append({"aging_clamp": day, "aging_bucket": name, "is_past_due": day > 0})
        return rows


def _overlay(defaults: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(defaults.get(key), dict)
        merged[key] = _overlay(defaults[key], value) if nested else value
    return merged


def load_policy(overlay: str | None = None) -> Policy:
    """The defaults with `overlay` (YAML text) laid over them.

    Raises ValueError naming the setting where a key is unknown or a value is not allowed.
    """
    defaults = read_yaml(resources.files("models").joinpath("policy.yml").read_text(encoding="utf-8"))
    changes = read_yaml(overlay) if overlay else {}
    if not isinstance(changes or {}, dict):
        raise ValueError("a policy file must be a mapping of settings")
    return Policy(**_overlay(defaults, changes or {}))
