"""Dagster's own interface on one book."""

from __future__ import annotations

import os
import subprocess
import sys

from assets.resources.home import PRIVATE, Home
from pipelines.schedules import SWITCH


def serve(home: Home, port: int, nightly: bool = True) -> int:
    """Run `dagster dev` on the book's home until it is stopped; returns its exit code.

    `nightly`: whether the nightly schedule is on; alerts, and the sensor that settles runs that died, always are.
    """
    home.create()
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home.dagster_home),
        "RECEIVABLES_HOME": str(home.root),
        "RECEIVABLES_SOURCES": home.sources,
        "RECEIVABLES_POLICY": home.policy_file,
        SWITCH: "on" if nightly else "off",
    }
    command = [sys.executable, "-m", "dagster", "dev", "-m", "pipelines.definitions", "-p", str(port)]
    return subprocess.call(command, env=environment, umask=PRIVATE)
