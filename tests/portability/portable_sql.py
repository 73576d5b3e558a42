"""The portable subset of SQL: what a project file may use so that DuckDB and Spark give the same figures.

Belongs here: the list of allowed syntax, what to write instead of what is refused, the rules about types,
and the way to Spark and back. Does not: running SQL, or judging what it means.

The list says what is allowed, not what is forbidden, because sqlglot passes on or rewrites most of what it
does not know without a word. A construct that both engines have, and that was compared on both, is added here.
"""

from collections.abc import Callable, Iterator
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, ParseError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from models.contract import WORDS, contracts

Types = exp.DataType.Type

STRUCTURE = {
    *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.With, exp.CTE, exp.Union, exp.Subquery),
    *(exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star, exp.Distinct, exp.Paren),
    *(exp.Window, exp.WindowSpec, exp.Order, exp.Ordered, exp.Placeholder, exp.Literal, exp.Boolean, exp.Null),
    *(exp.DataType, exp.DataTypeParam, exp.Var),
}
OPERATORS = {
    *(
        exp.And,
        exp.Or,
        exp.Not,
        exp.EQ,
        exp.NEQ,
        exp.LT,
        exp.LTE,
        exp.GT,
        exp.GTE,
        exp.Is,
        exp.In,
        exp.Between,
        exp.Like,
    ),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Exists),
}
FUNCTIONS = {
    *(exp.Case, exp.If, exp.Cast, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Abs, exp.Round, exp.Sqrt),
    *(exp.Sum, exp.Count, exp.Min, exp.Max, exp.RowNumber, exp.Lag, exp.Lead),
    *(exp.Concat, exp.Replace, exp.DateDiff, exp.Year, exp.Month),
}
ALLOWED = STRUCTURE | OPERATORS | FUNCTIONS
PARAMETERS = ("as_of", "known_at")
STORED = {
    *(Types.TEXT, Types.DATE, Types.TIMESTAMP, Types.BOOLEAN, Types.INT, Types.BIGINT, Types.DECIMAL, Types.DOUBLE),
}
SUMMED = {Types.INT, Types.BIGINT, Types.INT128, Types.DECIMAL}
MOMENTS = {Types.TIMESTAMP, Types.TIMESTAMPNTZ, Types.TIMESTAMPTZ}

INSTEAD: dict[type[exp.Expr], str] = {
    exp.Pivot: "PIVOT: one sum(case when ...) a column",
    exp.Filter: "a filter clause: sum(case when ... then ... else 0 end)",
    exp.Qualify: "QUALIFY: number the rows in one step, choose in the next",
    exp.IntDiv: "`//`, which rounds down here and to zero there: say which, over non-negative numbers",
    exp.TryCast: "try_cast: staging has typed every value",
    exp.StrToTime: "strptime: staging has read every date",
    exp.CurrentDate: "today's date: the day is $as_of",
    exp.CurrentTimestamp: "the clock: the time is $known_at",
    exp.GenerateSeries: "a generated series: a calendar comes as a table",
    exp.Interval: "an interval: a date plus or minus whole days",
    exp.DPipe: "`||`: concat",
    exp.Array: "a list: rows",
    exp.Struct: "a struct: columns",
    exp.Explode: "unnest: rows",
    exp.Lambda: "a lambda: rows",
    exp.PercentileCont: "a quantile: Python, beside the model that needs it",
    exp.Rollup: "rollup: union all of the groupings",
    exp.Limit: "LIMIT: number the rows in one step, choose in the next",
}


@cache
def warehouse_columns() -> dict[str, dict[str, dict[str, str]]]:
    """Every table of the warehouse as its contract types it: layer, table, column, type."""
    return {word: {found.table: found.column_types() for found in contracts(word)} for word in WORDS}


def refusals(text: str) -> list[str]:
    """What a SQL text uses beyond the portable subset, each with what to write instead; empty when it is portable."""
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except ParseError as error:
        return [f"sqlglot cannot read it: {error}"]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        return ["not one select"]
    tree = statements[0]
    found = [*_syntax(tree), *(said for rule in RULES for said in rule(tree))]
    return found or _types(tree)


def to_spark(text: str) -> str:
    """The text as Spark SQL; sqlglot.errors.UnsupportedError where it knows that it cannot say it."""
    return sqlglot.parse_one(text, dialect="duckdb").sql("spark", unsupported_level=ErrorLevel.RAISE)


def from_spark(text: str) -> str:
    """A Spark text as DuckDB SQL."""
    return sqlglot.parse_one(text, dialect="spark").sql("duckdb", unsupported_level=ErrorLevel.RAISE)


