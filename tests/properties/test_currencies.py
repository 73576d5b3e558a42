"""A converted line is exact: at its booking rate, pro rata, or at the closing rate, rounded half-up to the minor unit.

Belongs here: open items one by one. Does not: their sums (`test_conservation.py`).
"""

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.books import BATCH_TIMES, as_ofs, known_ats
from tests.properties.foreign_books import foreign_books
from tests.properties.pipeline import DEFAULT_POLICY, frames, loaded
from tests.properties.profiles import examples

since_rates_are_known = known_ats.filter(lambda known_at: known_at >= BATCH_TIMES[0])


@examples(4)
@given(foreign_books(), st.sampled_from((None, "USD", "JPY")), as_ofs, since_rates_are_known)
def test_every_open_item_is_converted_exactly(drawn, base_currency, as_of, known_at):
    policy = DEFAULT_POLICY.model_copy(update={"base_currency": base_currency})
    with loaded(drawn.deliveries) as warehouse:
        items = frames(warehouse, {as_of}, known_at, policy)["ledger.open_items"]
    base = drawn.base_currency(base_currency, as_of, known_at)
    for item in items.iter_rows(named=True):
        assert (item["functional_currency"], item["base_currency"]) == (drawn.functional[item["entity_id"]], base)
        assert item["open_amount_functional"] == drawn.functional_amount(item, known_at), item
        assert item["open_amount_base"] == drawn.base_amount(item, base, as_of), item
