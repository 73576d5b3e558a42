# %% [markdown]
# # What was forecast, and what came
#
# The newest publication's look back: the fan of three origins beside what came, and the model beside the simple rules.
#
#     RECEIVABLES_HOME=demo python notebooks/forecast_backtest.py

# %%
import json
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
from plotly.subplots import make_subplots

home = Path(os.environ.get("RECEIVABLES_HOME", "demo"))
latest = json.loads((home / "publications" / "latest.json").read_text(encoding="utf-8"))
tables = home / "publications" / latest["path"] / "tables"
print(f"as of {latest['as_of']}, run {latest['run_id']}")

# %% Error over weekly origins, the model beside the rules; a ratio below one is better than the best of them.
accuracy = pl.read_parquet(tables / "forecast_accuracy.parquet")
print(
    accuracy.filter(grain="week", horizon_weeks="1-4")
    .select("scope", "model", "origins", "wape", "bias", "coverage_80", "ratio", "ratio_low", "ratio_high")
    .sort("scope", "wape")
)

# %% All receipts at the oldest, the middle and the newest origin whose weeks have mostly come.
backtest = pl.read_parquet(tables / "forecast_backtest.parquet").filter(scope="total", model="empirical_bayes")
whole = (
    backtest.group_by("origin").agg(pl.col("actual").count().alias("weeks")).filter(pl.col("weeks") > 0).sort("origin")
)
grown = whole.filter(pl.col("weeks") == whole["weeks"].max())["origin"].to_list() if whole.height else []
origins = [grown[0], grown[len(grown) // 2], grown[-1]] if len(grown) > 2 else grown
figure = make_subplots(
    rows=1, cols=max(len(origins), 1), shared_yaxes=True, subplot_titles=[f"from {o}" for o in origins]
)
for column, origin in enumerate(origins, start=1):
    rows = backtest.filter(origin=origin).sort("horizon_week")
    week = [origin + timedelta(days=7 * step) for step in rows["horizon_week"]]
    for low, high, shade in (("p025", "p975", "rgba(31, 90, 140, 0.15)"), ("p10", "p90", "rgba(31, 90, 140, 0.35)")):
        name = "95 % of draws" if low == "p025" else "80 % of draws"
        band = [float(value) for value in rows[high]] + [float(value) for value in rows[low].reverse()]
        figure.add_scatter(
            x=week + week[::-1], y=band, fill="toself", fillcolor=shade, line={"width": 0}, name=name,
            legendgroup=name, showlegend=column == 1, row=1, col=column,
        )  # fmt: skip
    mean, actual = ([None if value is None else float(value) for value in rows[name]] for name in ("mean", "actual"))
    line = {"color": "rgb(31, 90, 140)", "dash": "dash"}
    figure.add_scatter(
        x=week, y=mean, name="expected", line=line, legendgroup="expected", showlegend=column == 1, row=1, col=column
    )
    solid = {"color": "black", "width": 2}
    figure.add_scatter(
        x=week, y=actual, name="came", line=solid, mode="lines+markers", legendgroup="came", showlegend=column == 1,
        row=1, col=column,
    )  # fmt: skip
said = accuracy.filter(scope="total", model="empirical_bayes", grain="week", horizon_weeks="1-4")
title = "Receipts by week: what was expected, and what came"
if said.height:
    title += f" (error of weeks 1-4: {said['wape'][0]:.0%}; 80 % intervals held {said['coverage_80'][0]:.0%})"
figure.update_layout(title=title, plot_bgcolor="white", legend={"orientation": "h", "y": -0.15})
currency = pl.read_parquet(tables / "cash_forecast.parquet")["base_currency"].unique().to_list()
figure.update_yaxes(rangemode="tozero", gridcolor="rgb(225, 225, 225)")
figure.update_yaxes(title=", ".join(currency), col=1)
figure.write_html(
    Path(os.environ.get("RECEIVABLES_NOTEBOOK_OUTPUT", ".")) / "forecast_backtest.html", include_plotlyjs=True
)
