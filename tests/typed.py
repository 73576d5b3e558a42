"""Commands as somebody types them, in this process: what each ends with, and what it says."""

import io
from contextlib import redirect_stdout
from typing import NamedTuple

import pytest

from pipelines import cli


class Said(NamedTuple):
    """How a command ended: its exit code, what it printed, and what it said of an error."""

    code: int
    out: str
    error: str


def typed(*words: str) -> Said:
    """Type a command."""
    out, error = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setattr("sys.argv", ["receivables", *words])
        patch.setattr("sys.stderr", error)
        with pytest.raises(SystemExit) as ending:
            cli.main()
    return Said(int(ending.value.code or 0), out.getvalue(), error.getvalue())
