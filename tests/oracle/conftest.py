"""Books that are drawn once for all tests of what books reach.

Belongs here: the drawing. Does not: what a book must be able to have (test_oracle_reach*.py).
"""

import pytest
from hypothesis import Phase, given, settings

from tests.oracle.books import books
from tests.oracle.documents import Book


@pytest.fixture(scope="session")
def drawn_books() -> list[Book]:
    """Seven hundred books, the same ones whenever the tests run."""
    found: list[Book] = []

    @settings(max_examples=700, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(books())
    def draw(book: Book) -> None:
        found.append(book)

    draw()
    return found
