"""What every folder of tests may ask for."""

from pathlib import Path

import pytest

from tests.small_books import SmallBook


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    """An empty book in a temporary folder."""
    return SmallBook(tmp_path)
