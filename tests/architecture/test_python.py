"""The rules of Python files: short, named for the field, and saying what belongs in them.

Belongs here: sizes, names and docstrings. Does not: imports (test_imports), or style, which ruff sees to.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import package_files, place, project_files, python_files, syntax

MOST_LINES_OF_A_FILE = 299
MOST_LINES_OF_A_FUNCTION = 39
SAY_NOTHING = {"utils", "util", "utilities", "helpers", "helper", "common", "commons", "base", "misc", "shared", "core"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines_of(node: ast.AST) -> int:
    """How many lines a part of a module takes."""
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def long_functions(tree: ast.Module, drawn: bool = False) -> list[str]:
    """The functions of a module that are too long, signature and docstring included; `drawn` tables do not count."""
    lengths = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
        texts = [node for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        tables = sum(lines_of(text) - 1 for text in texts) if drawn else 0
        lengths[function.name] = lines_of(function) - tables
    return [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION]


def undocumented(tree: ast.Module) -> Iterator[str]:
    """The public functions, classes and methods of a module that do not say what they are."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name
            if isinstance(node, ast.ClassDef):
                methods = (method for method in node.body if isinstance(method, Function))
                for method in (method for method in methods if not method.name.startswith("_")):
                    if not ast.get_docstring(method):
                        yield f"{node.name}.{method.name}"


@pytest.mark.parametrize("path", python_files(), ids=place)
def test_a_file_is_short_and_so_are_its_functions(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_FILE
    assert long_functions(syntax(path), drawn=place(path).startswith("tests/")) == []


@pytest.mark.parametrize("path", python_files(), ids=place)
def test_a_module_opens_with_what_it_is(path: Path) -> None:
    said = ast.get_docstring(syntax(path))
    assert said, "no docstring"
    first = said.split("\n\n")[0]
    assert not first[0].islower() and first.rstrip().endswith((".", ":", "?")), first


@pytest.mark.parametrize("path", package_files(), ids=place)
def test_what_is_public_says_what_it_is(path: Path) -> None:
    assert list(undocumented(syntax(path))) == []


def test_nothing_has_a_name_that_says_nothing() -> None:
    parts = {part.removesuffix(".py") for name in project_files() for part in name.split("/")}
    assert parts & SAY_NOTHING == set()


@pytest.mark.parametrize("path", package_files(), ids=place)
def test_no_work_is_left_undone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("TODO", "FIXME", "XXX", "raise NotImplementedError") if word in text] == []


def test_the_rules_can_fail() -> None:
    text = '"""Module."""\n' + "def long():\n" + "    pass\n" * MOST_LINES_OF_A_FUNCTION
    text += "class Thing:\n    '''Said.'''\n    def unsaid(self):\n        pass\n"
    tree = ast.parse(text)
    assert long_functions(tree) == ["long: 40 lines"]
    assert long_functions(ast.parse(f"def drawn():\n    {chr(34) * 3}" + "\n" * 50 + chr(34) * 3), drawn=True) == []
    assert list(undocumented(tree)) == ["long", "Thing.unsaid"]
