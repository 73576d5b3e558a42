"""What may be chosen about a forecast, with what was measured to work.

Belongs here: numbers that several methods share. Does not: what only one method knows.
"""

from __future__ import annotations

from dataclasses import dataclass

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
