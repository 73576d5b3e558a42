"""`forecast_accuracy`: measures over origins, and what they are beside the simple rules.

Belongs here: which rows go into a measure. Does not: the formulas (`accuracy`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from models.forecasts.accuracy import bias, coverage, crps_of_quantiles, mase, net_error, ratio_interval, wape, winkler
from models.forecasts.settings import CHALLENGERS, OWN
from models.forecasts.simulation import LEVELS, QUANTILES

if TYPE_CHECKING:
    from models.forecasts.backtest import LookedBack

HORIZONS = ((1, 1), (1, 4), (1, 6), (5, 13), (1, 13))
ITEM_MEASURES = ("crps", "days_mae", "brier_7", "brier_14", "brier_30")


def complete(rows: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Rows of horizons first to last of the origins all of whose weeks in between have come."""
    inside = rows.filter(pl.col("horizon_week").is_between(first, last))
    whole = inside.group_by("origin").agg(pl.col("actual").is_null().any().alias("open")).filter(~pl.col("open"))
    return inside.join(whole.select("origin"), on="origin", how="semi").sort("origin", "horizon_week")


def errors_by_origin(rows: pl.DataFrame) -> pl.DataFrame:
    """`origin`, `error` (sum of absolute errors), `actual`: what ratios are bootstrapped over."""
    error = (pl.col("actual") - pl.col("mean")).abs().sum()
    return rows.group_by("origin").agg(error=error, actual=pl.col("actual").sum()).sort("origin")


def ratio_to(
    rows: pl.DataFrame, model: str, rule: str, first: int, last: int, seed: int = 0
) -> tuple[float, float, float]:
    """WAPE of a model over that of a rule, over the same origins, with its 95 % interval. `rows` of one scope."""
    done = complete(rows, first, last)
    ours = errors_by_origin(done.filter(pl.col("model") == model))
    theirs = errors_by_origin(done.filter(pl.col("model") == rule))
    both = ours.join(theirs, on="origin", suffix="_rule").sort("origin")
    return ratio_interval(both["error"].to_numpy(), both["error_rule"].to_numpy(), seed)


def measures(part: pl.DataFrame) -> dict[str, float | None]:
    """Measures of one scope, horizon and model; those of intervals are empty where it gives none."""
    actual, mean = part["actual"].to_numpy(), part["mean"].to_numpy()
    first = part.filter(pl.col("horizon_week") == part["horizon_week"].min()).sort("origin")["actual"].to_numpy()
    found: dict[str, float | None] = {
        "wape": wape(actual, mean),
        "net_error": net_error(actual, mean),
        "bias": bias(actual, mean),
        "mase": mase(actual, mean, first),
    }
    names = ("crps", "winkler_80", "coverage_80", "coverage_95", "noise_floor")
    if part["p50"].null_count():
        return found | dict.fromkeys(names)
    low, high = part["p10"].to_numpy(), part["p90"].to_numpy()
    crps = crps_of_quantiles(actual, part.select(QUANTILES).to_numpy(), np.array(LEVELS)).mean()
    floor = (
        part["noise_floor"].sum() / max(np.abs(actual).sum(), 1e-12) if not part["noise_floor"].null_count() else None
    )
    outer = coverage(actual, part["p025"].to_numpy(), part["p975"].to_numpy())
    return found | dict(
        zip(
            names,
            (float(crps), winkler(actual, low, high, 0.8), coverage(actual, low, high), outer, floor),
            strict=True,
        )
    )


def forecast_accuracy(rows: pl.DataFrame, items: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """`forecast_accuracy` from calibrated `forecast_backtest` rows and rows of items (`backtest.backtest`).

    `horizon_weeks` as text (1-4); `best_baseline`: the rule of the lowest WAPE in scope and horizon; `ratio`,
    `ratio_low`,
    `ratio_high`: of each model's WAPE to it. Measures of items stand at scope open_items, horizon 1-13.
    """
    found = []
    for (scope,), part in sorted(rows.partition_by("scope", as_dict=True).items()):
        for first, last in HORIZONS:
            done = complete(part, first, last)
            if not done.height:
                continue
            models = {
                name: measures(done.filter(pl.col("model") == name))
                for name in sorted(done["model"].unique().to_list())
            }
            rules = {name: values["wape"] for name, values in models.items() if values["crps"] is None}
            best = min(rules, key=lambda name: rules[name] or 0.0)
            for name, values in models.items():
                ratio, low, high = ratio_to(part, name, best, first, last, seed)
                found.append(
                    {
                        "scope": scope,
                        "grain": "week",
                        "horizon_weeks": f"{first}-{last}",
                        "model": name,
                        "origins": done["origin"].n_unique(),
                        **values,
                        "best_baseline": best,
                        "ratio": ratio,
                        "ratio_low": low,
                        "ratio_high": high,
                    }
                )
    frame = pl.DataFrame(found, infer_schema_length=None).fill_nan(None)
    return frame.join(item_means(items), on=["scope", "horizon_weeks", "model"], how="left") if items.height else frame


def accuracy(calibrated: pl.DataFrame, looked: LookedBack) -> pl.DataFrame:
    """`forecast_accuracy` at every grain, from calibrated rows of weeks and what was measured of the origins."""
    weeks = forecast_accuracy(calibrated, looked.items)
    return pl.concat([weeks, finer_accuracy(looked.finer)], how="diagonal") if looked.finer.height else weeks


def finer_accuracy(origins: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """Rows of `forecast_accuracy` at the grains of `grains.errors`; at the grain of days, horizons are days.

    `best_baseline` is the rule, not a model of our own, of the lowest WAPE; ratios as of `forecast_accuracy`.
    """
    found = []
    keys = ["scope", "grain", "horizon_weeks"]
    for key, part in sorted(origins.partition_by(keys, as_dict=True).items()):
        sums = part.group_by("model").agg(pl.col("missed", "expected", "came").sum()).sort("model")
        rules = sums.filter(~pl.col("model").is_in([OWN, *CHALLENGERS])).sort("missed", "model")
        best = rules["model"][0]
        by_model = part.sort("origin").partition_by("model", as_dict=True)
        missed = {name: rows["missed"].to_numpy() for (name,), rows in by_model.items()}
        for model, off, expected, came in sums.iter_rows():
            ratio, low, high = ratio_interval(missed[model], missed[best], seed)
            whole = max(came, 1e-12)
            found.append(
                dict(zip(keys, key, strict=True))
                | {"model": model, "origins": part["origin"].n_unique(), "wape": off / whole}
                | {"net_error": abs(expected - came) / whole, "bias": (expected - came) / whole}
                | {"best_baseline": best, "ratio": ratio, "ratio_low": low, "ratio_high": high}
            )
    return pl.DataFrame(found)


def item_means(items: pl.DataFrame) -> pl.DataFrame:
    """Measures of items over origins, each weighing as many items as were open."""
    weight = pl.col("item_count") / pl.col("item_count").sum()
    columns = {("item_crps" if name == "crps" else name): (pl.col(name) * weight).sum() for name in ITEM_MEASURES}
    means = items.group_by("model").agg(**columns)
    return means.with_columns(scope=pl.lit("open_items"), horizon_weeks=pl.lit("1-13")).sort("model")
