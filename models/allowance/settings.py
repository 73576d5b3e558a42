"""The allowance's part of the policy: pools, methods, the look-back, given rates and the register of adjustments.

Belongs here: what finance may decide, and what contradicts itself. Does not: how a figure follows from it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from models.contract import Strict

Share = Annotated[Decimal, Field(ge=0, le=1)]
Method = Literal["roll_rates", "snapshots", "given", "warm", "pd_lgd"]
SPECIFIC_KINDS = ("bankruptcy", "litigation", "fraud", "broken_plan", "other")
WHOLE_BOOK = "(book)"
"""The parent of every pool without one: all pools together."""


class Rule(Strict):
    """What a customer must be for a pool to take it; a condition that is not set fits everybody."""

    entity_id: str | None = None
    segment: str | None = None
    region: str | None = None
    country: str | None = None
    kind: str | None = None
    insured: bool | None = None


class Pool(Strict):
    """A pool of receivables with like risk: who belongs to it, from whom it borrows, and how its rates are made."""

    pool: str
    where: tuple[Rule, ...] = ()
    parent: str | None = None
    method: Method | None = None


class GivenRate(Strict):
    """A rate that finance gives: as it is, or as a probability of default by a loss given default."""

    pool: str
    aging_bucket: str
    rate: Share | None = None
    probability_of_default: Share | None = None
    loss_given_default: Share | None = None

    @model_validator(mode="after")
    def is_one_of_both(self) -> Self:
        """Refuse an entry that gives neither a rate nor a probability and a loss, or both."""
        as_product = self.probability_of_default is not None and self.loss_given_default is not None
        half = (self.probability_of_default is None) != (self.loss_given_default is None)
        if half or (self.rate is not None) == as_product:
            raise ValueError("a given rate is either `rate`, or `probability_of_default` and `loss_given_default`")
        return self

    @property
    def value(self) -> Decimal:
        """The rate that is given, whichever way."""
        if self.rate is not None:
            return self.rate
        return (self.probability_of_default or Decimal(0)) * (self.loss_given_default or Decimal(0))


class Adjustment(Strict):
    """One entry of the register of adjustments, applied while it is approved and not expired.

    From `reverts_from` on, its size fades in a straight line to nothing on `expires_on`.
    """

    name: str
    purpose: Literal["current", "forecast", "qualitative", "override"]
    form: Literal["multiplicative", "additive", "logit_shift", "override"]
    size: Decimal
    direction: Literal["up", "down", "set"]
    evidence: str
    owner: str
    expires_on: date
    pool: str | None = None
    aging_bucket: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    reverts_from: date | None = None

    @model_validator(mode="after")
    def agrees_with_itself(self) -> Self:
        """Refuse a direction that its size contradicts, an override by another form, and approval of one's own."""
        overrides = self.form == "override"
        if overrides != (self.purpose == "override") or overrides != (self.direction == "set"):
            raise ValueError(f"{self.name}: an override has purpose and form `override` and direction `set`")
        if overrides and not 0 <= self.size <= 1:
            raise ValueError(f"{self.name}: an override is a rate from 0 to 1")
        if not overrides and (self.direction == "up") != (self.size > 0):
            raise ValueError(f"{self.name}: a size of {self.size} is not {self.direction}")
        if self.form == "multiplicative" and self.size < -1:
            raise ValueError(f"{self.name}: a rate cannot fall by more than all of it")
        if (self.approved_by is None) != (self.approved_on is None):
            raise ValueError(f"{self.name}: approval needs both approved_by and approved_on")
        if self.approved_by is not None and self.approved_by == self.owner:
            raise ValueError(f"{self.name}: nobody approves an adjustment of their own")
        if self.reverts_from is not None and self.reverts_from >= self.expires_on:
            raise ValueError(f"{self.name}: reverts_from must be before expires_on")
        return self


class ExcludedPeriod(Strict):
    """Month-ends that the history leaves out, with the reason."""

    first_day: date
    last_day: date
    reason: str


class Macro(Strict):
    """A macro series on which the monthly loss rate is regressed, for an adjustment by forecast."""

    series: str
    lag_months: Annotated[int, Field(ge=0, le=24)] = 0
    fewest_points: Annotated[int, Field(ge=24)] = 24
    largest_p: Annotated[float, Field(gt=0, le=0.10)] = 0.10


class SubsequentCollections(Strict):
    """ASU 2025-05: what was collected until an evaluation date is taken into account; both choices must be made."""

    evaluation_date: date
    ageing_at: Literal["balance_sheet_date", "evaluation_date"]


