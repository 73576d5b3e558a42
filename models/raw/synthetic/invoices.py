"""Invoices and debit memos: when, of whom, how much, due when; and the few that are drafts or void.

Belongs here: the documents as billed. Does not belong here: what becomes of them (`outcomes`, `settlements`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.raw.synthetic.columns import Booleans, Integers, dates, masked, money, named, numbered
from models.raw.synthetic.currencies import LEVELS, minor_units, rounded
from models.raw.synthetic.customers import TERMS, Customers
from models.raw.synthetic.entities import COUNTRIES
from models.raw.synthetic.history import History, booked
from models.raw.synthetic.run_calendars import Days, weekday_of

MONTH_FACTORS = np.array([0.90, 0.92, 1.05, 0.98, 1.00, 1.06, 0.94, 0.92, 1.04, 1.02, 1.06, 1.15])
YEARLY_GROWTH = 0.08
USUAL_AMOUNT = np.array([420.0, 1500.0, 4200.0, 1900.0])  # median by segment, USD
AMOUNT_SPREAD = 0.85  # of the logarithm, within a customer
CUSTOMER_SPREAD = 0.5  # of the logarithm, between customers
PRODUCTS = ("licences", "support", "services", "hardware", "freight")
POSTED, DRAFT, VOID = range(3)
STATUSES = ("posted", "draft", "void")


@dataclass(frozen=True)
class Invoices:
    """One slice's invoices in order of their dates; amounts in hundredths, days since 1970."""

    customer: Integers
    payer: Integers  # who pays: the invoice's own payer, else the customer's, else the customer
    entity: Integers
    currency: Integers
    date: Integers
    due: Integers
    original_due: Integers  # 0 where the due date was never moved
    amount: Integers
    tax: Integers
    is_debit_memo: Booleans
    status: Integers
    voided_on: Integers  # 0 where not void, or void without a date
    ids: pl.Series

    def __len__(self) -> int:
        """How many invoices the slice has."""
        return len(self.customer)


def billing_weights(days: Days, first: int, last: int) -> np.ndarray:
    """How much is billed on each day of history: weekdays, month ends, season, growth."""
    day = np.arange(first, last + 1)
    place = day - days.first
    weight = np.where(days.following[place] == day, 1.0, np.where(weekday_of(day) == 5, 0.06, 0.02))
    month = days.month[place]
    to_end = days.ordinal[days.month_last[month] - days.first] - days.ordinal[place]
    from_start = day - days.month_first[month]
    weight *= np.where(to_end < 3, 3.2, np.where(from_start < 4, 1.6, 1.0))
    return weight * MONTH_FACTORS[month % 12] * (1 + YEARLY_GROWTH) ** ((day - first) / 365.0)


def draw_invoices(
    generator: np.random.Generator,
    count: int,
    customers: Customers,
    history: History,
    first_number: int,
) -> Invoices:
    """Invoices of one slice, each within its customer's active days."""
    first, last = history.first, history.last
    customer = np.repeat(np.arange(len(customers)), generator.multinomial(count, customers.weight))
    total = np.concatenate([[0.0], np.cumsum(billing_weights(history.days, first, last))])
    since, until = total[customers.active_from - first], total[customers.active_to - first + 1]
    place = since[customer] + generator.random(count) * (until - since)[customer]
    day = first + np.clip(np.searchsorted(total, place, side="right") - 1, 0, last - first)
    day = np.clip(day, customers.active_from[customer], customers.active_to[customer])
    order = np.argsort(day, kind="stable")
    customer, day = customer[order], day[order]
    currency, entity = _where_billed(generator, customers, customer, history)
    is_debit_memo = generator.random(count) < 0.006
    amount = _amounts(generator, customers, customer, currency, history.currencies, is_debit_memo)
    due, original_due = _due_dates(generator, customers, customer, day)
    status, voided_on = _statuses(generator, day, last)
    return Invoices(
        customer=customer,
        payer=np.where(customers.reseller >= 0, customers.reseller, customers.payer)[customer],
        entity=entity,
        currency=currency,
        date=day,
        due=due,
        original_due=original_due,
        amount=amount,
        tax=_taxes(generator, entity, currency, amount, history),
        is_debit_memo=is_debit_memo,
        status=status,
        voided_on=voided_on,
        ids=numbered("", 90_000_001 + first_number + np.arange(count), 10),
    )


