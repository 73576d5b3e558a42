"""Buckets of the allowance: the ageing's, up to the age at which an item is given up, and one of what is older."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NO_AGE = "no-due-date"


def lost_bucket(buckets: Sequence[Mapping[str, Any]], lost_after: int) -> str:
    """What is past due by more than `lost_after` days: the ageing's own bucket where its last begins just there."""
    last = buckets[-1]
    return last["aging_bucket"] if last["first_day"] == lost_after + 1 else f"over-{lost_after}"


def loss_bucket_rows(buckets: Sequence[Mapping[str, Any]], lost_after: int) -> list[dict[str, Any]]:
    """The buckets as `staging.loss_buckets`, in order of age, that of no age at the end.

    `buckets` are the ageing's: `aging_bucket`, `first_day`, `last_day`, in order.
    """
    names = [one["aging_bucket"] for one in buckets if one["first_day"] is None or one["first_day"] <= lost_after]
    given_up = lost_bucket(buckets, lost_after)
    return [
        {"aging_bucket": name, "bucket_order": order, "is_lost": name == given_up}
        for order, name in enumerate([*names, given_up, NO_AGE], start=1)
    ]


def loss_day_rows(
    aging_days: Sequence[Mapping[str, Any]], buckets: Sequence[Mapping[str, Any]], lost_after: int
) -> list[dict[str, Any]]:
    """The bucket of every number of days past due as `staging.loss_days`; `aging_days` are those of the ageing."""
    of_day = {row["aging_clamp"]: row["aging_bucket"] for row in aging_days}
    given_up = lost_bucket(buckets, lost_after)
    return [
        {"aging_clamp": day, "aging_bucket": given_up if day > lost_after else of_day[min(day, max(of_day))]}
        for day in range(min(of_day), lost_after + 2)
    ]