class Movement(Strict):
    """What moves the allowance beside provisions and losses: adopting a standard, an acquisition, or something else."""

    line: Literal["adoption", "acquired", "other"]
    entity_id: str
    currency: str
    pool: str
    amount: Decimal
    moved_on: date
    evidence: str


class Accounts(Strict):
    """The accounts of the journal."""

    expense: str
    allowance: str


class AllowanceSettings(Strict):
    """How the allowance for credit losses is made."""

    framework: Literal["us_gaap", "ifrs"]
    method: Method
    lost_after_days: Annotated[int, Field(ge=30)]
    look_back_months: Annotated[int, Field(ge=3, le=240)]
    excluded_periods: tuple[ExcludedPeriod, ...]
    credibility_events: Annotated[int, Field(ge=1)]
    loss_given_default: Share | None
    rate_decimals: Annotated[int, Field(ge=2, le=10)] | None
    discount_rate: Annotated[Decimal, Field(ge=0, lt=1)]
    related_parties: Literal["ineligible", "pooled"]
    pools: tuple[Pool, ...]
    given_rates: tuple[GivenRate, ...]
    specific_rates: dict[str, Share]
    adjustments: tuple[Adjustment, ...]
    movements: tuple[Movement, ...]
    accounts: Accounts
    macro: Macro | None
    practical_expedient: bool
    public_business_entity: bool
    subsequent_collections: SubsequentCollections | None

    @model_validator(mode="after")
    def pools_take_everybody_once(self) -> Self:
        """Refuse pools of one name twice, a last one that does not take everybody, or names that are taken."""
        names = [pool.pool for pool in self.pools]
        if not names or self.pools[-1].where or any(not pool.where for pool in self.pools[:-1]):
            raise ValueError("the last pool, and no other, must take everybody: leave out its `where`")
        if len(set(names)) != len(names) or {WHOLE_BOOK, "specific", "ineligible"} & set(names):
            raise ValueError("pool names must differ, and not be specific, ineligible or (book)")
        if set(names) & {pool.parent for pool in self.pools}:
            raise ValueError("a parent is a name of its own, for all pools that have it")
        return self

    @model_validator(mode="after")
    def standards_allow_it(self) -> Self:
        """Refuse what ASU 2025-05 and IFRS 9 do not allow, and specific rates of unknown kinds."""
        if self.practical_expedient and self.framework == "ifrs":
            raise ValueError("the practical expedient is of ASC 326 (ASU 2025-05); IFRS 9 has none")
        later = self.subsequent_collections
        if later and (self.framework == "ifrs" or self.public_business_entity or not self.practical_expedient):
            raise ValueError(
                "subsequent_collections needs the practical expedient, and is neither for a public business entity nor"
                " under IFRS 9"
            )
        if set(self.specific_rates) != set(SPECIFIC_KINDS):
            raise ValueError(f"specific_rates must name {', '.join(SPECIFIC_KINDS)}, and nothing else")
        return self

    def row(self) -> dict[str, Any]:
        """The settings that SQL reads, for the one row of `staging.policy`."""
        read = {"framework", "lost_after_days", "look_back_months", "related_parties"}
        later = self.subsequent_collections
        return {
            **self.model_dump(include=read),
            "oldest_loss_day": self.lost_after_days + 1,
            "evaluation_date": later and later.evaluation_date,
            "ageing_at": later.ageing_at if later else "balance_sheet_date",
        }

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The settings that SQL reads as tables of staging: rules in order, kinds of events, accounts, other movements.

        A provision debits the expense.
        """
        rules = [(pool.pool, rule) for pool in self.pools for rule in pool.where or (Rule(),)]
        return {
            "pool_rules": [
                {"rule_order": order, "pool": pool, **rule.model_dump()} for order, (pool, rule) in enumerate(rules, 1)
            ],
            "specific_kinds": [{"kind": kind, "default_loss_rate": rate} for kind, rate in self.specific_rates.items()],
            "allowance_accounts": [
                {"account": self.accounts.expense, "side": 1},
                {"account": self.accounts.allowance, "side": -1},
            ],
            "allowance_movements": [one.model_dump() for one in self.movements],
        }

    def methods(self) -> dict[str, Method]:
        """How the rates of each pool are made."""
        return {pool.pool: pool.method or self.method for pool in self.pools}

    def parents(self) -> dict[str, str]:
        """From whom each pool borrows: its parent, and each parent from the whole book."""
        own = {pool.pool: pool.parent or WHOLE_BOOK for pool in self.pools}
        return {**dict.fromkeys({parent for parent in own.values() if parent != WHOLE_BOOK}, WHOLE_BOOK), **own}
