"""What the tests of portability share: one generated book, as it is and spoiled. They only read it."""

from collections.abc import Iterator

import pytest

from assets.resources.warehouse import Warehouse
from tests.portability.generated_book import make_book, spoiled
from tests.small_books import SmallBook


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """The generated book, built for its days."""
    return make_book(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="session")
def warehouse(generated: SmallBook) -> Iterator[Warehouse]:
    """Its working file."""
    with generated.home().warehouse(read_only=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def spoiled_warehouse(generated: SmallBook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A copy in which the tables do not agree."""
    with spoiled(generated, tmp_path_factory.mktemp("spoiled")) as opened:
        yield opened
