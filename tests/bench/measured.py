"""Running a stage in a process of its own, so that the memory it held is its own.

What the stages do belongs to `stages`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """A stage that was run: seconds of work (imports not counted), of processor time, peak memory, and what it said."""

    stage: str
    seconds: float
    cpu: float
    peak_mb: float
    said: dict[str, Any]


class StageFailed(RuntimeError):
    """A stage that did not end well; carries what it wrote."""


def measure(stage: str, folder: Path, size: int, memory_limit: str = "3GB") -> Measured:
    """Run a stage; raises StageFailed with its last words."""
    command = [sys.executable, "-m", "tests.bench.stages", stage, str(folder), "--size", str(size)]
    command += ["--memory-limit", memory_limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StageFailed(f"{stage} of {size:,}: {done.stderr[-2000:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return Measured(stage, said["seconds"], said["cpu"], said["peak_mb"], said)
