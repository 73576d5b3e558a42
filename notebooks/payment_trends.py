"""How payers pay: who is late by how much, one payer month by month, and whose behaviour changed."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Payment trends")


@app.cell
def _():
    import os
    from pathlib import Path

    import marimo as mo
    import plotly.graph_objects as go
    import polars as pl
    from plotly.subplots import make_subplots

    from assets.pack.native_charts import PALETTE
    from assets.published import newest

    book = newest(Path(os.environ.get("RECEIVABLES_HOME", "demo")))
    mo.md(f"# Payment trends\n\nAs of {book.manifest['as_of']}, run {book.manifest['run_id']}.")
    return PALETTE, book, go, make_subplots, mo, pl


@app.cell
def _(PALETTE, book, go, pl):
    trends = book.table("payment_trends").sort("open_exposure", "payer_id", descending=[True, False])
    _known = trends.filter(pl.col("days_beyond_terms_12m").is_not_null(), pl.col("open_exposure") > 0)
    lateness = go.Figure()
    lateness.add_scatter(
        x=_known["days_beyond_terms_12m"].to_list(),
        y=_known["open_exposure"].cast(pl.Float64).to_list(),
        text=_known["payer_id"].to_list(),
        mode="markers",
        marker={"color": PALETTE[0], "size": 9},
    )
    lateness.update_layout(
        title="What payers owe, by their days beyond terms over 12 months",
        xaxis={"title": "days beyond terms", "gridcolor": "#e3e3e3", "zerolinecolor": "#777"},
        yaxis={"title": "open, in base currency", "tickformat": ",", "type": "log", "gridcolor": "#e3e3e3"},
        plot_bgcolor="white",
    )
    lateness
    return lateness, trends


@app.cell
def _(mo, trends):
    _payers = trends["payer_id"].to_list()
    payer = mo.ui.dropdown(_payers, value=_payers[0] if _payers else None, label="Payer", searchable=True)
    payer
    return (payer,)


@app.cell
def _(PALETTE, book, make_subplots, payer, pl):
    _own = book.table("payer_monthly").filter(pl.col("payer_id") == payer.value)
    _most = _own.group_by("currency").agg(pl.len()).sort("len", "currency", descending=[True, False])
    currency = _most["currency"][0] if _most.height else ""
    months = (
        _own.filter(pl.col("currency") == currency)
        .group_by("period_end")
        .agg(
            pl.col("billed_amount", "collected_amount").sum().cast(pl.Float64),
            pl.col("days_to_pay_weight", "cash_amount", "beyond_terms_weight", "dated_cash_amount").sum(),
        )
        .with_columns(
            days_to_pay=pl.col("days_to_pay_weight").cast(pl.Float64) / pl.col("cash_amount").cast(pl.Float64),
            days_beyond_terms=pl.col("beyond_terms_weight").cast(pl.Float64)
            / pl.col("dated_cash_amount").cast(pl.Float64),
        )
        .fill_nan(None)
        .sort("period_end")
    )
    by_month = make_subplots(rows=2, cols=1, shared_xaxes=True, subplot_titles=[f"{currency} by month", "Days"])
    for _number, _name in enumerate(("billed_amount", "collected_amount")):
        _label = _name.removesuffix("_amount")
        by_month.add_bar(
            x=months["period_end"].to_list(), y=months[_name].to_list(), name=_label, marker_color=PALETTE[_number],
            row=1, col=1,
        )  # fmt: skip
    for _number, _name in enumerate(("days_to_pay", "days_beyond_terms")):
        by_month.add_scatter(
            x=months["period_end"].to_list(), y=months[_name].to_list(), name=_name.replace("_", " "),
            line={"color": PALETTE[_number + 2], "dash": ("solid", "dash")[_number]}, row=2, col=1,
        )  # fmt: skip
    by_month.update_layout(title=f"Payer {payer.value}", plot_bgcolor="white", height=600)
    by_month.update_yaxes(gridcolor="#e3e3e3")
    by_month
    return by_month, currency, months


@app.cell
def _(book):
    # payers that pay later or sooner than they used to, with the evidence
    changes = book.table("behaviour_changes").drop("as_of", "run_id").sort("exposure", "payer_id", descending=True)
    changes
    return (changes,)


if __name__ == "__main__":
    app.run()
