"""The command line: the words of a book's life, and those of `upkeep`.

It reads words and prints results; what they do is in the modules it imports, and imports late, so that
`--help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.options import (
    AsOfOption,
    HomeOption,
    KnownAtOption,
    PolicyOption,
    SourcesOption,
    StaleOption,
    day_of,
    home_of,
)
from pipelines.upkeep import upkeep

if TYPE_CHECKING:
    from datetime import date

    from assets.resources.home import Home
    from pipelines.outcome import Outcome

app = typer.Typer(
    help="Accounts receivable, from exported ledgers to published ageing and DSO.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(upkeep)


@app.command()
def demo(
    home: Annotated[Path, typer.Option(help="Where to put the demo.")] = Path("demo"),
    invoices: Annotated[int, typer.Option(min=300, max=10_000_000, help="How many invoices the book has.")] = 3_000,
    seed: Annotated[int, typer.Option(help="Another seed makes another book.")] = 1,
) -> None:
    """Make a synthetic book and run the whole pipeline on it."""
    from pipelines.demo import prepare_demo
    from pipelines.show import console

    with console().status("making a synthetic book"):
        sources, policy, as_of = prepare_demo(home, invoices, seed)
    _run(home_of(home, sources, policy), as_of)


@app.command()
def run(
    home: HomeOption = Path("home"),
    sources: SourcesOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
) -> None:
    """Take in what is new at the sources, and publish the book as of a day."""
    from datetime import UTC, datetime

    from pipelines.days import yesterday

    book = home_of(home, sources, policy, known_at)
    day = day_of(as_of) or day_of(yesterday(book.policy.time_zone, datetime.now(UTC)))
    assert day is not None
    _run(book, day)


@app.command()
def status(home: HomeOption = Path("home"), policy: PolicyOption = None, stale_after: StaleOption = None) -> None:
    """Say what was published last, whether it is whole and not too old, and how the last run ended."""
    from pipelines.status import status_of

    said = status_of(home_of(home, None, policy), stale_after)
    for line in said.lines:
        typer.echo(line)
    raise typer.Exit(said.exit)


@app.command()
def explain(
    document: Annotated[str, typer.Argument(help="The id of an invoice, debit memo, credit memo or payment.")],
    home: HomeOption = Path("home"),
    entity: Annotated[str | None, typer.Option(help="Its entity, where several have the id.")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
) -> None:
    """Print every fact behind an item's balance and bucket, with its file and line."""
    from pipelines.explain import explain_document
    from pipelines.show import console

    book = home_of(home, None, None, known_at)
    for part in explain_document(book, document, entity, day_of(as_of)):
        console().print(part)


@app.command()
def backtest(
    home: HomeOption = Path("home"),
    origins: Annotated[int, typer.Option(min=1, max=520, help="How many weekly origins to look back over.")] = 52,
    policy: PolicyOption = None,
) -> None:
    """Say how forecasts made the same way did at weekly origins before the last run's day, beside simple rules."""
    from pipelines.backtest import backtest_book
    from pipelines.show import console

    for part in backtest_book(home_of(home, None, policy), origins):
        console().print(part)


@app.command()
def approve(
    as_of: Annotated[str, typer.Option(help="The day that is closed, YYYY-MM-DD.")],
    prepared_by: Annotated[str, typer.Option(help="Who prepared the allowance.")],
    approved_by: Annotated[str, typer.Option(help="Who approves it: somebody else.")],
    home: HomeOption = Path("home"),
    run_id: Annotated[str, typer.Option(help="The run, where the day was published by several.")] = "",
) -> None:
    """Approve the published allowance of a day and freeze it: the next close opens from it."""
    from pipelines.closes import approve_close

    day = day_of(as_of)
    assert day is not None
    close = approve_close(home_of(home), day, prepared_by, approved_by, run_id)
    typer.echo(f"approved   {close.folder}\nsha256     {close.record['sha256']}")


@app.command()
def verify(
    as_of: Annotated[str, typer.Option(help="The day that was closed, YYYY-MM-DD.")],
    home: HomeOption = Path("home"),
) -> None:
    """Re-perform an approved close and name any difference: its files, its figures, its inputs."""
    from pipelines.closes import verify_close

    day = day_of(as_of)
    assert day is not None
    found = verify_close(home_of(home), day)
    for line in found or [f"the close of {day} is what was approved, and can be recalculated"]:
        typer.echo(line)
    raise typer.Exit(1 if found else 0)


