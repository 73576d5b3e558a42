"""What became of each mutant, kept in `.mutants.json` so that a run can be taken up again, and the table at the end.

Belongs here: remembering, and telling the survivors that `equivalent.yml` explains from those that nothing does. Does
not: judging. What is remembered holds for one text of a mutant: where the SQL has changed, it is tried anew.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path

import yaml

from tests.mutants.mutations import Mutant
from tests.mutants.targets import THEMES, theme_of

EQUIVALENT = Path(__file__).with_name("equivalent.yml")
DEAD = ("killed", "timed out")


class Results:
    """The verdicts on mutants, by their keys, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def tell(self, mutant: Mutant, status: str, by: str = "") -> None:
        """Remember a verdict."""
        self.found[mutant.key] = {"status": status, "by": by, "text": _digest(mutant)}

    def of(self, mutant: Mutant) -> str:
        """What became of a mutant; nothing where that is not known of its text."""
        known = self.found.get(mutant.key, {})
        return known.get("status", "") if known.get("text") == _digest(mutant) else ""

    def save(self) -> None:
        """Write the file anew."""
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(self.found, indent=1, sort_keys=True), encoding="utf-8")
        written.replace(self.path)


@cache
def explained() -> dict[str, dict[str, str]]:
    """The mutations that change nothing: table, mutation, why."""
    return yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {}


def is_explained(mutant: Mutant) -> bool:
    """Whether somebody has said why a mutant changes nothing."""
    return mutant.name in explained_names(mutant.table)


@cache
def explained_names(table: str) -> set[str]:
    """The mutations of a table that change nothing."""
    return set(explained().get(table) or {})


def table(tried: list[Mutant], results: Results) -> str:
    """Of each theme: its mutants, how many were killed, are equivalent, and survive without an explanation."""
    columns = ("mutants", "killed", "equivalent", "survivors", "not tried")
    lines = ["| theme | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for theme in THEMES:
        counts = Counter[str]()
        for mutant in tried:
            status = results.of(mutant)
            if theme_of(mutant.table) == theme and status != "invalid":
                counts["mutants"] += 1
                counts[_column(status, mutant)] += 1
        lines.append(f"| {theme} | " + " | ".join(f"{counts[column]:,}" for column in columns) + " |")
    return "\n".join(lines)


def survivors(tried: list[Mutant], results: Results) -> list[Mutant]:
    """The mutants that no test has noticed, and nobody has explained."""
    return [mutant for mutant in tried if results.of(mutant) == "survived" and not is_explained(mutant)]


def out_of_date(tried: list[Mutant], results: Results) -> list[str]:
    """Explanations of mutants that some test does kill."""
    return [mutant.key for mutant in tried if results.of(mutant) in DEAD and is_explained(mutant)]


def _column(status: str, mutant: Mutant) -> str:
    if status in DEAD:
        return "killed"
    if is_explained(mutant):
        return "equivalent"
    return "survivors" if status == "survived" else "not tried"


def _digest(mutant: Mutant) -> str:
    return hashlib.sha256(mutant.text.encode()).hexdigest()[:16]
