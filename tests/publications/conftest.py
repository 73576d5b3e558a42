"""One night of the hostile book for all tests of what people open."""

from pathlib import Path

import pytest

from tests.publications.hostile_book import run


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The publication of the hostile book."""
    found = run(tmp_path_factory.mktemp("hostile")).publication
    assert found is not None
    return found
