"""What may be chosen about a forecast, by finance and by what was measured to work.

Belongs here: the policy's settings, and numbers that several methods share. Does not: what only one method knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from models.contract import Strict
from models.forecasts.calendar import closed_days

OWN = "empirical_bayes"
"""The default model."""
GLM, LIGHTGBM = "glm", "lightgbm"
CHALLENGERS = (GLM, LIGHTGBM)


@dataclass(frozen=True)
class ForecastSettings:
    """Settings of the empirical-Bayes forecast; days are business days unless named otherwise."""

    half_life_days: float = 130.0
    group_strength: float = 40.0
    payer_strength: float = 6.0
    group_exits: float = 2.0
    payer_exits: float = 0.5
    amount_weight: float = 0.3
    weekday_strength: float = 30.0
    month_position_strength: float = 100.0
    recent_half_life_days: float = 20.0
    recent_strength: float = 200.0
    recent_fade_days: float = 60.0
    horizon_weeks: int = 13
    longest_days: int = 130
    draws: int = 400
    payer_correlation: float = 0.25
    shared_correlation: float = 0.02
    seed: int = 20_200_930
    model: str = OWN
    """Whose hazards are served: the default's, or those of a challenger (`challengers`)."""
    challengers: tuple[str, ...] = ()
    """Those that the backtest runs beside the default."""


class Forecast(Strict):
    """Of what, from how much and how far back receipts are forecast, as the policy says."""

    calendar: str | None
    entity_calendars: dict[str, str | None]
    fewest_settled: int
    origins: int
    challengers: list[Literal["glm", "lightgbm"]]
    draws: int
    largest_payers: int
    swing_items: int
    smallest_exposure: Annotated[Decimal, Field(ge=0)]

    @model_validator(mode="after")
    def calendars_exist(self) -> Self:
        """Refuse a calendar whose holidays nobody knows."""
        for code in self.calendars():
            closed_days(code, date(2026, 1, 1), date(2026, 12, 31))
        return self

    def calendars(self) -> list[str | None]:
        """The calendars by their numbers: first that of every entity without its own."""
        others = set(self.entity_calendars.values()) - {self.calendar}
        return [self.calendar, *sorted(others, key=lambda code: code or "")]

    def calendar_rows(self) -> list[dict[str, Any]]:
        """The calendars of single entities as `staging.entity_calendars`."""
        numbers = {code: number for number, code in enumerate(self.calendars())}
        return [
            {"entity_id": entity_id, "calendar_number": numbers[code], "calendar_code": code or ""}
            for entity_id, code in sorted(self.entity_calendars.items())
        ]