@app.command()
def qbr(
    home: HomeOption = Path("home"),
    customer: Annotated[str, typer.Option(help="The account, by the id of the customer that pays.")] = "",
    portfolio: Annotated[bool, typer.Option("--portfolio", help="The whole book.")] = False,
    out: Annotated[Path | None, typer.Option(help="The file; in the home's folder `reviews` when left out.")] = None,
) -> None:
    """Make the slides of a quarterly business review, of one account or of the book, from the last publication."""
    from pipelines.qbr import write_review

    if portfolio == bool(customer):
        raise typer.BadParameter("say whom the review is of: --customer ID, or --portfolio")
    path, count = write_review(home_of(home), customer, out)
    typer.echo(f"review     {path}\nverified   {count:,} totals equal the published tables")


@app.command()
def postgres(
    home: HomeOption = Path("home"),
    url: Annotated[
        str,
        typer.Option(
            envvar="RECEIVABLES_POSTGRES_URL",
            show_default=False,
            help="The database, as postgresql://user:password@host:5432/name; better in the environment than here.",
        ),
    ] = "",
    schema: Annotated[str, typer.Option(help="The schema that readers look at.")] = "receivables",
    reader: Annotated[str, typer.Option(help="The role that may read it; made where there is none.")] = (
        "receivables_reader"
    ),
) -> None:
    """Show the last publication in PostgreSQL: loaded beside, read back, then swapped in one transaction."""
    from pipelines.postgres import publish_to_postgres

    if not url:
        raise typer.BadParameter("say which database: --url, or RECEIVABLES_POSTGRES_URL in the environment")
    loaded, dropped = publish_to_postgres(home_of(home), url, schema, reader)
    typer.echo(f"{'shown      already: ' if loaded.was_there else 'shown      '}{loaded.schema}, from {loaded.version}")
    typer.echo(f"verified   {loaded.tables:,} tables, {loaded.totals:,} totals equal the published tables")
    for version in dropped:
        typer.echo(f"dropped    {version}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The folder to make; one that is not there yet.")],
    home: HomeOption = Path("home"),
) -> None:
    """Copy the last publication's tables with ids and free texts as hashes under RECEIVABLES_PSEUDONYM_KEY."""
    from pipelines.export import export as write_copy

    told = write_copy(home_of(home), out)
    columns = sum(len(table["replaced"]) for table in told["tables"])
    typer.echo(
        f"export     {out}\nhashed     {columns:,} columns of {len(told['tables'])} tables; no {told['withheld'][0]}"
    )


@app.command()
def ui(
    home: HomeOption = Path("home"),
    sources: SourcesOption = None,
    policy: PolicyOption = None,
    port: Annotated[int, typer.Option(help="The port on this machine.")] = 3000,
    nightly: Annotated[
        bool, typer.Option(help="Whether it runs the book every night at three (UTC) by itself.")
    ] = True,
) -> None:
    """Open Dagster on this book: assets, checks, runs, backfills, and the schedules, switched on."""
    from pipelines.ui import serve

    raise typer.Exit(serve(home_of(home, sources, policy), port, nightly))


def _run(book: Home, day: date) -> None:
    from pipelines.show import running, show_outcome

    outcome: Outcome = running(book, day)
    show_outcome(book, outcome)
    raise typer.Exit(int(outcome.exit))


def main() -> None:
    """Run the command line; a mistake in its use exits 1, so that 2 always means published with warnings."""
    # typer brings a click of its own: its usage errors are known by the one that it lets others raise
    usage_error = typer.BadParameter.__mro__[1]
    try:
        code = app(standalone_mode=False)
    except typer.Exit as wanted:
        code = wanted.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("stopped", err=True)
        code = 1
    except Exception as error:
        if isinstance(error, usage_error):
            error.show()  # type: ignore[attr-defined]
        else:
            from pipelines.show import plain_error

            typer.echo(plain_error(error), err=True)
        code = 1
    sys.exit(code or 0)


def command() -> None:
    """The installed command: `main`, ended at once: what native libraries say of themselves on the way out is noise."""
    import os

    try:
        main()
    except SystemExit as ending:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ending.code if isinstance(ending.code, int) else 1)


if __name__ == "__main__":
    main()
