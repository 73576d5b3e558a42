"""Whom a review is of: one account, by the id of its payer, or the whole book; and in which currency its months are.

What is said of it belongs to `slides`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from assets.pack.figures import literal
from assets.resources.warehouse import Warehouse


@dataclass(frozen=True)
class Scope:
    """One review: `payer` is empty for the whole book; `currency` is the one in which most of it is open, `others` the
    rest; `base` is empty where the book has no base currency."""

    payer: str
    currency: str
    others: tuple[str, ...]
    base: str

    @property
    def name(self) -> str:
        """Whom it is of, as a title has it."""
        return f"account {self.payer}" if self.payer else "the portfolio"

    @property
    def own(self) -> str:
        """The rows of a table by payer that are this review's, as SQL."""
        return f"payer_id = {literal(self.payer)}" if self.payer else "true"

    @property
    def customers(self) -> str:
        """The rows of a table by customer that are this review's: the payer's own, and those that it pays open items
        of."""
        paid_for = f"select customer_id from aging_detail where {self.own}"
        return f"(customer_id = {literal(self.payer)} or customer_id in ({paid_for}))" if self.payer else "true"

    @property
    def in_currency(self) -> str:
        """The rows that are in the currency of its months, as SQL."""
        return f"currency = {literal(self.currency)}"

    @property
    def aged(self) -> tuple[str, str, str]:
        """The amount that ages, its currency, and the rows that have it: in base currency where there is one."""
        if self.base:
            return "open_amount_base", self.base, "true"
        return "open_amount", self.currency, self.in_currency


def scope_of(bundle: Warehouse, customer: str, base: str) -> Scope:
    """The scope of an account, or of the whole book where `customer` is empty.

    Raises ValueError, in one line, when the account is not in the publication or is paid for by another.
    """
    own = f"payer_id = {literal(customer)}" if customer else "true"
    currencies = [
        row[0]
        for row in bundle.rows(
            "with balances as (select currency, abs(sum(coalesce(open_amount_base, 0))) as balance from aging_detail"
            f" where {own} group by currency),"
            f" months as (select currency, max(period_end) as newest, count(*) as held from payer_monthly where {own}"
            " group by currency)"
            " select months.currency from months left join balances on balances.currency = months.currency"
            " order by coalesce(balance, 0) desc, newest desc, held desc, months.currency"
        )
    ]
    if customer and not currencies:
        raise ValueError(_unknown(bundle, customer))
    return Scope(customer, currencies[0] if currencies else base, tuple(currencies[1:]), base)


def _unknown(bundle: Warehouse, customer: str) -> str:
    payers = bundle.rows(
        "select distinct payer_id from aging_detail where customer_id = $customer order by 1", {"customer": customer}
    )
    if payers:
        names = ", ".join(row[0] for row in payers)
        return f"{customer} pays for nothing itself; its invoices are paid by {names}: ask for that account"
    known = [row[0] for row in bundle.rows("select distinct payer_id from payer_monthly order by 1")]
    near = get_close_matches(customer, known, n=3, cutoff=0.7)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no account {customer} in the last publication: it was never billed and never paid{meant}"
