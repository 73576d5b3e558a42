"""The command `data-docs`: what the checks of the last run said, as a page.

What stands on it belongs to `checks.data_docs`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from assets.resources.files import write_whole
from assets.resources.home import Home
from checks.data_docs import data_docs


def write_data_docs(home: Home, out: Path | None) -> Path:
    """Write the page of the last run into a folder, the home's `data-docs` when none is given; returns its path.

    Raises ValueError where there was no run.
    """
    if not (home.root / "state.db").is_file():
        raise ValueError(f"nothing was run in {home.root}, so no check has said anything")
    with home.state() as state:
        run = state.last_run()
        results = state.results(run.execution_id, date.fromisoformat(run.as_of)) if run else []
    if run is None or not results:
        raise ValueError(f"no run in {home.root} came to its checks")
    path = (out or home.root / "data-docs") / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data_docs(run, results).encode())
    return path
