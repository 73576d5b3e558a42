"""A part of the user guide, as it stands: its files are written and its commands typed, such as those of two closes.

Belongs here: reading the guide. Does not: what is expected of it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from assets.resources.home import Home
from pipelines import cli
from pipelines.options import home_of

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "closing-a-month.md"
BLOCK = re.compile(r"(?:^`(?P<file>[\w./-]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```", re.M | re.S)
COMMAND = ".venv/bin/receivables "


def walk(part: str, root: Path, clocks: Iterator[str], guide: Path = GUIDE) -> list[int]:
    """Do in a folder what a part of the guide says, each command at the next time; the exit codes."""
    text = guide.read_text(encoding="utf-8").split(f"## {part}\n")[1].split("\n## ")[0]
    codes = []
    for block in BLOCK.finditer(text):
        if block["file"]:
            place = root / block["file"]
            place.parent.mkdir(exist_ok=True)
            place.write_text(block["text"], encoding="utf-8")
        else:
            codes += [typed(line, root, next(clocks)) for line in block["text"].splitlines()]
    return codes


def typed(line: str, root: Path, clock: str) -> int:
    """Type one command in a folder, with a clock in place of the machine's."""
    assert line.startswith(COMMAND)

    def at_the_time(*words: Any) -> Home:
        found = home_of(*words)
        told = {name: getattr(found, name) for name in ("path", "sources", "policy_file", "known_at")}
        return Home(**told, recorded_at=clock)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr(cli, "home_of", at_the_time)
        try:
            return int(cli.app(shlex.split(line.removeprefix(COMMAND)), standalone_mode=False) or 0)
        except typer.Exit as ending:
            return ending.exit_code
