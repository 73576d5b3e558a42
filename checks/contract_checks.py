"""Checks that follow from a table's contract: generated for every table, in one pass over it where possible.

What a contract says belongs to `models`; rules that no contract can state, to the other two kinds of checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from assets.resources.warehouse import Warehouse
from models.contract import Contract, contract, feeds


@dataclass(frozen=True)
class Check:
    """One check of one table: its sentence, what it means, and SQL that gives failing rows and their amount.

    `sql` returns one row (failing rows, failing amount or null), and may use `$as_of` and `$known_at`.
    """

    table: str
    name: str
    description: str
    sql: str
    severity: str = "error"


def contract_checks(promised: Contract) -> list[Check]:
    """Everything that can be checked of a table by its contract alone."""
    found = [_required(promised), _unique(promised), *_allowed(promised), *_positive(promised), *_references(promised)]
    return [check for check in found if check is not None]


def _rows(promised: Contract) -> str:
    if promised.per_day:
        return f"{promised.name} where as_of = $as_of and"
    if promised.versioned:
        return f"{promised.name} where known_from <= $known_at and"
    return f"{promised.name} where"


def _required(promised: Contract) -> Check | None:
    empty = " or ".join(f"{name} is null" for name in promised.required_columns())
    return Check(
        promised.name,
        "every_required_column_is_filled",
        f"No row leaves {', '.join(promised.required_columns())} empty.",
        f"select count(*), null from {_rows(promised)} ({empty})",
    )


def _unique(promised: Contract) -> Check | None:
    """Feeds are keyed by their 64-bit key and the start of knowledge; the loader has refused collisions of those."""
    key = ("row_key", "known_from") if promised.versioned else promised.key
    if not key:
        return None
    return Check(
        promised.name,
        "no_key_comes_twice",
        f"There is one row per {promised.grain.removeprefix('one ')}.",
        f"select count(*), null from (select 1 from {_rows(promised)} true"
        f" group by {', '.join(key)} having count(*) > 1)",
    )


def _allowed(promised: Contract) -> list[Check]:
    found = []
    for name, column in promised.columns.items():
        if column.values:
            allowed = ", ".join(f"'{value}'" for value in column.values)
            check = Check(
                promised.name,
                f"every_{name}_is_allowed",
                f"{name} is one of {', '.join(column.values)}.",
                f"select count(*), null from {_rows(promised)} {name} not in ({allowed})",
            )
            found.append(check)
    return found


def _positive(promised: Contract) -> list[Check]:
    names = [name for name, column in promised.columns.items() if column.positive]
    if not names:
        return []
    wrong = " or ".join(f"{name} <= 0" for name in names)
    described = f"{', '.join(names)} are above zero: the table says which way they count."
    sql = f"select count(*), null from {_rows(promised)} ({wrong})"
    return [Check(promised.name, "every_amount_is_positive", described, sql)]


def _references(promised: Contract) -> list[Check]:
    """References to feeds warn, since an orphan is kept until the other side comes; all others stop."""
    found = []
    for column, target in promised.references.items():
        to_feed = target.count(".") == 1
        table, name = (f"staging.{target}" if to_feed else target).rsplit(".", 1)
        other = contract(table)
        condition = f"theirs.{name} = ours.{column}"
        if column != "entity_id" and "entity_id" in other.key and "entity_id" in promised.columns:
            condition += " and theirs.entity_id = ours.entity_id"
        present = f"exists (select 1 from {table})"
        same_day = " and theirs.as_of = $as_of" if other.per_day else ""
        rows = _rows(promised).replace(f"{promised.name} where", f"{promised.name} as ours where", 1)
        amount = "sum(ours.amount)" if "amount" in promised.columns else "null"
        check = Check(
            promised.name,
            f"every_{column}_is_in_{table.replace('.', '_')}",
            f"Each {column} is found in {table}" + (", where that feed is present." if to_feed else "."),
            f"select count(*), {amount} from {rows} ours.{column} is not null and {present}"
            f" and not exists (select 1 from {table} as theirs where {condition}{same_day})",
        )
        found.append(replace(check, severity="warn") if to_feed and promised.table in feeds() else check)
    return found


def run_check(check: Check, warehouse: Warehouse, parameters: dict[str, object]) -> tuple[int, object]:
    """How many rows fail, and the money on them."""
    given = {name: value for name, value in parameters.items() if f"${name}" in check.sql}
    rows, amount = warehouse.rows(check.sql, given)[0]
    return rows, amount
