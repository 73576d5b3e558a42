"""The command `export`: a copy of the last publication that names no customer, made with a key from the environment.

What is replaced in it belongs to `assets.pseudonyms`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from assets.pseudonyms import LEAST_KEY, NoKey, write_copy
from assets.publications import newest_publication
from assets.published import Published
from assets.resources.home import Home

KEY = "RECEIVABLES_PSEUDONYM_KEY"


def export(home: Home, out: Path) -> dict[str, Any]:
    """Write the copy to a folder that is not there yet; returns its `export.json`.

    Raises NoKey without a key, ValueError where nothing is published or the folder is there.
    """
    key = os.environ.get(KEY, "")
    if len(key) < LEAST_KEY:
        raise NoKey(
            f"set {KEY} to a secret of at least {LEAST_KEY} characters, and keep it: the same key gives the same"
            " pseudonyms the next time, and who has it can tell whose they are"
        )
    return write_copy(Published(*newest_publication(home)), key, out)
