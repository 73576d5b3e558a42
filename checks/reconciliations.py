"""Reconciliations: SQL that returns the rows which do not agree, one file a sentence, in `checks/reconciliations/`.

The first comment of a file is what the check means. Exact money is compared here, and nowhere else.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from itertools import takewhile

from checks.contract_checks import Check


@cache
def _text(name: str) -> str:
    return resources.files("checks").joinpath("reconciliations", f"{name}.sql").read_text(encoding="utf-8")


def reconciliation(name: str, table: str, severity: str = "error") -> Check:
    """The check of `checks/reconciliations/<name>.sql`, guarding a table.

    Its SQL returns what disagrees, how many `failing_rows` that is, and their `amount` (null where it is not
    about money).
    """
    text = _text(name)
    first = takewhile(lambda line: line.startswith("--"), text.splitlines())
    said = [line.removeprefix("--").strip() for line in first]
    query = f"select coalesce(sum(failing_rows), 0), sum(amount) from (\n{text}\n) as disagreements"
    return Check(table, name, " ".join(said), query, severity)
