"""Customers: who owes, how large they are, from when to when, and who pays for whom.

Belongs here: the master and its dated versions. Does not belong here: how customers pay (`payers`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.raw.synthetic.columns import NEVER, Booleans, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import LEVELS, SHARES
from models.raw.synthetic.entities import COUNTRIES

SEGMENTS = ("small", "mid_market", "enterprise", "public")
REGIONS = ("north", "south", "east", "west")
KINDS = ("direct", "reseller", "end_customer")
INDUSTRIES = ("software", "retail", "manufacturing", "healthcare", "logistics", "education")
TERMS = np.array([14, 30, 45, 60, 90])
TERMS_SHARES = (0.04, 0.78, 0.09, 0.06, 0.03)
SIZE_EXPONENT = 0.9  # Zipf: the k-th largest customer bills 1 / (k + 3) ** .9 of the largest
BANKRUPT_SHARE = 0.008


@dataclass(frozen=True)
class Customers:
    """One slice's customers; every column has one value a customer, indexes are within the slice."""

    weight: np.ndarray
    currency: Integers
    entity: Integers
    segment: Integers
    kind: Integers
    terms: Integers
    created: Integers
    active_from: Integers
    active_to: Integers
    parent: Integers  # itself where there is none
    payer: Integers  # the customer that pays for it, itself mostly
    reseller: Integers  # who is named as payer on its invoices, -1 for nobody
    bankrupt_on: Integers
    is_related: Booleans

    def __len__(self) -> int:
        """How many customers the slice has."""
        return len(self.weight)


def draw_customers(
    generator: np.random.Generator,
    count: int,
    currencies: tuple[str, ...],
    functional: tuple[str, ...],
    span: tuple[int, int],
) -> Customers:
    """Customers of one slice, for a history of days `span` (first, last)."""
    first, last = span
    weight = 1.0 / (np.arange(count) + 3.0) ** SIZE_EXPONENT
    weight /= weight.sum()
    share = tuple(SHARES.get(name, 0.01) for name in currencies)
    currency = by_weight(generator, share, weight, head=3)
    entity = _entities(generator, currency, currencies, functional)
    segment = _segments(generator, count)
    joined = (generator.random(count) < 0.3) & (np.arange(count) >= 3)
    since = first + (generator.random(count) * 0.75 * (last - first)).astype(np.int64)
    created = np.where(joined, since, first - generator.integers(30, 2000, count))
    active_from = np.maximum(created, first)
    left = (generator.random(count) < 0.1) & (np.arange(count) >= 3)
    until = active_from + ((0.3 + 0.7 * generator.random(count)) * (last - active_from)).astype(np.int64)
    active_to = np.where(left, until, last)
    kind, parent, payer, reseller = _relations(generator, currency, entity)
    bankrupt_on = _bankruptcies(generator, active_from, last)
    bankrupt_on[parent[parent != np.arange(count)]] = NEVER  # who pays for others stays, so that causes are clear
    bankrupt_on[reseller[reseller >= 0]] = NEVER
    active_to = np.minimum(active_to, bankrupt_on)
    terms = TERMS[by_weight(generator, TERMS_SHARES, weight)]
    is_related = (generator.random(count) < 0.01) & (np.arange(count) >= 3)
    return Customers(
        weight, currency, entity, segment, kind, terms, created, active_from, active_to,
        parent, payer, reseller, bankrupt_on, is_related,
    )  # fmt: skip


def by_weight(generator: np.random.Generator, shares: tuple[float, ...], weight: np.ndarray, head: int = 0) -> Integers:
    """A choice by customer whose shares hold by invoices, not by customers: a random order cut at the shares.

    The `head` largest come first, which gives them the first choices and keeps small shares small.
    """
    order = np.concatenate([np.arange(head), head + generator.permutation(len(weight) - head)])
    middle = np.empty_like(weight)
    middle[order] = np.cumsum(weight[order]) - weight[order] / 2
    cuts = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(cuts, middle), len(shares) - 1)


def _entities(
    generator: np.random.Generator,
    currency: Integers,
    currencies: tuple[str, ...],
    functional: tuple[str, ...],
) -> Integers:
    """The entity that keeps the customer's currency, mostly; else any."""
    home = np.array([functional.index(name) if name in functional else -1 for name in currencies])[currency]
    any_entity = generator.integers(0, len(functional), len(currency))
    return np.where((home < 0) | (generator.random(len(currency)) < 0.12), any_entity, home)


def _segments(generator: np.random.Generator, count: int) -> Integers:
    """Large customers are mostly enterprises, small ones mostly small."""
    place = (np.arange(count) + 0.5) / count
    drawn = generator.random(count)
    large = np.where(place < 0.05, 0.75, np.where(place < 0.3, 0.25, 0.04))
    mid = np.where(place < 0.05, 0.15, np.where(place < 0.3, 0.55, 0.25))
    segment = np.where(drawn < large, 2, np.where(drawn < large + mid, 1, 0))
    return np.where(generator.random(count) < 0.05, 3, segment)


