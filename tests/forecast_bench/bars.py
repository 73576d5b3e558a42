"""The table of bars on a real ledger: `python -m tests.forecast_bench.bars <folder> b2b_brl sap_extract`.

Belongs here: which figure stands beside which bar. Does not: how it is measured (`models.forecasts.accuracy_frame`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

from models.forecasts.accuracy import ratio_interval
from models.forecasts.accuracy_frame import complete, errors_by_origin, forecast_accuracy, ratio_to
from models.forecasts.calibration import calibrate
from models.forecasts.settings import CHALLENGERS, OWN
from tests.forecast_bench.run import read

OPEN_BARS = (
    ("due_date", ".50"),
    ("due_date_mean", ".60"),
    ("due_date_rolled", "-"),
    ("due_date_mean_rolled", "-"),
    ("due_date_median", "-"),
    ("due_date_median_rolled", "-"),
    ("kaplan_meier", "-"),
)
SERIES = ("auto_ets", "auto_arima", "auto_theta", "mean_8_weeks")


def line(name: str, found: tuple[float, float, float], bar: str) -> str:
    """One bar: the figure, its 95 % interval, and what is to be reached."""
    return f"  {name:58s} {found[0]:.3f} [{found[1]:.3f}, {found[2]:.3f}]  bar {bar}"


def of_items(items: pl.DataFrame, measure: str, model: str = OWN) -> tuple[float, float, float]:
    """A measure of items over that of the payer's median, over origins."""
    wide = (
        items.with_columns(total=pl.col(measure) * pl.col("item_count"))
        .pivot("model", index="origin", values="total")
        .sort("origin")
    )
    return ratio_interval(wide[model].to_numpy(), wide["due_date_median"].to_numpy(), 0)


def covered(rows: pl.DataFrame, first: int, last: int, low: str, high: str) -> tuple[float, float, float]:
    """Coverage of weeks first to last, over origins."""
    done = rows.filter(
        (pl.col("model") == OWN) & pl.col("horizon_week").is_between(first, last) & pl.col("actual").is_not_null()
    )
    per = (
        done.group_by("origin")
        .agg(hit=pl.col("actual").is_between(pl.col(low), pl.col(high)).sum(), n=pl.len())
        .sort("origin")
    )
    return ratio_interval(per["hit"].to_numpy().astype(float), per["n"].to_numpy().astype(float), 0)


def bars(name: str, folder: Path) -> list[str]:
    """All bars of a book."""
    rows, items = read(name, folder)
    calibrated = calibrate(rows)
    opened, total = calibrated.filter(pl.col("scope") == "open_items"), calibrated.filter(pl.col("scope") == "total")
    best = min(
        SERIES, key=lambda rule: errors_by_origin(complete(total.filter(pl.col("model") == rule), 1, 13))["error"].sum()
    )
    found = [f"{name}: {rows['origin'].n_unique()} origins, {rows['origin'].min()} to {rows['origin'].max()}"]
    for rule, bar in OPEN_BARS:
        found.append(line(f"open book WAPE 1-4 / {rule}", ratio_to(opened, OWN, rule, 1, 4), bar))
    found.append(line("item CRPS / median", of_items(items, "crps"), ".65"))
    found.append(line("item days MAE / median", of_items(items, "days_mae"), "< .90"))
    for rule in (*SERIES, "last_year"):
        found.append(
            line(f"total WAPE 1-4 / {rule}", ratio_to(total, OWN, rule, 1, 4), ".70" if rule == "auto_ets" else "-")
        )
    for rule in (*SERIES, "last_year"):
        found.append(
            line(
                f"total WAPE 1-13 / {rule}" + (" (best)" if rule == best else ""),
                ratio_to(total, OWN, rule, 1, 13),
                ".85" if rule == best else "-",
            )
        )
    return found + of_challengers(opened, items) + of_intervals(rows, opened, total)


def of_challengers(opened: pl.DataFrame, items: pl.DataFrame) -> list[str]:
    """The challengers among the models, beside the rules and the default."""
    found = []
    for model in (name for name in CHALLENGERS if name in set(opened["model"])):
        for rule, bar in (("due_date", ".40"), ("due_date_mean", ".50"), (OWN, "-")):
            found.append(line(f"{model}: open book WAPE 1-4 / {rule}", ratio_to(opened, model, rule, 1, 4), bar))
        found.append(line(f"{model}: item CRPS / median", of_items(items, "crps", model), ".65"))
        found.append(line(f"{model}: item days MAE / median", of_items(items, "days_mae", model), "< .90"))
    return found


def of_intervals(rows: pl.DataFrame, opened: pl.DataFrame, total: pl.DataFrame) -> list[str]:
    """Coverage by scope, before and after calibration."""
    found = []
    for label, part, last in (
        ("open book, weeks 1-6", opened, 6),
        ("total, weeks 1-13", total, 13),
        ("total, weeks 1-4", total, 4),
    ):
        found.append(
            line(f"80 % coverage, {label}", covered(part, 1, last, "p10", "p90"), ".76-.84" if last == 6 else ".75-.85")
        )
        found.append(line(f"95 % coverage, {label}", covered(part, 1, last, "p025", "p975"), "-"))
        found.append(
            line(
                f"80 % coverage before calibration, {label}",
                covered(rows.filter(pl.col("scope") == part["scope"][0]), 1, last, "p10", "p90"),
                "-",
            )
        )
    return found


def main(folder: Path, names: list[str]) -> None:
    """Print bars, then all measures."""
    for name in names:
        print("\n".join(bars(name, folder)))
        rows, items = read(name, folder)
        table = (
            forecast_accuracy(calibrate(rows), items)
            .select(
                "scope",
                "horizon_weeks",
                "model",
                "origins",
                "wape",
                "net_error",
                "bias",
                "mase",
                "coverage_80",
                "coverage_95",
                "noise_floor",
                "item_crps",
                "days_mae",
                "brier_7",
                "brier_14",
                "brier_30",
            )
            .filter(pl.col("horizon_weeks").is_in(["1-4", "5-13", "1-13"]))
        )
        with pl.Config(
            tbl_rows=-1,
            tbl_cols=-1,
            tbl_width_chars=220,
            float_precision=3,
            tbl_hide_dataframe_shape=True,
            tbl_formatting="NOTHING",
        ):
            print(table)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(Path(sys.argv[1]), sys.argv[2:])
