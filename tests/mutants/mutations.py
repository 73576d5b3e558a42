"""Mutants of a SQL text: what it would say with one operator, bound, condition or number other than it is.

Belongs here: which parts of a syntax tree are changed, into what, and what each mutant is called. Does not: which tables
are mutated (`targets`), or whether a test notices (`trial`). Names, aliases and types are left alone: to change those
breaks a contract, not arithmetic. Mutants that DuckDB cannot bind, or that break a contract, are sorted out when tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

LONGEST = 100
"""Characters of SQL that a mutant is called by; what is alike after so many is numbered."""

Change = tuple[str, exp.Expr]
"""What is done to a node, in words, and what stands in its place."""


@dataclass(frozen=True)
class Mutant:
    """One changed text of a table. `name` says the step (CTE) and the change, and holds while those do."""

    table: str
    name: str
    text: str

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.table} | {self.name}"


def mutants(table: str, text: str) -> list[Mutant]:
    """Every mutant of a table's text, in the order of its syntax tree."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    found, names = [], Counter[str]()
    for position, node in enumerate(tree.walk()):
        for said, instead in changes(node):
            name = f"{_step(node)}: {said}"
            names[name] += 1
            numbered = name if names[name] == 1 else f"{name} #{names[name]}"
            found.append(Mutant(table, numbered, _with(tree, position, instead)))
    return found


def changes(node: exp.Expr) -> Iterator[Change]:
    """What may be done to one node."""
    for rule in RULES:
        yield from rule(node)


OTHER: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE,),
    exp.LTE: (exp.LT,),
    exp.GT: (exp.GTE,),
    exp.GTE: (exp.GT,),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
    exp.Mul: (exp.Div,),
    exp.Div: (exp.Mul,),
    exp.Least: (exp.Greatest,),
    exp.Greatest: (exp.Least,),
    exp.Min: (exp.Max,),
    exp.Max: (exp.Min,),
}


def _other_word(node: exp.Expr) -> Iterator[Change]:
    for other in OTHER.get(type(node), ()):
        yield _replaced(node, other(**node.copy().args))


def _factor(node: exp.Expr) -> Iterator[Change]:
    if isinstance(node, exp.Mul | exp.Div):
        yield f"without {_sign(node)} {_sql(node.expression)} after {_sql(node.this)}", node.this.copy()


def _connector(node: exp.Expr) -> Iterator[Change]:
    """`and` becomes `or` and the other way; each condition of a chain is left out once."""
    if isinstance(node, exp.And | exp.Or):
        word, other = ("and", exp.Or) if isinstance(node, exp.And) else ("or", exp.And)
        sides = {"this": exp.paren(node.this.copy()), "expression": exp.paren(node.expression.copy())}
        yield f"{word} → {'or' if word == 'and' else 'and'}, before {_sql(node.expression)}", exp.paren(other(**sides))
        yield f"without {_sql(node.expression)}", node.this.copy()
        if not isinstance(node.this, type(node)):
            yield f"without {_sql(node.this)}", node.expression.copy()
    elif isinstance(node, exp.Where | exp.Having) and not isinstance(node.this, exp.And):
        yield f"without where {_sql(node.this)}", type(node)(this=exp.true())


def _negation(node: exp.Expr) -> Iterator[Change]:
    if isinstance(node, exp.Not):
        yield f"not removed from {_sql(node)}", node.this.copy()
    elif isinstance(node, exp.Is | exp.In | exp.Exists) and not isinstance(node.parent, exp.Not):
        yield f"not before {_sql(node)}", exp.not_(node.copy())


def _sides(node: exp.Expr) -> Iterator[Change]:
    """A sign is turned: of what is negated, and of a sum."""
    if isinstance(node, exp.Neg):
        yield _replaced(node, node.this.copy())
    if isinstance(node, exp.Sum) and not isinstance(node.parent, exp.Window):
        yield _replaced(node, exp.Neg(this=node.copy()))
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Sum):
        yield f"minus {_sql(node)}", exp.Neg(this=node.copy())


def _coalesce(node: exp.Expr) -> Iterator[Change]:
    """Each of what may stand in for another is left out once."""
    if isinstance(node, exp.Coalesce):
        given = [node.this, *node.expressions]
        for number in range(len(given)):
            left = [one.copy() for place, one in enumerate(given) if place != number]
            yield _replaced(node, left[0] if len(left) == 1 else exp.Coalesce(this=left[0], expressions=left[1:]))


