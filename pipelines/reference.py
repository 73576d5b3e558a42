"""The parts of the guide that code writes: the tables, the feeds and the commands, as Markdown in `docs/`.

`make docs` writes them; a test demands that they are current. What is written by hand is `docs/guide.md` and
`docs/metrics.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer.main

from models.contract import SEAM_COLUMNS, Contract, contracts, feeds, glossary

MADE = "Written by `make docs` from {source}; a test demands that it is current."


def tables_page() -> str:
    """Every published table: what it is, what a row is, and each column with its type, unit and meaning."""
    found = [promised for promised in contracts("marts") if promised.published]
    return "\n".join(
        [
            "# The published tables\n",
            MADE.format(source="the contracts in `models/marts` and `models/glossary.yml`") + "\n",
            "Each is `tables/<table>.parquet` of a publication, a table of `receivables.duckdb`, and a view in"
            " PostgreSQL.",
            "Every table has `as_of`, the day, and `run_id`, a hash of all that went into the run. Columns in bold are"
            " the",
            "key; those with `?` may be empty.\n",
            *[f"- [{promised.table}](#{promised.table}): {promised.description}" for promised in found],
            *[line for promised in found for line in _table(promised)],
            "",
        ]
    )


def feeds_page() -> str:
    """Every feed that can be sent: what it is, and each column."""
    found = list(feeds().values())
    return "\n".join(
        [
            "# What can be sent: the feeds\n",
            MADE.format(source="the contracts in `models/staging`") + "\n",
            "Only `invoices` or `payments` are needed. A file named `<feed>.csv` or `<feed>_<anything>.csv` (or"
            " `.parquet`, `.xlsx`)",
            "with these columns needs no declaration; any other is declared in a `sources.yml`, see `sources.md`.",
            "Columns in bold are the key; those with `?` may be left out.\n",
            *[f"- [{promised.table}](#{promised.table}): {promised.description}" for promised in found],
            *[line for promised in found for line in _table(promised)],
            "",
        ]
    )


def _table(promised: Contract) -> Iterator[str]:
    yield f"\n## {promised.table}\n"
    yield f"{promised.description} One row is {promised.grain}. Owner: {promised.owner.removeprefix('team:')}.\n"
    yield "| column | type | unit | meaning |"
    yield "| --- | --- | --- | --- |"
    for name in (name for name in promised.column_types() if name not in SEAM_COLUMNS and name in promised.columns):
        column = promised.columns[name]
        shown = f"**{name}**" if name in promised.key else f"{name}" if column.required else f"{name}?"
        meaning = promised.meaning_of(name)
        if column.values and not all(value in meaning for value in column.values):
            meaning = f"{meaning} One of: {', '.join(column.values)}."
        unit = glossary()[name].unit or ""
        yield f"| {shown} | {promised.type_of(name)} | {_cell(unit)} | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def commands_page() -> str:
    """Every command with its arguments and options, as the command line itself declares them."""
    from pipelines.cli import app

    group: Any = typer.main.get_command(app)
    return "\n".join(
        [
            "# The commands\n",
            MADE.format(source="the command line") + "\n",
            "`--help` after a command says the same. Exit codes: `0` done, or published; `1` error, usage too; `2`"
            " published with",
            "warnings; `3` blocked: a check failed, nothing was published, the last good publication stays.",
            *[line for name, command in sorted(words(group)) for line in _command(name, command)],
            "",
        ]
    )


def words(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each command below a group, by the words that are typed for it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from words(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _command(name: str, command: Any) -> Iterator[str]:
    given = [param for param in command.params if param.param_type_name == "argument"]
    yield f"\n## {' '.join([name, *[param.name.upper() for param in given]])}\n"
    yield f"{' '.join((command.help or '').split())}\n"
    yield "| option | meaning |"
    yield "| --- | --- |"
    for param in (param for param in command.params if param.name != "help"):
        label = param.name.upper() if param in given else f"`{', '.join([*param.opts, *param.secondary_opts])}`"
        said = [" ".join((param.help or "").split())]
        if param.envvar:
            said.append(f"Environment: `{param.envvar}`.")
        if param.default not in (None, "", False):
            said.append(f"Default: `{param.default}`.")
        yield f"| {label}{' (needed)' if param.required else ''} | {_cell(' '.join(said))} |"


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "feeds.md": feeds_page,
    "commands.md": commands_page,
}


def main() -> None:
    """Write the pages into `docs/` of the folder that this is run in."""
    for name, page in PAGES.items():
        (Path("docs") / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
