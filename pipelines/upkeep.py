"""The command line's words for looking after a book: `check-file | data-docs | doctor | alert`.

They publish nothing; words that do are in `cli`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.options import HomeOption, PolicyOption, SourcesOption, StaleOption, home_of

upkeep = typer.Typer()
alert = typer.Typer(no_args_is_help=True, help="What is told when a night fails: try the channels, send what waits.")
upkeep.add_typer(alert, name="alert")


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


@upkeep.command("data-docs")
def data_docs(
    home: HomeOption = Path("home"),
    out: Annotated[Path | None, typer.Option(help="The folder; the home's `data-docs` when left out.")] = None,
) -> None:
    """Write a page of every check, what it asks and what the last run found, without a value of any row."""
    from pipelines.data_docs import write_data_docs

    typer.echo(f"data docs  {write_data_docs(home_of(home), out)}")


@upkeep.command()
def doctor(
    home: HomeOption = Path("home"),
    sources: SourcesOption = None,
    policy: PolicyOption = None,
    stale_after: StaleOption = None,
) -> None:
    """Look over a home and its settings, and say of each part that it is well, or what to do."""
    from pipelines.doctor import examine, exit_code

    found = examine(home_of(home, sources, policy), stale_after)
    for one in found:
        typer.echo(one)
    raise typer.Exit(exit_code(found))


@alert.command()
def test() -> None:
    """Send a test message through every channel, and say which took it."""
    from pipelines.channels import URLS, Channels

    channels = Channels.from_environment()
    if not channels.main:
        raise typer.BadParameter(f"no channel is named in {URLS}")
    problems = []
    for one in (*channels.main, *channels.fallback):
        problem = one.send(
            "[receivables] a test", "This channel takes the alerts of receivables. Nothing is to be done."
        )
        problems += [problem] if problem else []
        typer.echo(f"{one.name} {problem or 'took it'}")
    raise typer.Exit(1 if problems else 0)


@alert.command()
def dispatch(home: HomeOption = Path("home")) -> None:
    """Notice what is overdue, and send every alert that waits; for a timer, where Dagster's schedule is not on."""
    from pipelines.watching import send_alerts

    for line in send_alerts(home_of(home)):
        typer.echo(line)