def _syntax(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        if type(node) in ALLOWED:
            continue
        if isinstance(node, exp.Anonymous):
            yield f"the function {node.name}"
        else:
            yield INSTEAD.get(type(node), f"{type(node).__name__}: {node.sql('duckdb')[:60]}")


def _joins(tree: exp.Expr) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        if join.method:
            yield f"{join.method} JOIN: intervals are half-open columns, joined by inequalities"
        if join.kind in ("SEMI", "ANTI"):
            yield f"{join.kind} JOIN: exists, or not exists"
        elif not join.method and not join.kind and not join.side:
            yield "a join that does not say inner, left, full outer or cross"
        if join.args.get("using"):
            yield "USING: on, with both names"


def _groups(tree: exp.Expr) -> Iterator[str]:
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "GROUP BY ALL: name the columns"
        if any(isinstance(named, exp.Literal) for named in group.expressions):
            yield "group by a number: name the columns"


def _stars(tree: exp.Expr) -> Iterator[str]:
    for star in tree.find_all(exp.Star):
        if any(star.args.values()):
            yield "a star with exclude, replace or rename: name the columns"


def _sets(tree: exp.Expr) -> Iterator[str]:
    for union in tree.find_all(exp.Union):
        if union.args.get("by_name"):
            yield "UNION BY NAME: the branches list their columns in one order"
    for given in tree.find_all(exp.With):
        if given.recursive:
            yield "a recursive step"
    for distinct in tree.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield "DISTINCT ON: number the rows in one step, choose in the next"


def _windows(tree: exp.Expr) -> Iterator[str]:
    for order in tree.find_all(exp.Order):
        if not isinstance(order.parent, exp.Window):
            yield "an order outside a window: exports are ordered by the seam"
    for window in tree.find_all(exp.Window):
        order, frame = window.args.get("order"), window.args.get("spec")
        if window.args.get("alias") or isinstance(window.this, exp.Identifier):
            yield "a named window: write it where it is used"
        elif isinstance(window.this, exp.RowNumber | exp.Lag | exp.Lead):
            if order is None:
                yield f"{window.this.sql_name()} without an order"
        elif order is not None and (frame is None or frame.args.get("kind", "").upper() != "ROWS"):
            yield "an ordered sum without `rows between`: by default rows that tie are summed together"


def _names(tree: exp.Expr) -> Iterator[str]:
    steps = {step.alias for step in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        known = table.name in steps if not table.db else table.name in warehouse_columns().get(table.db, {})
        if not known or table.catalog:
            yield f"{table.sql('duckdb')}: neither a step nor a table of the warehouse"
    for parameter in tree.find_all(exp.Placeholder):
        if parameter.name not in PARAMETERS:
            yield f"the parameter {parameter.sql('duckdb')}: only $as_of and $known_at"


def _literal_rules(tree: exp.Expr) -> Iterator[str]:
    for cast in tree.find_all(exp.Cast):
        if cast.to.this not in STORED:
            yield f"the type {cast.to.sql('duckdb')}: the glossary has none of it"
    for difference in tree.find_all(exp.DateDiff):
        if difference.text("unit").upper() != "DAY":
            yield "a difference of dates in other than days"


RULES: tuple[Callable[[exp.Expr], Iterator[str]], ...] = (
    *(_joins, _groups, _stars, _sets, _windows, _names, _literal_rules),
)


def typed(tree: exp.Expr) -> exp.Expr:
    """A copy of the tree in which every column has its table and every expression its type.

    OptimizeError where a name is not found among the sources of its own select, an alias of the same select included.
    """
    copy, schema = tree.copy(), warehouse_columns()
    for parameter in list(copy.find_all(exp.Placeholder)):
        kind = "date" if parameter.name == "as_of" else "timestamp"
        parameter.replace(exp.cast(parameter.copy(), kind))
    qualify(copy.copy(), schema=schema, dialect="duckdb", expand_alias_refs=False)
    return annotate_types(qualify(copy, schema=schema, dialect="duckdb"), schema=schema, dialect="duckdb")


def _types(tree: exp.Expr) -> list[str]:
    try:
        annotated = typed(tree)
    except OptimizeError as error:
        return [f"a name that Spark would not find: {error}"]
    return [said for node in annotated.walk() for said in _typed_node(node)]


def _typed_node(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Add | exp.Sub):
        yield from _date_arithmetic(node)
    elif isinstance(node, exp.DateDiff):
        if {_type(node.this), _type(node.expression)} != {Types.DATE}:
            yield "date_diff of times, which counts midnights here and whole days there: of dates"
    elif isinstance(node, exp.Sum) and _type(node.this) not in SUMMED:
        yield f"a sum of {_type(node.this).value}, which changes with the order of the rows: of decimals or integers"
    elif isinstance(node, exp.Div) and not (_is_double(node.this) or _is_double(node.expression)):
        yield "a quotient of decimals, DOUBLE here and DECIMAL there: of cast(... as double), or a product"


def _date_arithmetic(node: exp.Binary) -> Iterator[str]:
    sides = [_type(node.this), _type(node.expression)]
    if sides == [Types.DATE, Types.DATE]:
        yield "a difference of dates by `-`, a number here and an interval there: date_diff('day', a, b)"
    elif Types.DATE in sides and Types.INT not in sides:
        yield "a date plus or minus other than an INTEGER: cast(... as integer)"
    elif MOMENTS & set(sides):
        yield "arithmetic on times"


def _type(node: exp.Expr) -> exp.DType:
    return Types.UNKNOWN if node.type is None else node.type.this


def _is_double(node: exp.Expr) -> bool:
    """Whether an operand is DOUBLE in both engines; sqlglot takes every rounded number for one."""
    if isinstance(node, exp.Round | exp.Paren | exp.Neg | exp.Abs):
        return _is_double(node.this)
    if isinstance(node, exp.Nullif):
        return _is_double(node.this)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _is_double(node.this) or _is_double(node.expression)
    return _type(node) is Types.DOUBLE