def _where_billed(
    generator: np.random.Generator, customers: Customers, customer: Integers, history: History
) -> tuple[Integers, Integers]:
    """Few customers are billed in a second currency or by a second entity now and then."""
    count = len(customers)
    second_currency = np.where(
        generator.random(count) < 0.02, generator.integers(0, len(history.currencies), count), -1
    )
    second_entity = np.where(generator.random(count) < 0.04, generator.integers(0, len(history.functional), count), -1)
    sometimes = generator.random(len(customer)) < 0.2
    currency, entity = customers.currency[customer], customers.entity[customer]
    currency = np.where(sometimes & (second_currency[customer] >= 0), second_currency[customer], currency)
    entity = np.where(sometimes & (second_entity[customer] >= 0), second_entity[customer], entity)
    return currency, entity


def _amounts(
    generator: np.random.Generator,
    customers: Customers,
    customer: Integers,
    currency: Integers,
    currencies: tuple[str, ...],
    is_debit_memo: Booleans,
) -> Integers:
    usual = np.log(USUAL_AMOUNT)[customers.segment] + generator.normal(0, CUSTOMER_SPREAD, len(customers))
    drawn = np.exp(usual[customer] + generator.normal(0, AMOUNT_SPREAD, len(customer)))
    drawn = np.clip(drawn, 5.0, 2_000_000.0) * np.where(is_debit_memo, 0.08, 1.0)
    level = np.array([LEVELS[name] for name in currencies])[currency]
    units = minor_units(currencies)[currency]
    return np.maximum(rounded(drawn * level * 100, units), 100 * units)


def _due_dates(
    generator: np.random.Generator, customers: Customers, customer: Integers, day: Integers
) -> tuple[Integers, Integers]:
    count = len(customer)
    other = TERMS[generator.integers(0, len(TERMS), count)]
    terms = np.where(generator.random(count) < 0.04, other, customers.terms[customer])
    due = day + terms
    moved = generator.random(count) < 0.004
    return np.where(moved, due + 30, due), np.where(moved, due, 0)


def _statuses(generator: np.random.Generator, day: Integers, last: int) -> tuple[Integers, Integers]:
    """Drafts are mostly of the last weeks; a void has its day, except for some from old systems."""
    drawn = generator.random(len(day))
    is_draft = drawn < np.where(day > last - 21, 0.02, 0.0006)
    voided_on = day + generator.integers(1, 30, len(day))
    is_void = (drawn > 0.995) & (voided_on <= last)
    undated = generator.random(len(day)) < 0.15
    status = np.where(is_draft, DRAFT, np.where(is_void, VOID, POSTED))
    return status, np.where(is_void & ~undated, voided_on, 0)


def _taxes(
    generator: np.random.Generator,
    entity: Integers,
    currency: Integers,
    amount: Integers,
    history: History,
) -> Integers:
    """The tax within the amount: domestic sales of the entity's country, some of it at a local rate."""
    rate = np.array([COUNTRIES[name][2] for name in history.functional])[entity]
    rate = np.where((rate == 0) & (generator.random(len(entity)) < 0.25), 0.07, rate)
    home = np.array(history.homes)[entity]
    net = rounded(amount / (1 + rate), minor_units(history.currencies)[currency])
    return np.where(home == currency, amount - net, 0)


def invoices_feed(
    generator: np.random.Generator,
    invoices: Invoices,
    customers: Customers,
    customer_ids: pl.Series,
    history: History,
) -> pl.DataFrame:
    """The `invoices` feed."""
    count = len(invoices)
    posting = invoices.date + generator.integers(1, 6, count)
    late_posting = (generator.random(count) < 0.005) & (posting <= history.last) & (invoices.voided_on == 0)
    reseller = customers.reseller[invoices.customer]
    order_number = generator.integers(1_000, 999_999, count)
    return pl.DataFrame(
        {
            "entity_id": named(history.entity_ids, invoices.entity),
            "invoice_id": invoices.ids,
            "customer_id": customer_ids.gather(invoices.customer),
            "payer_id": masked(customer_ids.gather(np.maximum(reseller, 0)), reseller >= 0),
            "document_type": named(("invoice", "debit_memo"), invoices.is_debit_memo.astype(np.int64)),
            "invoice_date": dates(invoices.date),
            "posting_date": dates(posting, late_posting),
            "due_date": dates(invoices.due),
            "original_due_date": dates(invoices.original_due, invoices.original_due > 0),
            "currency": named(history.currencies, invoices.currency),
            "amount": money(invoices.amount),
            "tax_amount": money(invoices.tax),
            "functional_amount": booked(history, invoices.amount, invoices.currency, invoices.entity, invoices.date),
            "status": named(STATUSES, invoices.status),
            "voided_on": dates(invoices.voided_on, invoices.voided_on > 0),
            "product": named(PRODUCTS, generator.integers(0, len(PRODUCTS), count)),
            "purchase_order": masked(numbered("PO-", order_number, 6), generator.random(count) < 0.6),
        }
    )
