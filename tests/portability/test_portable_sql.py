"""Every SQL file keeps to the portable subset, and what is outside it is refused, with what to write instead.

Belongs here: the lint of `portable_sql` on the project's files, and on examples of each refused construct.
Does not: whether the results stay the same; that is test_round_trip.
"""

import re
from pathlib import Path

import pytest
import sqlglot

from tests.portability.portable_sql import refusals, to_spark
from tests.portability.project_sql import PROJECT_SQL

ON_SPARK = {
    *(
        "ABS",
        "CAST",
        "COALESCE",
        "CONCAT",
        "COUNT",
        "DATEDIFF",
        "DECIMAL",
        "GREATEST",
        "LAG",
        "LEAD",
        "LEAST",
        "MAX",
        "MIN",
    ),
    *("MONTH", "NULLIF", "REPLACE", "ROUND", "ROW_NUMBER", "SQRT", "SUM", "YEAR"),
}
BEFORE_BRACKETS = {
    "AND",
    "AS",
    "BY",
    "EXISTS",
    "FROM",
    "IN",
    "JOIN",
    "NOT",
    "ON",
    "OR",
    "OVER",
    "SELECT",
    "THEN",
    "WHEN",
    "WHERE",
}


@pytest.mark.parametrize("path", PROJECT_SQL, ids=lambda path: path.stem)
def test_every_file_is_portable(path: Path) -> None:
    assert refusals(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PROJECT_SQL, ids=lambda path: path.stem)