def _bankruptcies(generator: np.random.Generator, active_from: Integers, last: int) -> Integers:
    """The day from which a few smaller customers are bankrupt."""
    count = len(active_from)
    day = active_from + ((0.4 + 0.55 * generator.random(count)) * (last - active_from)).astype(np.int64)
    chosen = (generator.random(count) < BANKRUPT_SHARE) & (np.arange(count) >= 6)
    return np.where(chosen, day, NEVER)


def _relations(
    generator: np.random.Generator, currency: Integers, entity: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Kind, parent, payer and reseller. The first of every currency and entity is the parent of the rest."""
    count = len(currency)
    own = np.arange(count)
    pool = currency * (entity.max() + 1) + entity
    _, first_of_pool = np.unique(pool, return_index=True)
    head = first_of_pool[np.searchsorted(np.unique(pool), pool)]
    drawn = generator.random(count)
    is_child = (drawn < 0.05) & (head != own) & ~np.isin(own, first_of_pool)
    parent = np.where(is_child, head, own)
    payer = np.where(is_child & (generator.random(count) < 0.6), head, own)
    is_end = (drawn >= 0.05) & (drawn < 0.07) & (head != own) & ~np.isin(own, first_of_pool)
    reseller = np.where(is_end, head, -1)
    kind = np.zeros(count, dtype=np.int64)
    kind[head[is_end]] = 1
    kind[is_end] = 2
    return kind, parent, payer, reseller


def customer_numbers(customers: Customers, first_customer: int) -> pl.Series:
    """Ids as an ERP writes them: ten digits with leading zeros."""
    return numbered("", 100_000 + first_customer + np.arange(len(customers)), 10)


def customers_feed(
    generator: np.random.Generator,
    customers: Customers,
    ids: pl.Series,
    currencies: tuple[str, ...],
    as_of: int,
) -> pl.DataFrame:
    """The `customers` feed: a first version of everybody, and later versions from the day they hold."""
    first = _versions(generator, customers, ids, currencies)
    changed_on = customers.created + 60 + generator.integers(0, 600, len(customers))
    on_hold = (generator.random(len(customers)) < 0.06) & (changed_on <= np.minimum(as_of, customers.bankrupt_on - 1))
    held = first.with_columns(dates(changed_on).alias("valid_from"), status=pl.lit("on_hold")).filter(
        pl.Series(on_hold)
    )
    bankrupt = customers.bankrupt_on <= as_of
    failed = first.with_columns(
        dates(np.minimum(customers.bankrupt_on, as_of)).alias("valid_from"), status=pl.lit("bankrupt"),
        credit_limit=pl.lit(0, dtype=pl.Decimal(18, 2)),
    ).filter(pl.Series(bankrupt))  # fmt: skip
    return pl.concat([first, held, failed]).sort("customer_id", "valid_from")


def _versions(
    generator: np.random.Generator, customers: Customers, ids: pl.Series, currencies: tuple[str, ...]
) -> pl.DataFrame:
    count = len(customers)
    own = np.arange(count)
    levels = np.array([LEVELS[currency] for currency in currencies])[customers.currency]
    size = np.array([20_000, 100_000, 500_000, 250_000])[customers.segment]
    limit = (np.round(size * levels / 1000.0) * 100_000).astype(np.int64)
    countries = [COUNTRIES[currency][0] for currency in currencies]
    return pl.DataFrame(
        {
            "customer_id": ids,
            "valid_from": dates(customers.created),
            "name": "Customer " + ids.str.strip_chars_start("0"),
            "parent_id": masked(ids.gather(customers.parent), customers.parent != own),
            "payer_id": masked(ids.gather(customers.payer), customers.payer != own),
            "kind": named(KINDS, customers.kind),
            "segment": named(SEGMENTS, customers.segment),
            "region": named(REGIONS, generator.integers(0, len(REGIONS), count)),
            "country": named(countries, customers.currency),
            "industry": named(INDUSTRIES, generator.integers(0, len(INDUSTRIES), count)),
            "terms_days": pl.Series(customers.terms.astype(np.int32)),
            "credit_limit": money(limit),
            "credit_limit_currency": named(currencies, customers.currency),
            "collector": numbered("collector ", 1 + generator.integers(0, 9, count), 2),
            "status": pl.repeat("active", count, eager=True),
            "related_party": pl.Series(customers.is_related),
            "insured": pl.Series(generator.random(count) < 0.1),
            "email": "ap@" + ids.str.strip_chars_start("0") + ".example",
            "created_on": dates(customers.created),
        }
    )
