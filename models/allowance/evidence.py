"""The evidence pack of a close: a sheet for each question that an auditor asks, from what was published.

Belongs here: which rows answer which question. Does not: how a rate came about, or what a file looks like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.allowance.buckets import lost_bucket
from models.allowance.rates_again import rate_differences
from models.allowance.recalculation import Row, differences, line_of

Tables = Mapping[str, Sequence[Row]]
NOTHING = Decimal(0)

QUESTIONS = {
    "inputs": "What went in: every file with its hash, its rows and what its amounts add up to.",
    "tie_out": "Does the subledger agree with the general ledger, and the allowance with its own schedules?",
    "policy": "Under which settings, and what was different at the last approved close?",
    "rates": "On what does each rate rest: its method, its history's counts, its bounds, and the independent check.",
    "adjustments": "What was adjusted by judgement, by how much, on what evidence, and who agreed?",
    "recalculation": "Exposure by rate, line by line, done again; and what the independent method would have given.",
    "differences": "What does not hold between the published tables; nothing, where this sheet has no rows.",
    "checks": "What was checked before the figures were published, and what the checks said.",
}
"""The sheets of a pack, each with the question that it answers."""

COLUMNS = {
    "inputs": "source_name batch_id file_name feed file_sha256 row_count skipped_count currency control_total",
    "tie_out": "what entity_id account currency period_end left_amount right_amount difference is_tied",
    "policy": "setting this_close last_close has_changed",
    "rates": "pool aging_bucket method basis historical_rate rate low high loss_events customer_count credibility"
    " check_rate difference",
    "adjustments": "adjustment purpose form direction size applied_size pool aging_bucket is_applied reason evidence"
    " owner approved_by approved_on expires_on",
    "recalculation": "entity_id currency pool aging_bucket exposure items_exposure rate allowance recalculated"
    " difference check_rate check_allowance",
    "differences": "difference",
    "checks": "table check severity passed failing_rows",
}


def sheets(
    tables: Tables, manifest: Mapping[str, Any], before: Mapping[str, Any] | None, smallest: Mapping[str, Decimal]
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every sheet of a close.

    `tables` are its published tables by name, `manifest` that of its publication, `before` that of the close it opened
    from (none at the first), `smallest` the minor unit of each currency.
    """
    found = {
        "inputs": list(_inputs(manifest)),
        "tie_out": [*_ledger_ties(tables), *_allowance_ties(tables, manifest["as_of"])],
        "policy": list(_policy(manifest, before)),
        "rates": list(tables["allowance_loss_rates"]),
        "adjustments": list(tables["allowance_adjustments"]),
        "recalculation": list(_recalculation(tables, smallest)),
        "differences": [
            {"difference": said}
            for said in (*differences(tables, smallest), *rate_differences(tables, _given_up(manifest)))
        ],
        "checks": list(manifest["checks"]),
    }
    wanted = {name: columns.split() for name, columns in COLUMNS.items()}
    return {name: [{column: row[column] for column in wanted[name]} for row in found[name]] for name in wanted}


def _given_up(manifest: Mapping[str, Any]) -> str:
    """The bucket in which the close's own policy gives items up."""
    settings = manifest["policy"]["settings"]
    return lost_bucket(settings["aging"]["buckets"], settings["allowance"]["lost_after_days"])


def _inputs(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for batch in manifest["inputs"]:
        for file in batch["files"]:
            for currency, total in (file["control_totals"] or {"": ""}).items():
                yield {**batch, **file, "currency": currency, "control_total": total}


def _ledger_ties(tables: Tables) -> Iterator[dict[str, Any]]:
    for row in tables["gl_tieout"]:
        if row["class"] == "total":
            left, right = row["subledger_amount"], row["gl_amount"]
            apart = None if left is None or right is None else left - right
            what = "subledger to general ledger"
            yield {**row, "what": what, "left_amount": left, "right_amount": right, "difference": apart}


def _allowance_ties(tables: Tables, as_of: str) -> Iterator[dict[str, Any]]:
    """The allowance of items against what the schedule and the specific reserves, and the roll-forward, come to."""
    items: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    lines: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    closings: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in tables["allowance_items"]:
        items[row["entity_id"], row["currency"]] += row["allowance"] or NOTHING
    for row in [*tables["allowance_schedule"], *tables["allowance_specific"]]:
        lines[row["entity_id"], row["currency"]] += row["allowance"] or NOTHING
    for row in tables["allowance_rollforward"]:
        if row["line"] == "closing":
            closings[row["entity_id"], row["currency"]] += row["amount"]
    for what, other in (("items to schedule and specific", lines), ("items to roll-forward", closings)):
        for key in sorted(items.keys() | other.keys()):
            entity_id, currency = key
            yield {
                "what": f"allowance: {what}",
                "entity_id": entity_id,
                "account": "",
                "currency": currency,
                "period_end": as_of,
                "left_amount": items[key],
                "right_amount": other[key],
                "difference": items[key] - other[key],
                "is_tied": items[key] == other[key],
            }


def _policy(manifest: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    now = dict(_flat(manifest["policy"]["settings"]))
    then = dict(_flat(before["policy"]["settings"])) if before else {}
    for setting in sorted(now.keys() | then.keys()):
        yield {
            "setting": setting,
            "this_close": now.get(setting, ""),
            "last_close": then.get(setting, ""),
            "has_changed": bool(before) and now.get(setting) != then.get(setting),
        }


def _flat(settings: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every setting with its place, such as `allowance.adjustments.0.size`."""
    entries = settings.items() if isinstance(settings, Mapping) else enumerate(settings)
    for name, value in entries:
        here = f"{place}.{name}" if place else str(name)
        if isinstance(value, Mapping | list) and value:
            yield from _flat(value, here)
        else:
            yield here, "" if value is None else str(value)


def _recalculation(tables: Tables, smallest: Mapping[str, Decimal]) -> Iterator[dict[str, Any]]:
    exposures: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for item in tables["allowance_items"]:
        if item["treatment"] == "pool":
            exposures[item["entity_id"], item["currency"], item["pool"], item["aging_bucket"]] += item["exposure"]
    checks = {
        (row["pool"], row["aging_bucket"]): row["check_rate"]
        for row in tables["allowance_loss_rates"]
        if row["check_rate"] is not None
    }
    for line in tables["allowance_schedule"]:
        cent, rate = smallest[line["currency"]], line["rate"]
        check = checks.get((line["pool"], line["aging_bucket"]))
        ours = None if rate is None else line_of(line["exposure"], rate, cent)
        yield {
            **line,
            "items_exposure": exposures[line["entity_id"], line["currency"], line["pool"], line["aging_bucket"]],
            "recalculated": ours,
            "difference": None if ours is None else ours - line["allowance"],
            "check_rate": check,
            "check_allowance": None if check is None else line_of(line["exposure"], Decimal(str(check)), cent),
        }