def _whole_number(node: exp.Expr) -> Iterator[Change]:
    """One more: not of a type's digits, nor of the row that `exists` asks for."""
    is_number = isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
    if is_number and not isinstance(node.parent, exp.DataTypeParam) and not _is_asked_for(node):
        yield f"{node.this} → {int(node.this) + 1} in {_sql(node.parent)}", exp.Literal.number(int(node.this) + 1)


def _window(node: exp.Expr) -> Iterator[Change]:
    """An order is turned around; a frame ends one row earlier or later."""
    if isinstance(node, exp.Ordered):
        turned = node.copy()
        turned.set("desc", not node.args.get("desc"))
        turned.set("nulls_first", not turned.args.get("desc") if node.args.get("nulls_first") else None)
        yield _replaced(node, turned)
    if isinstance(node, exp.WindowSpec):
        moved = node.copy()
        is_current = str(node.args.get("end")).upper() == "CURRENT ROW"
        moved.set("end", exp.Literal.number(1) if is_current else "CURRENT ROW")
        moved.set("end_side", "PRECEDING" if is_current else None)
        yield f"{_sql(node)} → {_sql(moved)} of {_sql(node.parent)}", moved


def _join(node: exp.Expr) -> Iterator[Change]:
    if isinstance(node, exp.Join) and node.side == "LEFT":
        inner = node.copy()
        inner.set("side", None)
        inner.set("kind", "INNER")
        yield f"left join → inner join {_sql(node.this)}", inner


def _case(node: exp.Expr) -> Iterator[Change]:
    """Each branch of a case is left out once, the last word (`else`) among them."""
    if not isinstance(node, exp.Case):
        return
    for number, branch in enumerate(node.args["ifs"]):
        left = node.copy()
        del left.args["ifs"][number]
        instead = left if left.args["ifs"] else (node.args.get("default") or exp.null()).copy()
        yield f"case without when {_sql(branch.this)}", instead
    if node.args.get("default"):
        left = node.copy()
        left.set("default", None)
        yield f"case without else {_sql(node.args['default'])}", left


def _round(node: exp.Expr) -> Iterator[Change]:
    if isinstance(node, exp.Round) and not node.args.get("decimals"):
        yield f"round to one digit {_sql(node.this)}", exp.Round(this=node.this.copy(), decimals=exp.Literal.number(1))


def _distinct(node: exp.Expr) -> Iterator[Change]:
    """Rows are told twice: not inside of another union, which would tell them once again."""
    if isinstance(node, exp.Union) and node.args.get("distinct") and not _is_distinct(node.parent):
        kept = node.copy()
        kept.set("distinct", False)
        yield f"union all, before {_sql(node.expression)}", kept
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        kept = node.copy()
        kept.set("distinct", None)
        yield "select without distinct", kept


RULES: tuple[Callable[[exp.Expr], Iterator[Change]], ...] = (
    *(_other_word, _factor, _connector, _negation, _sides, _coalesce, _whole_number),
    *(_window, _join, _case, _round, _distinct),
)


def _is_distinct(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Union) and bool(node.args.get("distinct"))


def _replaced(node: exp.Expr, instead: exp.Expr) -> Change:
    return f"{_sql(node)} → {_sql(instead)}", instead


def _with(tree: exp.Expr, position: int, instead: exp.Expr) -> str:
    """The text in which another node stands in one place, in brackets where it would fall apart."""
    copy = tree.copy()
    node = next(found for place, found in enumerate(copy.walk()) if place == position)
    is_inside = isinstance(node.parent, exp.Binary | exp.Neg | exp.Not)
    wrapped = exp.paren(instead) if is_inside and isinstance(instead, exp.Binary | exp.Neg) else instead
    if node.parent is None:
        return wrapped.sql("duckdb", comments=False)
    node.replace(wrapped)
    return copy.sql("duckdb", comments=False)


def _is_asked_for(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.Select) and isinstance(node.parent.parent, exp.Exists)


def _step(node: exp.Expr) -> str:
    """The step (CTE) in which a node stands."""
    step = node.find_ancestor(exp.CTE)
    return step.alias if step else "select"


def _sign(node: exp.Expr) -> str:
    return "*" if isinstance(node, exp.Mul) else "/"


def _sql(node: exp.Expr) -> str:
    said = " ".join(node.sql("duckdb", comments=False).lower().split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
