"""One file read against one feed, before it is sent: what would be loaded, what rejected, or why it would be stopped.

The file is landed and staged by the very steps of a night, in a folder that is thrown away. What needs the rest of
the book, such as an id of another feed that is not there, a night says and this cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.box import SIMPLE
from rich.table import Table

from assets.batches import land
from assets.discovery import FoundFile, declared_sources, new_files
from assets.formats import FileStop
from assets.raw import list_batches
from assets.resources.files import sha256_of
from assets.resources.home import Home
from assets.resources.warehouse import Warehouse
from assets.staging import load_batches, load_policy_tables
from checks.judgement import checks_of, judge
from models.contract import contract, feeds, sql
from models.raw.declaration import DeclarationError, Entry, Source, matches
from pipelines.outcome import Exit
from pipelines.show import money, printable

JUDGED = ("staging.batch_totals", "staging.rejected_rows", "staging.declared_changes")
"""The tables whose checks tell what a night would say of a file, beside those of the facts that it makes."""

_TOTALS = """
select currency, loaded_rows, loaded_amount, rejected_rows, rejected_amount, duplicate_rows, duplicate_amount,
    skipped_rows, skipped_amount
from staging.batch_totals order by currency
"""
_CHANGES = "select kind, column_name, sum(row_count) from staging.declared_changes group by all order by 1, 2"


@dataclass(frozen=True)
class Checked:
    """What is to be printed, and the exit code that a night would end with for such a file."""

    exit: Exit
    parts: list[Table | str]


def check(file: Path, feed: str, sources: Path | None, home: Home, shown: int) -> Checked:
    """Read a file as its feed's canonical form, or as `sources` declares; `shown` rejected rows are listed.

    Of `home` only the policy counts. Raises DeclarationError where nothing says how to read the file, and ValueError
    where a declaration does not fit it.
    """
    source, found = _reading(file, feed, sources)
    with TemporaryDirectory(prefix="receivables-check-") as scratch:
        place = home.model_copy(update={"path": scratch})
        place.create()
        try:
            manifest = land(place.raw, place.work, source, found, [], place.now)
        except FileStop as stop:
            where = stop.file if stop.line is None else f"{stop.file}, line {stop.line:,}"
            said = [f"stopped    {where}", f"found      {stop.found}", f"expected   {stop.expected}"]
            return Checked(
                Exit.BLOCKED, [*said, "blocked: nothing of this file, and of what is sent with it, is loaded"]
            )
        with place.warehouse() as warehouse:
            list_batches(warehouse, [manifest], [])
            load_batches(warehouse, place.raw, place.policy)
            load_policy_tables(warehouse, place.policy)
            return _checked(warehouse, place, found[0], file, feed, shown)


def _reading(file: Path, feed: str, sources: Path | None) -> tuple[Source, list[FoundFile]]:
    """How the file is read: by the one entry that is declared for it, or by the feed's own column names."""
    if feed not in feeds():
        raise DeclarationError(f"no feed is called {feed}; feeds are {', '.join(feeds())}")
    if sources is None or sources.is_dir():
        source = Source(name="landing", path=".", files=(Entry(pattern=file.name, feed=feed),))
        return source, [FoundFile(file, 0, source.entries()[0], sha256_of(file))]
    declared, folder = declared_sources(sources)
    found = []
    for source in declared.sources:
        place = (folder / source.path).resolve()
        inside = file.is_relative_to(place)
        name = file.relative_to(place).as_posix() if inside else file.name
        for entry in source.entries():
            if entry.feed == feed and matches(entry.pattern, name, None if source.files else feed):
                alone = source.model_copy(update={"files": (entry.model_copy(update={"pattern": name}),)})
                found.append((alone, place if inside else file.parent))
    if len(found) != 1:
        said = "no entry" if not found else f"{len(found)} entries"
        raise DeclarationError(f"{said} of {sources.name} for {feed} would read {file.name}; there must be one")
    source, place = found[0]
    return source, [one for one in new_files(source, place, [], []) if one.path == file]


