"""What the tests of architecture look at: the project's files, its packages and its modules.

Belongs here: finding and parsing files. Does not: what is demanded of them.
"""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "assets", "checks", "pipelines")


@cache
def project_files() -> tuple[str, ...]:
    """Every file that git tracks, or would track if it were added now, from the root."""
    listed = _git("ls-files", "--cached", "--others", "--exclude-standard")
    return tuple(name for name in listed if (ROOT / name).is_file())


@cache
def tracked_files() -> tuple[str, ...]:
    """Every file that git tracks."""
    return tuple(name for name in _git("ls-files") if (ROOT / name).is_file())


def _git(*arguments: str) -> list[str]:
    said = subprocess.run(["git", *arguments, "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(set(filter(None, said.stdout.split("\0"))))


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the project."""
    return tuple(ROOT / name for name in project_files() if name.endswith(".py"))


@cache
def package_files() -> tuple[Path, ...]:
    """The Python files of the four packages."""
    return tuple(path for path in python_files() if path.relative_to(ROOT).parts[0] in PACKAGES)


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(tree: ast.AST) -> set[str]:
    """The modules that a tree imports anywhere, by their full names."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def place(path: Path) -> str:
    """A file's path from the root, as messages show it."""
    return path.relative_to(ROOT).as_posix()
