"""The command line's words for looking after a book: `check-file | doctor | alert`.

They publish nothing; words that do are in `cli`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.options import PolicyOption, SourcesOption, home_of

upkeep = typer.Typer()


@upkeep.command("check-file")
def check_file(
    file: Annotated[Path, typer.Argument(help="The file to read, as it would be sent.")],
    feed: Annotated[str, typer.Option(help="The feed that it is for, such as invoices.")],
    sources: SourcesOption = None,
    policy: PolicyOption = None,
    rows: Annotated[int, typer.Option(min=0, help="How many rejected rows to show.")] = 20,
) -> None:
    """Say what would be loaded of a file, what rejected and why, or why it would be stopped; write nothing."""
    from pipelines.check_file import check
    from pipelines.show import console

    if not file.is_file():
        raise typer.BadParameter(f"there is no file at {file}")
    found = check(file.resolve(), feed, sources.resolve() if sources else None, home_of(Path(), sources, policy), rows)
    for part in found.parts:
        console().print(part, soft_wrap=isinstance(part, str))
    raise typer.Exit(int(found.exit))
