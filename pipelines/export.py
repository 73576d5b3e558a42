"""The command `export`: a copy of the last publication that names no customer, made with a key from the environment.

What is replaced in it belongs to `assets.pseudonyms`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from assets.pseudonyms import NoKey, write_copy
from assets.publications import newest_publication
from assets.resources.home import Home

KEY = "RECEIVABLES_PSEUDONYM_KEY"


def export(home: Home, out: Path) -> dict[str, Any]:
    """Write the copy to a folder that is not there yet; returns its `export.json`.

    Raises NoKey without a key, ValueError where nothing is published or the folder is there.
    """
    published = newest_publication(home)
    try:
        return write_copy(published, os.environ.get(KEY, ""), out)
    except NoKey as error:
        raise NoKey(
            f"{error}: set {KEY} to a secret, and keep it; the same key gives the same pseudonyms the next time, and"
            " who has it can tell whose they are"
        ) from error
