"""How many examples a property is given: few and always the same in `make test`, many and drawn anew in a deep run.

    HYPOTHESIS_PROFILE=deep .venv/bin/python -m pytest tests/properties --hypothesis-seed=1

What is drawn belongs to the tests and to `tests/oracle`. Nothing is registered with Hypothesis: other folders
of tests keep their own settings.
"""

import os

from hypothesis import HealthCheck, Phase, settings

DEEP_EXAMPLES = int(os.environ.get("DEEP_EXAMPLES", "400"))
SLOW_TO_DRAW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def examples(count: int, *, deep: int = DEEP_EXAMPLES) -> settings:
    """The settings of a property: `count` examples by default, `deep` in a deep run, where they depend on the seed."""
    is_deep = os.environ.get("HYPOTHESIS_PROFILE", "default") == "deep"
    return settings(
        max_examples=deep if is_deep else count,
        derandomize=not is_deep,
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=SLOW_TO_DRAW,
    )
