"""A page opened in headless Chromium, as far as tests need: run a script, hear every complaint.

Where there is no Chromium, tests that ask for it are skipped and say so.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: install the Debian package chromium")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
)
ANSWER = "answer-of-the-test"


def opened(page: Path, folder: Path, script: str) -> tuple[dict[str, object], list[str]]:
    """What a script returns that runs at the end of a page, and all that the console said meanwhile.

    The script is put behind the page's own, as the last element; it returns an object.
    """
    told = f'<pre id="{ANSWER}"></pre><script>document.getElementById("{ANSWER}").textContent = '
    told += f"JSON.stringify((() => {{ {script} }})());</script></body>"
    text = page.read_text(encoding="utf-8")
    copy = folder / "page.html"
    copy.write_text(told.join(text.rsplit("</body>", 1)), encoding="utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=10000", "--dump-dom"]
    said = subprocess.run([*command, copy.as_uri()], capture_output=True, text=True, check=True, timeout=180)
    found = re.search(rf'<pre id="{ANSWER}">(.*?)</pre>', said.stdout, flags=re.S)
    assert found, said.stderr[-2000:]
    complaints = [line for line in said.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), complaints
