"""Suites: for each table, rules that no contract can state, as plain lists in `checks/suites/`, a line a rule.

A line is the sentence that holds, and what it asks of the rows, in one of few ways of saying:

    0 <= rate <= 1                      a column lies in a range (also `rate >= 0`, `rate <= 1`, `rate > 0`)
    length of meaning >= 10             so does the length of a text
    different account <= 500            so does the number of different values
    rows = 1                            so does the number of rows
    due_date >= invoice_date            one column is no less than another, where both are filled (also `>`)
    name is unique                      no value comes twice; `a, b are unique`: no values together do
    95 % of rows: ...                   so many rows at least keep it
    ... where line = closing            only such rows are asked
    ..., else the sign is wrong         what it most likely means when it fails

What a contract can say (filled, unique keys, allowed values, references) belongs there; exact money to reconciliations.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from checks.expectations import Expectation
from models.contract import WORDS, contract
from models.plain_yaml import read_yaml

_LINE = re.compile(
    r"(?:(?P<share>[\d.]+) % of rows: )?(?P<asked>.+?)(?: where (?P<of>\w+) = (?P<only>\w+))?(?:, else .+)?"
)
_NUMBER = r"-?\d+(?:\.\d+)?"
_BOUNDS = re.compile(rf"(?P<low>{_NUMBER}) <= (?P<what>[a-z]\w*) <= (?P<high>{_NUMBER})")
_BOUND = re.compile(rf"(?P<kind>length of |different )?(?P<what>[a-z]\w*) (?P<sign>[<>]=?|=) (?P<than>{_NUMBER})")
_PAIR = re.compile(r"(?P<more>[a-z]\w*) (?P<sign>>=?) (?P<less>[a-z]\w*)")
_UNIQUE = re.compile(r"(?P<names>\w+(?:, \w+)*) (?:is|are) unique")
_OF_A_COLUMN = {
    None: "expect_column_values_to_be_between",
    "length of ": "expect_column_value_lengths_to_be_between",
    "different ": "expect_column_unique_value_count_to_be_between",
}

_HAIR = 1e-6
"""By how much a figure of floating point may pass a bound: a hundred times all over all can be above a hundred."""

Asked = tuple[str, dict[str, Any]]


def suite(table: str) -> list[Expectation]:
    """The rules of `layer.table`, as they are listed; none where there is no suite."""
    return list(_suites(table.partition(".")[0]).get(table, ()))


@cache
def _suites(word: str) -> dict[str, tuple[Expectation, ...]]:
    path = resources.files("checks").joinpath("suites", f"{word}.yml")
    listed = read_yaml(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {table: tuple(_rules(table, by_severity)) for table, by_severity in listed.items()}


def suites() -> list[Expectation]:
    """Every rule of every suite, in the order in which the data flows."""
    return [rule for word in WORDS for rules in _suites(word).values() for rule in rules]


def _rules(table: str, by_severity: dict[str, dict[str, str]]) -> list[Expectation]:
    return [
        Expectation(
            table, name, f"{name.replace('_', ' ').capitalize()}: {line}.", *_by_a_hair(table, *asked(line)), severity
        )
        for severity, lines in by_severity.items()
        for name, line in lines.items()
    ]


def _by_a_hair(table: str, kind: str, arguments: dict[str, Any]) -> Asked:
    if contract(table).column_types().get(arguments.get("column", "")) == "DOUBLE":
        widened = {"min_value": -_HAIR, "max_value": _HAIR}
        arguments |= {end: arguments[end] + more for end, more in widened.items() if end in arguments}
    return kind, arguments


def asked(line: str) -> Asked:
    """What a line asks for, as type and arguments of Great Expectations; ValueError where it is said otherwise."""
    parts = _LINE.fullmatch(line)
    found = parts and (_within(parts["asked"]) or _no_less(parts["asked"]) or _unique(parts["asked"]))
    if not parts or not found:
        raise ValueError(f"no rule is said like this: {line}")
    kind, arguments = found
    if parts["share"]:
        arguments["mostly"] = float(parts["share"]) / 100
    if parts["of"]:
        arguments |= {
            "row_condition": f'col("{parts["of"]}") == "{parts["only"]}"',
            "condition_parser": "great_expectations",
        }
    return kind, arguments


def _within(said: str) -> Asked | None:
    if both := _BOUNDS.fullmatch(said):
        bounds = {"min_value": _number(both["low"]), "max_value": _number(both["high"])}
        return _OF_A_COLUMN[None], {"column": both["what"], **bounds}
    one = _BOUND.fullmatch(said)
    if not one:
        return None
    than, sign = _number(one["than"]), one["sign"]
    bounds: dict[str, Any] = {}
    if sign[0] in ">=":
        bounds |= {"min_value": than} | ({"strict_min": True} if sign == ">" else {})
    if sign[0] in "<=":
        bounds |= {"max_value": than} | ({"strict_max": True} if sign == "<" else {})
    if one["what"] == "rows":
        return "expect_table_row_count_to_be_between", bounds
    return _OF_A_COLUMN[one["kind"]], {"column": one["what"], **bounds}


def _no_less(said: str) -> Asked | None:
    pair = _PAIR.fullmatch(said)
    if not pair:
        return None
    columns = {"column_A": pair["more"], "column_B": pair["less"], "ignore_row_if": "either_value_is_missing"}
    return "expect_column_pair_values_a_to_be_greater_than_b", {**columns, "or_equal": pair["sign"] == ">="}


def _unique(said: str) -> Asked | None:
    listed = _UNIQUE.fullmatch(said)
    if not listed:
        return None
    names = listed["names"].split(", ")
    if len(names) == 1:
        return "expect_column_values_to_be_unique", {"column": names[0]}
    return "expect_compound_columns_to_be_unique", {"column_list": names, "ignore_row_if": "never"}


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
