"""Books that are drawn once for all tests of what books reach.

Belongs here: the drawing. Does not: what a book must be able to have (test_oracle_reach*.py). What fewer than one book in
fifty has is not demanded of them, since what is drawn depends on the modules that a process has loaded: it has tests by
hand (tests/ledger/test_promise_states.py, test_oracle_write_offs.py).
"""

import pytest
from hypothesis import Phase, given, settings

from tests.oracle.books import books
from tests.oracle.documents import Book


@pytest.fixture(scope="session")
def drawn_books() -> list[Book]:
    """Five hundred books."""
    found: list[Book] = []

    @settings(max_examples=500, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(books())
    def draw(book: Book) -> None:
        found.append(book)

    draw()
    return found
