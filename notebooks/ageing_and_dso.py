"""Ageing and DSO of the newest publication: what is open by age, how it came to be, and every definition of DSO."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Ageing and DSO")


@app.cell
def _():
    import os
    from pathlib import Path

    import marimo as mo
    import plotly.graph_objects as go
    import polars as pl

    from assets.pack.native_charts import PALETTE
    from assets.published import newest

    book = newest(Path(os.environ.get("RECEIVABLES_HOME", "demo")))
    mo.md(f"# Ageing and DSO\n\nAs of {book.manifest['as_of']}, run {book.manifest['run_id']}.")
    return PALETTE, book, go, mo, pl


@app.cell
def _(book, mo, pl):
    _open = book.table("aging").filter(view="separate").group_by("currency").agg(pl.col("item_count").sum())
    currencies = _open.sort("item_count", "currency", descending=[True, False])["currency"].to_list()
    currency = mo.ui.dropdown(currencies, value=currencies[0] if currencies else None, label="Currency")
    currency
    return (currency,)


@app.cell
def _(book, currency, pl):
    # credits and receipts that nobody has applied stand apart
    ageing = (
        book.table("aging")
        .filter(pl.col("view") == "separate", pl.col("currency") == currency.value)
        .group_by("bucket_order", "aging_bucket")
        .agg(pl.col("item_count", "open_amount").sum())
        .sort("bucket_order")
    )
    ageing
    return (ageing,)


@app.cell
def _(PALETTE, book, currency, go, pl):
    _months = (
        book.table("aging_monthly")
        .filter(pl.col("currency") == currency.value)
        .group_by("month_end", "bucket_order", "aging_bucket")
        .agg(pl.col("open_amount").sum().cast(pl.Float64))
        .sort("bucket_order", "month_end")
    )
    ageing_by_month = go.Figure()
    for _number, (_bucket, _rows) in enumerate(_months.group_by("aging_bucket", maintain_order=True)):
        ageing_by_month.add_bar(
            x=_rows["month_end"].to_list(),
            y=_rows["open_amount"].to_list(),
            name=_bucket[0],
            marker_color=PALETTE[_number % len(PALETTE)],
        )
    ageing_by_month.update_layout(
        barmode="relative",
        title=f"Open at month-ends by days past due, {currency.value}",
        yaxis={"title": currency.value, "tickformat": ",", "gridcolor": "#e3e3e3"},
        plot_bgcolor="white",
    )
    ageing_by_month
    return (ageing_by_month,)


@app.cell
def _(book, currency, mo, pl):
    days = book.table("dso").filter(pl.col("currency") == currency.value)
    _now = days.filter(pl.col("definition") == "simple_90", pl.col("period_end") == pl.col("as_of"))
    _entities = _now.sort("receivables", "entity_id", descending=[True, False])["entity_id"].to_list()
    entity = mo.ui.dropdown(_entities, value=_entities[0] if _entities else None, label="Entity")
    entity
    return days, entity


@app.cell
def _(PALETTE, days, entity, go, pl):
    _own = days.filter(pl.col("entity_id") == entity.value).sort("period_end")
    dso_by_month = go.Figure()
    for _number, _definition in enumerate(("simple_90", "best_possible_90", "average_days_delinquent_90", "countback")):
        _rows = _own.filter(definition=_definition)
        dso_by_month.add_scatter(
            x=_rows["period_end"].to_list(),
            y=_rows["days"].to_list(),
            name=_definition.replace("_", " "),
            mode="lines+markers",
            line={"color": PALETTE[_number], "dash": ("solid", "dash", "dot", "dashdot")[_number]},
        )
    dso_by_month.update_layout(
        title=f"DSO by definition, {entity.value}",
        yaxis={"title": "days", "gridcolor": "#e3e3e3", "rangemode": "tozero"},
        plot_bgcolor="white",
    )
    dso_by_month
    return (dso_by_month,)


@app.cell
def _(days, entity, pl):
    # both sides of every definition on the day, and what is left out
    sides = (
        days.filter(pl.col("entity_id") == entity.value, pl.col("period_end") == pl.col("as_of"))
        .select("definition", "days", "receivables", "sales", "excluded_amount", "flag")
        .sort("definition")
    )
    sides
    return (sides,)


if __name__ == "__main__":
    app.run()
