"""Commands as somebody types them, in this process: what each ends with, and what it says of an error."""

import io

import pytest

from pipelines import cli


def typed(*words: str) -> tuple[int, str]:
    """Type a command; its exit code and what it said of an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["receivables", *words])
        said = io.StringIO()
        patch.setattr("sys.stderr", said)
        with pytest.raises(SystemExit) as ending:
            cli.main()
    return int(ending.value.code or 0), said.getvalue()
