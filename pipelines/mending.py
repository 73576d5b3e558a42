"""What a bad disk or a killed night left behind, put right before the next run: the working file, what is named last.

It mends only what can be made again; what cannot, raw and closes, is named by `doctor`.
"""

from __future__ import annotations

import json
from datetime import date

from assets.publications import MANIFEST, differences, point_latest
from assets.resources.home import Home
from assets.resources.outbox import Outbox
from assets.resources.warehouse import damage_of
from pipelines.alerts import WORKING_FILE, Trouble, tell


def set_aside(home: Home) -> Trouble | None:
    """Move a damaged working file out of the way, so that the run makes it anew from raw; returns what to say of it.

    The last one is kept under `work/`, for whoever looks after the disk.
    """
    damage = damage_of(home.warehouse_file, home.memory_limit)
    if not damage:
        return None
    log = home.warehouse_file.with_name(f"{home.warehouse_file.name}.wal")
    log.unlink(missing_ok=True)  # it belongs to that file alone, and would spoil the next
    home.warehouse_file.replace(home.work / f"damaged-{home.warehouse_file.name}")
    trouble = _trouble(home, damage)
    with home.state() as state:  # now, since the run may be killed before it can tell
        state.begin()
        tell(Outbox(state.connection), home.root.name, [trouble], (), (home.now.date().isoformat(), ""), home.now)
    return trouble


def _trouble(home: Home, damage: str) -> Trouble:
    return Trouble(
        WORKING_FILE,
        "warn",
        "the working file was damaged and has been made anew from raw",
        (
            f"What failed: {home.warehouse_file.name} could not be read back as it was written: {damage}",
            "Published: as on any night; every figure is made from raw, which is the evidence",
            "Owner: team:finance-data",
            f"What to do: Look at the disk; the damaged file is work/damaged-{home.warehouse_file.name}. Then see with"
            " `receivables doctor` that raw and publications are whole.",
        ),
    )


def named_after_all(home: Home, as_of: date, run_id: str) -> bool:
    """Whether a run that died had published: its publication is whole and in its place. `latest.json` then names it."""
    place = home.publications / as_of.isoformat() / run_id
    if not run_id or not (place / MANIFEST).is_file():
        return False
    if differences(json.loads((place / MANIFEST).read_text(encoding="utf-8")), place):
        return False
    point_latest(home, as_of, run_id)
    return True