def _checked(warehouse: Warehouse, home: Home, found: FoundFile, file: Path, feed: str, shown: int) -> Checked:
    results = [
        result
        for name in (*JUDGED, *(f"staging.{made}" for made in found.entry.produces()))
        for result in judge(contract(name), checks_of(contract(name)), warehouse, home, None)
        if not result.passed
    ]
    blocked, warned = (any(result.blocks is blocks for result in results) for blocks in (True, False))
    code = Exit.BLOCKED if blocked else Exit.PUBLISHED_WITH_WARNINGS if warned else Exit.PUBLISHED
    parts: list[Table | str] = [
        f"file       {file.name}, as {feed}",
        _totals(warehouse),
        *_rejected(warehouse, shown, home),
    ]
    parts += [f"{kind:<10} {column}, {rows:,} rows" for kind, column, rows in warehouse.rows(_CHANGES)]
    parts += [
        f"{'blocks' if result.blocks else 'warns':<10} this does not hold: {result.description}" for result in results
    ]
    if found.entry.is_canonical and not matches(f"{feed}*", file.name, feed):
        parts.append(f"note       a folder of canonical files takes it for {feed} only under a name like {feed}_1.csv")
    return Checked(code, [*parts, _verdict(code)])


def _verdict(code: Exit) -> str:
    return {
        Exit.PUBLISHED: "ok: every row would be loaded",
        Exit.PUBLISHED_WITH_WARNINGS: "warnings: the file would be loaded, and a publication would say so",
        Exit.BLOCKED: "blocked: with this file, nothing would be published",
    }[code]


def _totals(warehouse: Warehouse) -> Table:
    """What becomes of the rows that were sent, and of their money, by currency."""
    table = Table(box=SIMPLE)
    for name in ("currency", "loaded", "", "rejected", "", "duplicates", "", "left out", ""):
        table.add_column(name, justify="left" if name == "currency" else "right", no_wrap=True)
    for currency, *figures in warehouse.rows(_TOTALS):
        cells = [f"{figure:,}" if isinstance(figure, int) else money(figure) for figure in figures]
        table.add_row(currency or "none", *cells)
    return table


def _rejected(warehouse: Warehouse, shown: int, home: Home) -> list[Table | str]:
    """Rejected rows as a publication lists them: how many break which rule, then the first of them."""
    rejected = f"({sql('marts.rejected_rows')})"
    known = {"known_at": home.as_known_at}
    broken = warehouse.rows(
        f"select column_name, rule, count(*), currency, sum(amount) from {rejected} group by all"
        " order by 3 desc, 1, 2, 4",
        known,
    )
    if not broken:
        return []
    rules = Table(box=SIMPLE, title="rejected, by what was broken", title_justify="left")
    for name in ("column", "rule", "rows", "amount", "currency"):
        rules.add_column(name, justify="right" if name in ("rows", "amount") else "left")
    for column, rule, count, currency, amount in broken:
        rules.add_row(column, rule.replace("_", " "), f"{count:,}", money(amount), printable(currency))
    parts: list[Table | str] = [rules]
    if shown:
        rows = Table(box=SIMPLE, title="rejected rows", title_justify="left")
        for name in ("line", "column", "rule", "value", "amount", "currency"):
            rows.add_column(name, justify="right" if name in ("line", "amount") else "left")
        first = (
            f"select line, column_name, rule, rejected_value, amount, currency from {rejected} order by 1 limit {shown}"
        )
        for line, column, rule, value, amount, currency in warehouse.rows(first, known):
            rows.add_row(
                f"{line:,}", column, rule.replace("_", " "), printable(value), money(amount), printable(currency)
            )
        parts.append(rows)
    left = sum(row[2] for row in broken) - shown
    return [*parts, f"{left:,} more rejected rows; --rows shows more"] if left > 0 else parts
