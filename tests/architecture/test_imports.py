"""Imports go in one direction, the models know no input or output, and importing anything does nothing.

Belongs here: what may import what, and that importing has no effect. Does not: how large or well named a module is.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, imported, package_files, place, syntax

MODELS_MAY_IMPORT = {"models", "polars", "numpy", "scipy", "statsmodels", "pydantic", "yaml", "holidays"}
MODELS_MAY_NOT_IMPORT = {
    *("os", "io", "shutil", "tempfile", "glob", "socket", "subprocess", "urllib", "http", "sqlite3", "time", "random"),
    *("secrets", "uuid", "logging", "threading", "multiprocessing", "asyncio"),
}
IMPORT_EVERYTHING = Path(__file__).with_name("import_everything.py")


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict]:
    """The contracts of import-linter by name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert settings["root_packages"] == list(PACKAGES)
    assert settings["include_external_packages"] is True
    return {contract["name"]: contract for contract in settings["contracts"]}


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert ", 0 broken" in said.stdout


def test_the_packages_import_in_one_direction(contracts: dict[str, dict]) -> None:
    layers = contracts["one direction: pipelines, checks, assets, models"]
    assert layers["type"] == "layers"
    assert layers["layers"] == ["pipelines", "checks", "assets", "models"]
    assert not layers.get("ignore_imports")


def test_models_are_kept_from_every_engine(contracts: dict[str, dict]) -> None:
    forbidden = contracts["models know no input, output, or orchestrator"]
    assert forbidden["type"] == "forbidden"
    assert forbidden["source_modules"] == ["models"]
    assert {"duckdb", "dagster", "plotly", "great_expectations"} <= set(forbidden["forbidden_modules"])
    assert not forbidden.get("ignore_imports") and not forbidden.get("allow_indirect_imports")


@pytest.mark.parametrize(
    ("name", "library", "only"),
    [
        ("duckdb is imported by the warehouse alone", "duckdb", "assets.resources.warehouse"),
        ("Great Expectations is imported by its adapter alone", "great_expectations", "checks.expectations"),
    ],
)
def test_one_module_imports_a_library(contracts: dict[str, dict], name: str, library: str, only: str) -> None:
    forbidden = contracts[name]
    assert set(forbidden["source_modules"]) == set(PACKAGES)
    assert library in forbidden["forbidden_modules"]
    assert all(ignored.split(" -> ")[0] == only for ignored in forbidden["ignore_imports"])
    users = [place(path) for path in package_files() if any(n.split(".")[0] == library for n in imported(syntax(path)))]
    assert users == [f"{only.replace('.', '/')}.py"]


def models_files() -> list[Path]:
    """The Python files of the models."""
    return [path for path in package_files() if place(path).startswith("models/")]


@pytest.mark.parametrize("path", models_files(), ids=place)
def test_models_import_only_what_they_may(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(syntax(path))}
    assert roots - sys.stdlib_module_names - MODELS_MAY_IMPORT == set()
    assert roots & MODELS_MAY_NOT_IMPORT == set()


@pytest.mark.parametrize("path", models_files(), ids=place)
def test_models_ask_no_clock_and_draw_from_no_unseeded_generator(path: Path) -> None:
    calls = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.Call)]
    names = [(ast.unparse(call.func), bool(call.args or call.keywords)) for call in calls]
    asked = [name for name, _ in names if name.rpartition(".")[2] in ("now", "utcnow", "today")]
    unseeded = [
        name for name, given in names if name.rpartition(".")[2] in ("default_rng", "SeedSequence") and not given
    ]
    legacy = [name for name, _ in names if name.startswith("np.random.") and name.rpartition(".")[2][0].islower()]
    assert asked + unseeded + [name for name in legacy if name != "np.random.default_rng"] == []


@pytest.mark.parametrize("path", models_files(), ids=place)
def test_models_open_no_file(path: Path) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(syntax(path)) if isinstance(node, ast.Call)]
    readers = (
        "open",
        "read_csv",
        "scan_csv",
        "read_parquet",
        "scan_parquet",
        "write_csv",
        "write_parquet",
        "write_text",
    )
    assert [call for call in calls if call.rpartition(".")[2] in readers] == []


def test_importing_everything_does_nothing(tmp_path: Path) -> None:
    """In an empty home, with a guard against writing, connecting and starting programs; slow libraries stay unloaded."""
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        [sys.executable, "-B", IMPORT_EVERYTHING],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["done"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("deed", ["open('x', 'w')", "__import__('socket').socket()", "__import__('os').mkdir('x')"])
def test_the_guard_refuses(deed: str, tmp_path: Path) -> None:
    (tmp_path / "deed.py").write_text(deed, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-B", "-c", "import import_everything as guard; guard.refuse_effects(); import deed"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{IMPORT_EVERYTHING.parent}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "EffectError" in said.stderr
