"""The repository as a whole: its tree is as the README draws it, and nothing is in it that does not belong.

Belongs here: which files there are, how large, and what no file may say. Does not: what is in the packages.
"""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.architecture.sources import PACKAGES, ROOT, project_files, tracked_files

LARGEST = 500_000
DATA = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".xlsb",
    ".ods",
    ".parquet",
    ".arrow",
    ".feather",
    ".zip",
    ".gz",
    ".json",
)
BINARY = (".duckdb", ".db", ".sqlite", ".wal", ".pkl", ".joblib", ".pptx", ".pdf", ".docx", ".whl")
SHARED_DATA = ROOT.parent / "shared" / "data"
LOCKS = ("requirements.lock", "bootstrap.lock", "audit.lock")
# put together here, so that this file does not name them
HOSTS = [f"py{'pi.org'}", f"files.python{'hosted.org'}", f"conda.{'anaconda.org'}", f"registry.{'npmjs.org'}"]


def tree_of_the_readme() -> list[str]:
    """The top of the repository as the README draws it, a name a line with words beside it where they are needed."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = re.search(r"^## The tree\n+```[a-z]*\n(.*?)^```", readme, flags=re.M | re.S)
    assert drawn, "README.md has no fenced block under the heading `## The tree`"
    lines = [line for line in drawn[1].splitlines() if line.strip()]
    split = [re.fullmatch(r"(\S+)(\s+# \S.*)?", line) for line in lines]
    assert [line for line, parts in zip(lines, split, strict=True) if parts is None] == [], "`name/  # words` a line"
    return [parts[1] for parts in split if parts]


def test_the_readmes_tree_is_true() -> None:
    drawn = tree_of_the_readme()
    assert len(drawn) == len(set(drawn)) > len(PACKAGES)
    assert [name for name in drawn if not (ROOT / name).exists()] == []
    assert [name for name in drawn if name.endswith("/") != (ROOT / name).is_dir()] == []


def test_the_readmes_tree_is_whole() -> None:
    top = {name.split("/")[0] + ("/" if "/" in name else "") for name in tracked_files()}
    assert top - set(tree_of_the_readme()) == set()


def test_the_readme_names_only_what_is_there() -> None:
    """Paths in backticks, such as `models/policy.yml`; those with placeholders or of a user's own files aside."""
    readme = re.sub(r"^```.*?^```", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.M | re.S)
    named = re.findall(r"`((?:models|assets|checks|pipelines|tests|notebooks)/[\w./*-]*)`", readme)
    assert named
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []


def test_no_file_is_large() -> None:
    assert {name for name in project_files() if (ROOT / name).stat().st_size > LARGEST} == set()


def test_no_data_is_kept_here() -> None:
    """Tests draw their books as tables in Python or generate them; what was measured on is named, never copied."""
    data = [name for name in project_files() if name.endswith((*DATA, *BINARY))]
    assert [name for name in data if not name.startswith("tests/") or name.endswith(BINARY)] == []
    assert [name for name in data if (ROOT / name).stat().st_size > 20_000] == []


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the shared data is not on this machine")
def test_nothing_of_the_shared_data_is_kept_here() -> None:
    sizes = {path.stat().st_size for path in SHARED_DATA.rglob("*") if path.is_file()}
    alike = [name for name in project_files() if (ROOT / name).stat().st_size in sizes - {0}]
    hashes = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in alike}
    wanted = {(ROOT / name).stat().st_size for name in alike}
    theirs = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in SHARED_DATA.rglob("*")
        if path.is_file() and path.stat().st_size in wanted
    }
    assert [name for name, digest in hashes.items() if digest in theirs] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_no_address(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    held = [line for line in lines if line and not line.startswith(("#", "--hash"))]
    assert held
    assert [line for line in held if not re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+( ;.*)? \\$", line)] == []
    whole = re.sub(r"\\\n\s*", " ", (ROOT / name).read_text(encoding="utf-8"))
    requirements = [line for line in whole.splitlines() if line and not line.startswith("#")]
    assert [line for line in requirements if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", line)] == []
    assert "://" not in whole and "@" not in whole and "--index" not in whole and "--find-links" not in whole


def test_no_file_names_a_package_registry() -> None:
    naming = [
        (name, host)
        for name in project_files()
        for host in HOSTS
        if host.encode() in (ROOT / name).read_bytes() and not name.endswith(".lock")
    ]
    assert naming == []


def test_the_wheel_holds_the_four_packages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    top = {name.split("/")[0] for name in project_files() if re.fullmatch(r"[^/]+/__init__\.py", name)}
    assert top == set(PACKAGES)


def test_the_code_location_has_one_name() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["dg"]["project"]
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    (location,) = workspace["load_from"]
    assert settings["code_location_target_module"] == "pipelines.definitions"
    assert location["python_module"]["module_name"] == "pipelines.definitions"


def test_folders_of_tests_are_no_packages() -> None:
    folders = {Path(name).parent for name in project_files() if Path(name).name.startswith("test_")}
    assert [folder for folder in folders if (ROOT / folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("target", ["demo", "test"])
def test_two_commands_set_everything_up_first(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^{target}:([^#\n]*)", makefile, flags=re.M)
    assert line.split()[0] == "$(READY)"
