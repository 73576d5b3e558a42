"""Run by test_imports in a process of its own: import every module of the project under a guard.

What other libraries do when they are imported is theirs, so they are imported before the guard stands.
"""

import ast
import importlib
import os
import pkgutil
import sys
from pathlib import Path

PACKAGES = ("models", "assets", "checks", "pipelines")
LAZY = ("great_expectations", "plotly", "statsmodels", "sqlalchemy", "duckdb_engine", "pptx", "dagster_webserver")
LOADED_LATE = ("pipelines.event_log",)
"""What Dagster loads by its name when a run begins, and nothing of ours imports: it stands on a slow library."""
EFFECTS = (
    *(
        "socket.",
        "subprocess.",
        "shutil.",
        "tempfile.",
        "sqlite3.connect",
        "urllib.",
        "os.system",
        "os.exec",
        "os.fork",
    ),
    *("os.posix_spawn", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink"),
    *("os.truncate", "os.utime"),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class EffectError(RuntimeError):
    """Something was done while a module was imported."""


def refuse_effects() -> None:
    """From now on, raise EffectError when a file is opened for writing, a socket made or a program started."""

    def guard(event: str, arguments: tuple) -> None:
        writes = event == "open" and bool((arguments[2] or 0) & WRITING or set(arguments[1] or "") & set("wax+"))
        if writes or event.startswith(EFFECTS):
            raise EffectError(f"{event} {arguments}")

    sys.addaudithook(guard)


def libraries_of(root: Path) -> set[str]:
    """The libraries that the modules of the packages import as they are imported themselves."""
    names: set[str] = set()
    late = {root / f"{name.replace('.', '/')}.py" for name in LOADED_LATE}
    for path in {path for package in PACKAGES for path in (root / package).rglob("*.py")} - late:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name for name in names if name.split(".")[0] not in PACKAGES}


def main() -> None:
    """Import everything, and say so."""
    for name in sorted(libraries_of(Path(__file__).resolve().parents[2])):
        importlib.import_module(name)
    refuse_effects()
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(path, f"{package}."):
            if found.name not in LOADED_LATE:
                importlib.import_module(found.name)
    loaded = [name for name in LAZY if name in sys.modules]
    if loaded:
        raise EffectError(f"{', '.join(loaded)}: slow, and to be imported where they are used")
    print("done")


if __name__ == "__main__":
    main()
