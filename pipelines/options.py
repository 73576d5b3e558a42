"""The words that commands share: options, and the day and the home that are made of them.

Nothing slow is imported here: `--help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from assets.resources.home import Home

HomeOption = Annotated[Path, typer.Option(envvar="RECEIVABLES_HOME", help="The folder that holds the book.")]
SourcesOption = Annotated[
    Path | None,
    typer.Option(envvar="RECEIVABLES_SOURCES", help="A sources.yml, or a folder of canonical files."),
]
PolicyOption = Annotated[
    Path | None, typer.Option(envvar="RECEIVABLES_POLICY", help="Finance's policy, laid over the defaults.")
]
StaleOption = Annotated[
    int | None,
    typer.Option(
        envvar="RECEIVABLES_STALE_AFTER",
        min=1,
        help="Days before today after which the last publication is too old; not judged when left out.",
    ),
]
AsOfOption = Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD; yesterday when left out.")]
KnownAtOption = Annotated[
    str | None,
    typer.Option(
        help="Only what was known by this time (UTC unless it says otherwise); all that is loaded when left out."
    ),
]


def day_of(text: str | None) -> date | None:
    """The day that was typed; a mistake in it is a usage error."""
    from datetime import date

    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write it as YYYY-MM-DD") from error
    from assets.sql_asset import DAYS

    if not DAYS.has_partition_key(day.isoformat()):
        raise typer.BadParameter(f"{text} is too far: a day is from 1970 to 25 years ahead")
    return day


def home_of(path: Path, sources: Path | None = None, policy: Path | None = None, known_at: str | None = None) -> Home:
    """The home that was typed, with what this run reads; a mistake in it is a usage error."""
    from datetime import datetime

    from assets.resources.home import Home

    for file in (sources, policy):
        if file is not None and not file.exists():
            raise typer.BadParameter(f"there is nothing at {file}")
    if known_at is not None:
        try:
            datetime.fromisoformat(known_at)
        except ValueError as error:
            raise typer.BadParameter(f"{known_at!r} is not a time; write it as YYYY-MM-DDTHH:MM:SS") from error
    return Home(
        path=str(path),
        sources=str(sources.resolve()) if sources else "",
        policy_file=str(policy.resolve()) if policy else "",
        known_at=known_at or "",
    )
