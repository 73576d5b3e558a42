"""Rates, open items and the roll-forward in the entity's and the group's currency are the oracle's.

Belongs here: daily rates and open items one by one, exactly; lines of the roll-forward, but for the rounding of what
they add up. Does not: sums of open items (`test_conservation.py`).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations, product

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.policy import Policy
from tests.oracle.books import BATCH_TIMES, OPEN_END, as_ofs, known_ats
from tests.oracle.closes import gl_comparison, restatements, tie_out
from tests.oracle.currencies import Rates
from tests.oracle.documents import OraclePolicy
from tests.oracle.foreign import SPACES, Sum, Worth
from tests.properties.foreign_books import foreign_books
from tests.properties.pipeline import DEFAULT_POLICY, Frames, frames, loaded
from tests.properties.profiles import examples
from tests.properties.test_oracle_agrees import agree

END = OPEN_END - timedelta(1)
ACCOUNT = ("entity_id", "period_end", "account", "currency", "currency_kind")
LINE_NAMES = {"applied": "fx_realised"}


since_rates_are_known = known_ats.filter(lambda known_at: known_at >= BATCH_TIMES[0])
base_currencies = st.sampled_from((None, "USD", "JPY"))
pivots = st.sampled_from((None, "EUR"))


def policy_in(base_currency: str | None, pivot: str | None) -> Policy:
    """The default policy with these currencies of the group."""
    currency = DEFAULT_POLICY.currency.model_copy(update={"pivot_currency": pivot})
    return DEFAULT_POLICY.model_copy(update={"base_currency": base_currency, "currency": currency})


@examples(4)
@given(foreign_books(), base_currencies, pivots, st.sets(as_ofs, min_size=1, max_size=2), since_rates_are_known)
def test_what_is_converted_is_the_oracles(drawn, base_currency, pivot, days, known_at):
    with loaded(drawn.deliveries) as warehouse:
        found = frames(warehouse, days, known_at, policy_in(base_currency, pivot))
        batch_times = dict(warehouse.rows("select batch_id, recorded_at from raw.batches"))
    for as_of in days:
        of_day = {name: frame.filter(pl.col("as_of") == as_of) for name, frame in found.items()}
        worth = Worth(drawn.book, as_of, known_at, OraclePolicy(), base_currency, pivot)
        compare(of_day, worth)
        compare_closes(of_day, worth, batch_times)


def compare(found: Frames, worth: Worth) -> None:
    """Every converted figure of one day is the oracle's."""
    compare_rates(found, worth)
    items = found["ledger.open_items"].to_dicts()
    for item in items:
        currencies = (worth.functional.get(item["entity_id"]), worth.base)
        assert (item["functional_currency"], item["base_currency"]) == currencies
        assert item["open_amount_functional"] == worth.functional_amount(item, worth.open_before(item, items)), item
        assert item["open_amount_base"] == worth.base_amount(item["open_amount"], item["currency"], worth.as_of), item
    compare_lines(found["marts.rollforward"], worth)


def compare_rates(found: Frames, worth: Worth) -> None:
    """Every rate of every day between a document's currency and one in which it is reported, and no other."""
    told = {
        (row["day"], row["from_currency"], row["to_currency"]): (row["rate"], row["rate_date"], row["rate_source"])
        for row in found["ledger.daily_rates"].iter_rows(named=True)
    }
    pairs = {
        (d.currency, currency)
        for d in worth.documents.values()
        for currency in (worth.functional.get(d.entity_id), worth.base)
        if d.posting_date <= worth.as_of and currency not in (None, d.currency)
    }
    wanted = {}
    for day in found["ledger.days"]["day"]:
        for pair in pairs | {key[1:] for key in told}:
            rate = worth.rates.rate(*pair, day)
            if rate is not None:
                wanted[(day, *pair)] = (rate.value, rate.rate_date, rate.source)
    agree(told, wanted)


def compare_lines(frame: pl.DataFrame, worth: Worth) -> None:
    """The month's lines; what is not realised is what flows leave between the two balances."""
    started = worth.as_of.replace(day=1)
    wanted: dict[tuple, tuple[Sum, Sum]] = {}
    for (*pair, line), sums in worth.lines(started).items():
        wanted[(*pair, LINE_NAMES.get(line, line))] = sums
    for row in frame.filter(pl.col("period_start") == started).iter_rows(named=True):
        key = (row["entity_id"], row["currency"], row["line"])
        if row["line"] == "fx_unrealised":
            continue
        functional, base = wanted.get(key, (Sum(), Sum()))
        shown = (key, row["amount_functional"], functional, row["amount_base"], base)
        assert functional.is_near(row["amount_functional"], row["functional_currency"] or ""), shown
        assert worth.base is None or base.is_near(row["amount_base"], worth.base), shown


def compare_closes(found: Frames, worth: Worth, batch_times: dict[str, datetime]) -> None:
    """What was restated of closed periods, by which batch, and what ties to the general ledger."""
    wanted = restatements(worth.book, worth.as_of, worth.known_at, worth.policy)
    restated = {}
    for row in found["marts.restatements"].iter_rows(named=True):
        told = {name: row[name] for name in ("amount_at_close", "amount_now", "cause")}
        key = (row["closed_as_of"], SPACES[row["document_type"]], row["entity_id"], row["document_id"])
        restated[key] = told | {"changed_at": batch_times.get(row["batch"])}
    agree(restated, wanted)
    tied: dict[tuple, dict] = {}
    for row in found["marts.gl_tieout"].iter_rows(named=True):
        account = tuple(row[name] for name in ACCOUNT)
        tied.setdefault(account, {})[row["class"]] = (row["amount"], row["is_tied"])
    compared = gl_comparison(worth)
    sides = {tuple(row[name] for name in ACCOUNT): row for row in found["ledger.gl_comparison"].iter_rows(named=True)}
    assert sides.keys() == compared.keys() == tied.keys(), sides.keys() ^ compared.keys()
    for account, (total, balance) in compared.items():
        amount = sides[account]["subledger_amount"]
        is_functional = account[-1] == "functional"
        currency = worth.functional.get(account[0], "")
        assert total.is_near(amount, currency) if is_functional else total.exact == amount, account
        assert sides[account]["gl_amount"] == balance
        assert tied[account] == tie_out(worth, account, amount, balance), account


def test_nearness_counts_what_was_rounded():
    total = Sum()
    total.add(None)
    assert total.is_near(None, "USD")
    assert replace(total, exact=1).is_near(1, "USD")
    assert not replace(total, exact=1, count=0).is_near(2, "JPY")


def test_books_reach_every_kind_of_rate():
    carried = {("direct", True), ("inverse", True)}
    wanted = {("direct", False), ("inverse", False), ("cross", False), None, "frozen", "as told"} | carried
    found = set()

    @settings(max_examples=300, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(foreign_books(), as_ofs)
    def draw(drawn, as_of):
        if wanted <= found:
            return
        days = {row["rate_date"] for row in drawn.book["fx_rates"]} | {as_of}
        rates = Rates(drawn.book, END, "EUR")
        as_told = Rates(drawn.book | {"fiscal_periods": []}, END, "EUR")
        for day, pair in product(days, permutations(("USD", "EUR", "JPY"), 2)):
            rate = rates.rate(*pair, day)
            found.add(rate and (rate.source, rate.rate_date < day))
            found.add("frozen" if rate != as_told.rate(*pair, day) else "as told")

    draw()
    assert wanted <= found