def test_every_file_is_spark_sql_of_known_functions_and_parameters(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    spark = to_spark(text)
    for name in ("as_of", "known_at"):
        assert (f":{name}" in spark) == (f"${name}" in text)
    assert "$" not in re.sub(r"/\*.*?\*/", "", spark, flags=re.S)
    sqlglot.parse_one(spark, dialect="spark")
    calls = set(re.findall(r"\b([A-Za-z_]+)\(", re.sub(r"/\*.*?\*/|'[^']*'", "", spark, flags=re.S)))
    assert calls - BEFORE_BRACKETS <= ON_SPARK


POSTINGS = "from ledger.postings as p"
REFUSED = {
    "asof join": (
        f"select p.amount {POSTINGS} asof join ledger.documents as d on p.document_key >= d.document_key",
        "ASOF",
    ),
    "positional join": (f"select p.amount {POSTINGS} positional join ledger.documents as d", "POSITIONAL"),
    "natural join": (f"select p.amount {POSTINGS} natural join ledger.documents as d", "NATURAL"),
    "semi join": (
        f"select p.amount {POSTINGS} semi join ledger.documents as d on p.document_key = d.document_key",
        "SEMI",
    ),
    "anti join": (
        f"select p.amount {POSTINGS} anti join ledger.documents as d on p.document_key = d.document_key",
        "ANTI",
    ),
    "comma join": (f"select p.amount {POSTINGS}, ledger.documents as d", "does not say"),
    "join using": (f"select p.amount {POSTINGS} inner join ledger.documents as d using (document_key)", "USING"),
    "lateral": (f"select p.amount {POSTINGS} cross join lateral (select 1 as one) as q", "Lateral"),
    "pivot": ("from ledger.postings pivot (sum(amount) for kind in ('applied', 'voided'))", "PIVOT"),
    "unpivot": ("from ledger.postings unpivot (n for what in (document_key, counter_key))", "PIVOT"),
    "group by all": (f"select p.kind, sum(p.amount) as amount {POSTINGS} group by all", "GROUP BY ALL"),
    "group by number": (f"select p.kind, sum(p.amount) as amount {POSTINGS} group by 1", "name the columns"),
    "rollup": (f"select p.kind, sum(p.amount) as amount {POSTINGS} group by rollup (p.kind)", "rollup"),
    "cube": (f"select p.kind, sum(p.amount) as amount {POSTINGS} group by cube (p.kind)", "Cube"),
    "grouping sets": (
        f"select p.kind, sum(p.amount) as amount {POSTINGS} group by grouping sets ((p.kind), ())",
        "GroupingSets",
    ),
    "quantile_cont": (f"select quantile_cont(p.amount, 0.5) as half {POSTINGS}", "quantile"),
    "median": (f"select median(p.amount) as half {POSTINGS}", "Median"),
    "try_cast": (f"select try_cast(p.kind as integer) as n {POSTINGS}", "try_cast"),
    "try_strptime": (f"select try_strptime(p.kind, '%Y') as day {POSTINGS}", "TRY_STRPTIME"),
    "strptime": (f"select strptime(p.kind, '%Y') as day {POSTINGS}", "strptime"),
    "strftime": (f"select strftime(p.effective_date, '%Y') as day {POSTINGS}", "TimeToStr"),
    "list": ("select [1, 2] as numbers", "a list"),
    "list aggregate": (f"select list(p.amount) as amounts {POSTINGS}", "ArrayAgg"),
    "struct": ("select {'a': 1} as row", "a struct"),
    "map": ("select map {'a': 1} as row", "Map"),
    "unnest": ("select unnest([1, 2]) as n", "unnest"),
    "lambda": ("select list_transform([1, 2], x -> x + 1) as n", "a lambda"),
    "generate_series": ("select n from generate_series(1, 3) as s(n)", "series"),
    "range": ("select n from range(3) as s(n)", "series"),
    "exclude": (f"select * exclude (kind) {POSTINGS}", "exclude"),
    "star replace": (f"select * replace (1 as kind) {POSTINGS}", "replace"),
    "star rename": (f"select * rename (kind as what) {POSTINGS}", "rename"),
    "columns": (f"select columns('.*_date') {POSTINGS}", "Columns"),
    "qualify": (f"select p.kind {POSTINGS} qualify row_number() over (order by p.line) = 1", "QUALIFY"),
    "integer division": (f"select p.line // 2 as half {POSTINGS}", "rounds down"),
    "modulo": (f"select p.line % 2 as odd {POSTINGS}", "Mod"),
    "now": ("select now() as moment", "now"),
    "current_timestamp": ("select current_timestamp as moment", "the clock"),
    "current_date": ("select current_date as day", "today"),
    "today": ("select today() as day", "today"),
    "random": ("select random() as n", "Rand"),
    "filter": (f"select count(*) filter (where p.amount > 0) as n {POSTINGS}", "filter"),
    "dates by minus": ("select d.due_date - d.document_date as days from ledger.documents as d", "date_diff"),
    "day by minus": (f"select $as_of - p.effective_date as days {POSTINGS}", "date_diff"),
    "newest by minus": (f"select max(p.effective_date) - min(p.effective_date) as days {POSTINGS}", "date_diff"),
    "date and bigint": (f"select p.effective_date + p.document_key as day {POSTINGS}", "INTEGER"),
    "times by minus": (f"select p.known_to - p.known_from as span {POSTINGS}", "times"),
    "interval": (f"select p.effective_date + interval 1 month as day {POSTINGS}", "interval"),
    "months between": (f"select date_diff('month', p.effective_date, $as_of) as n {POSTINGS}", "days"),
    "days between times": (f"select date_diff('day', p.known_from, p.known_to) as n {POSTINGS}", "midnights"),
    "date_trunc": (f"select date_trunc('month', p.effective_date) as month {POSTINGS}", "TimestampTrunc"),
    "quotient of decimals": (f"select p.amount / 2 as half {POSTINGS}", "quotient"),
    "rounded quotient": (f"select round(p.amount) / p.line as half {POSTINGS}", "quotient"),
    "sum of doubles": (f"select sum(cast(p.amount as double)) as total {POSTINGS}", "order of the rows"),
    "sum of flags": ("select sum(is_past_due) as n from ledger.period_aging", "BOOLEAN"),
    "average": (f"select avg(p.amount) as mean {POSTINGS}", "Avg"),
    "any value": (f"select any_value(p.kind) as kind {POSTINGS}", "AnyValue"),
    "first": (f"select first(p.kind) as kind {POSTINGS}", "First"),
    "max_by": (f"select max_by(p.kind, p.line) as kind {POSTINGS}", "ArgMax"),
    "string_agg": (f"select string_agg(p.kind) as kinds {POSTINGS}", "GroupConcat"),
    "row_number anyhow": (f"select row_number() over (partition by p.kind) as n {POSTINGS}", "without an order"),
    "lag anyhow": (f"select lag(p.line) over (partition by p.kind) as n {POSTINGS}", "without an order"),
    "default frame": (f"select sum(p.amount) over (order by p.line) as n {POSTINGS}", "rows between"),
    "range frame": (
        f"select sum(p.amount) over (order by p.line range between unbounded preceding and current row) as n {POSTINGS}",
        "rows between",
    ),
    "named window": (f"select lag(p.line) over w as n {POSTINGS} window w as (order by p.line)", "named window"),
    "ignore nulls": (f"select lag(p.line ignore nulls) over (order by p.line) as n {POSTINGS}", "IgnoreNulls"),
    "limit": (f"select p.line {POSTINGS} limit 1", "LIMIT"),
    "order by": (f"select p.line {POSTINGS} order by p.line", "outside a window"),
    "distinct on": (f"select distinct on (p.kind) p.line {POSTINGS}", "DISTINCT ON"),
    "union by name": (f"select p.line {POSTINGS} union all by name select p.line {POSTINGS}", "BY NAME"),
    "except": (f"select p.line {POSTINGS} except select p.line {POSTINGS}", "Except"),
    "recursion": (
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select i from n",
        "recursive",
    ),
    "values": ("select i from (values (1), (2)) as n(i)", "Values"),
    "sample": (f"select p.line {POSTINGS} using sample 3", "TableSample"),
    "concatenation": (f"select p.kind || 'x' as kind {POSTINGS}", "concat"),
    "ilike": (f"select p.line {POSTINGS} where p.kind ilike 'a%'", "ILike"),
    "regular expression": (f"select p.line {POSTINGS} where regexp_matches(p.kind, 'a')", "Regexp"),
    "json": (f"select p.kind ->> 'a' as a {POSTINGS}", "JSON"),
    "hugeint": (f"select cast(p.line as hugeint) as n {POSTINGS}", "glossary"),
    "float": (f"select cast(p.line as float) as n {POSTINGS}", "glossary"),
    "an alias of the same select": (f"select p.line + 1 as n {POSTINGS} where n > 1", "would not find"),
    "a file": ("select line from 'postings.parquet'", "neither a step nor a table"),
    "a reader": ("select line from read_parquet('postings.parquet')", "ReadParquet"),
    "an unknown table": ("select line from ledger.nothing", "neither a step nor a table"),
    "an unknown column": (f"select p.nothing {POSTINGS}", "would not find"),
    "an unknown function": (f"select getvariable('day') as day {POSTINGS}", "getvariable"),
    "another parameter": (f"select p.line {POSTINGS} where p.line > $line", "$line"),
    "a numbered parameter": (f"select p.line {POSTINGS} where p.line > $1", "$1"),
    "two statements": ("select 1 as n; select 2 as n", "one select"),
    "an insert": ("insert into ledger.postings select * from ledger.postings", "one select"),
    "no SQL": ("select from where", "cannot read"),
}


@pytest.mark.parametrize("construct", REFUSED)
def test_what_is_not_portable_is_refused_and_said(construct: str) -> None:
    text, said = REFUSED[construct]
    assert any(said.lower() in refusal.lower() for refusal in refusals(text)), refusals(text)


ACCEPTED = {
    "days late": "select date_diff('day', d.due_date, $as_of) as days from ledger.documents as d",
    "a day later": "select d.due_date + 1 as day, $as_of - 30 as since from ledger.documents as d",
    "a ratio": f"select cast(p.amount as double) / nullif(cast(p.line as double), 0) as ratio {POSTINGS}",
    "a framed sum": f"select sum(p.amount) over (order by p.line rows between unbounded preceding and current row) as n {POSTINGS}",
    "a sum of all": f"select sum(p.amount) over (partition by p.kind) as n {POSTINGS}",
    "the newest": f"select row_number() over (partition by p.kind order by p.line desc) as newest_first {POSTINGS}",
    "the other side": f"select p.line {POSTINGS} where not exists (select 1 from ledger.documents as d where d.line = p.line)",
    "steps": f"with p as (select kind, line {POSTINGS}), q as (select distinct kind from p) select q.kind from q",
    "a count": f"select p.kind, count(*) as n, count(distinct p.line) as lines {POSTINGS} group by p.kind having count(*) > 1",
    "known then": f"select p.line {POSTINGS} where p.known_from <= $known_at and p.known_to > $known_at",
}


@pytest.mark.parametrize("construct", ACCEPTED)
def test_what_both_engines_have_is_accepted(construct: str) -> None:
    assert refusals(ACCEPTED[construct]) == []
