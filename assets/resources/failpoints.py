"""Failpoints: where a test kills the process, or lets the disk fail, before, during or after a durable write.

`RECEIVABLES_FAILPOINT=publication.rename:before:SIGKILL` names one; unset, which it always is but in tests of faults,
nothing happens. What must hold afterwards belongs to `tests/faults`.
"""

from __future__ import annotations

import errno
import os
import signal

VARIABLE = "RECEIVABLES_FAILPOINT"
POINTS = (
    "landing.original",
    "landing.batch",
    "staging.load",
    "publication.build",
    "publication.rename",
    "publication.latest",
    "record.end",
)
"""Every durable write of a night, in the order in which it comes."""
WHEN = ("before", "during", "after")
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM}
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}


def reach(point: str, when: str) -> None:
    """Fail here, if this is where it is asked for. Raises OSError for an error of the disk, and ValueError for a name
    that is none, so that no test waits for a failure that never comes.
    """
    asked = os.environ.get(VARIABLE)
    if not asked:
        return
    where, _, rest = asked.partition(":")
    moment, _, how = rest.partition(":")
    if where not in POINTS or moment not in WHEN or how not in {*SIGNALS, *ERRORS}:
        raise ValueError(f"{VARIABLE}: {asked!r} is not point:when:how; points are {', '.join(POINTS)}")
    if (where, moment) != (point, when):
        return
    if how in SIGNALS:
        os.kill(os.getpid(), SIGNALS[how])
    else:
        raise OSError(ERRORS[how], os.strerror(ERRORS[how]))
