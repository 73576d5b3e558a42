"""What the allowance rests on: its rates by bucket, what other assumptions would make of it, and rates of one's own."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Allowance sensitivity")


@app.cell
def _():
    import os
    from decimal import Decimal
    from pathlib import Path

    import marimo as mo
    import plotly.graph_objects as go
    import polars as pl

    from assets.pack.native_charts import PALETTE
    from assets.published import newest

    book = newest(Path(os.environ.get("RECEIVABLES_HOME", "demo")))
    mo.md(f"# Allowance sensitivity\n\nAs of {book.manifest['as_of']}, run {book.manifest['run_id']}.")
    return Decimal, PALETTE, book, go, mo, pl


@app.cell
def _(book, mo, pl):
    schedule = book.table("allowance_schedule")
    _held = schedule.group_by("entity_id", "currency").agg(pl.col("exposure_base").sum())
    _pairs = _held.sort("exposure_base", "entity_id", "currency", descending=[True, False, False], nulls_last=True)
    _names = [f"{row['entity_id']} {row['currency']}" for row in _pairs.iter_rows(named=True)]
    where = mo.ui.dropdown(_names, value=_names[0] if _names else None, label="Entity and currency")
    where
    return schedule, where


@app.cell
def _(PALETTE, book, go, pl, where):
    # each assumption otherwise, one at a time
    sensitivity = (
        book.table("allowance_sensitivity")
        .filter(pl.concat_str("entity_id", pl.lit(" "), "currency") == where.value)
        .select("assumption", "shock", "allowance", "change")
        .sort("change", "assumption", "shock")
    )
    _labels = [f"{row['assumption']}: {row['shock']}".replace("_", " ") for row in sensitivity.iter_rows(named=True)]
    changes = go.Figure()
    changes.add_bar(
        x=[float(change) for change in sensitivity["change"]], y=_labels, orientation="h", marker_color=PALETTE[0]
    )
    changes.update_layout(
        title=f"The allowance were one assumption another, {where.value}",
        xaxis={
            "title": f"change, {(where.value or '').rpartition(' ')[2]}",
            "tickformat": ",",
            "gridcolor": "#e3e3e3",
            "zerolinecolor": "#777",
        },
        yaxis={"automargin": True},
        plot_bgcolor="white",
        height=max(360, 60 + 24 * len(_labels)),
    )
    changes
    return changes, sensitivity


@app.cell
def _(mo):
    factor = mo.ui.slider(0.5, 3, step=0.1, value=1, label="All rates times", show_value=True)
    factor
    return (factor,)


@app.cell
def _(Decimal, factor, pl, schedule, where):
    # no rate beyond one: more than all cannot be lost
    _own = schedule.filter(pl.concat_str("entity_id", pl.lit(" "), "currency") == where.value)
    stressed = (
        _own.with_columns(
            stressed_rate=pl.min_horizontal(pl.col("rate").cast(pl.Float64) * float(factor.value), pl.lit(1.0))
        )
        .with_columns(stressed_allowance=(pl.col("exposure").cast(pl.Float64) * pl.col("stressed_rate")).round(2))
        .select("pool", "aging_bucket", "exposure", "rate", "allowance", "stressed_rate", "stressed_allowance")
    )
    totals = {
        "allowance": stressed["allowance"].sum() or Decimal(0),
        "stressed_allowance": stressed["stressed_allowance"].sum(),
    }
    stressed
    return stressed, totals


@app.cell
def _(mo, totals):
    mo.md(f"The schedule holds {totals['allowance']:,.2f}; at these rates, {totals['stressed_allowance']:,.2f}.")


if __name__ == "__main__":
    app.run()
