"""What holds of every book, however it is sent: nothing is lost, nothing looks ahead, nothing depends on order.

Belongs here: laws that need no oracle. Does not: figures (`test_oracle_agrees.py`), extracts (`test_extracts.py`).
"""

from dataclasses import replace
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from assets.resources.warehouse import Warehouse
from tests.oracle.books import BATCH_TIMES, as_ofs, books, known_ats, policies
from tests.oracle.settlement import Book
from tests.properties.pipeline import Deliveries, bytes_of, deliveries_of, frames, loaded, pipeline
from tests.properties.profiles import examples
from tests.properties.sendings import SNAPSHOT, delivered, resent, snapshots_of, spoiled_sheets, without_future
from tests.properties.test_oracle_agrees import policy_of

Results = dict[datetime, dict[str, bytes]]
Times = set[datetime]

since_the_first = known_ats.filter(lambda known_at: known_at >= BATCH_TIMES[0])
some_days = st.sets(as_ofs, min_size=1, max_size=2)
some_times = st.sets(known_ats, min_size=1, max_size=2)


def results(deliveries: Deliveries, days: set[date], times: Times, sources: str | None = None) -> Results:
    """Every table of these days as known at these times, byte for byte."""
    with loaded(deliveries, sources) as warehouse:
        return results_of(warehouse, days, times)


def results_of(warehouse: Warehouse, days: set[date], times: Times) -> Results:
    """The same, of what is loaded."""
    return {time: bytes_of(frames(warehouse, days, time)) for time in times}


def agree(one: Results, other: Results) -> None:
    """Equal, or the first table that is not, as both have it."""
    for time, tables in one.items():
        for name, content in tables.items():
            shown = f"{name} as known at {time}\n{content.decode()}\n{other[time][name].decode()}"
            assert content == other[time][name], shown
    assert one.keys() == other.keys()


@examples(2)
@given(books(), as_ofs, known_ats, policies())
def test_nothing_after_the_day_changes_the_day(book: Book, as_of, known_at, policy):
    # where the book says from when it is whole, that an invoice is missing is itself a fact about the past
    policy = replace(policy, history_starts_on=None)
    found = []
    for sent in (book, without_future(book, as_of)):
        with loaded(deliveries_of(sent)) as warehouse:
            found.append({known_at: bytes_of(frames(warehouse, {as_of}, known_at, policy_of(policy)))})
    agree(*found)


@examples(2)
@given(spoiled_sheets(), as_ofs, since_the_first)
def test_no_batch_recorded_later_changes_what_was_known(sheets, as_of, known_at):
    found = []
    for sent in (sheets, [sheet for sheet in sheets if sheet.time <= known_at]):
        with loaded(delivered(sent)) as warehouse:
            found.append({known_at: bytes_of(frames(warehouse, {as_of}, known_at), places=True)})
    agree(*found)


@examples(2)
@given(spoiled_sheets().flatmap(lambda sheets: st.tuples(st.just(sheets), resent(sheets))), some_days, some_times)
def test_order_of_rows_and_split_into_files_change_nothing(sent, days, times):
    agree(*(results(delivered(sheets), days, times) for sheets in sent))


@examples(2)
@given(spoiled_sheets(), some_days, some_times)
def test_the_same_files_again_are_a_no_op(sheets, days, times):
    with pipeline() as line, Warehouse(None) as warehouse:
        for time, files in delivered(sheets):
            line.deliver(files, time)
        line.load(warehouse)
        before = results_of(warehouse, days, times)
        agree(before, results_of(warehouse, days, times))
        copies = {f"{sheet.name[:-4]}_copy.csv": sheet.text for sheet in sheets}
        again = line.deliver(copies, datetime(2025, 1, 1))
        assert not again.manifests
        assert [note.kind for note in again.notes] == ["already_loaded"] * 2 * len(sheets)
        line.load(warehouse)
        agree(before, results_of(warehouse, days, times))


@examples(2)
@given(spoiled_sheets(), some_days, some_times)
def test_batches_loaded_as_they_come_are_those_loaded_at_once(sheets, days, times):
    with pipeline() as line, Warehouse(None) as warehouse, Warehouse(None) as rebuilt:
        for time, files in delivered(sheets):
            line.deliver(files, time)
            line.load(warehouse)
        line.load(rebuilt)
        agree(results_of(warehouse, days, times), results_of(rebuilt, days, times))


@examples(2)
@given(books(), some_days, some_times)
def test_snapshots_say_what_increments_say(book, days, times):
    agree(results(deliveries_of(book), days, times), results(snapshots_of(book), days, times, SNAPSHOT))
