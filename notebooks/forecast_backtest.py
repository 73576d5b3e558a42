"""What was forecast, and what came: the fan of three origins beside what came, and the model beside simple rules."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What was forecast, and what came")


@app.cell
def _():
    import os
    from datetime import timedelta
    from pathlib import Path

    import marimo as mo
    import polars as pl
    from plotly.subplots import make_subplots

    from assets.published import newest

    book = newest(Path(os.environ.get("RECEIVABLES_HOME", "demo")))
    mo.md(f"# What was forecast, and what came\n\nAs of {book.manifest['as_of']}, run {book.manifest['run_id']}.")
    return book, make_subplots, mo, pl, timedelta


@app.cell
def _(book, mo):
    accuracy = book.table("forecast_accuracy")
    _scopes = ["total", "open_items"]
    scope = mo.ui.dropdown(_scopes, value=_scopes[0], label="Receipts")
    scope
    return accuracy, scope


@app.cell
def _(accuracy, pl, scope):
    # error over weekly origins, the model beside the rules; a ratio below one is better than the best of them
    beside = (
        accuracy.filter(pl.col("scope") == scope.value, pl.col("grain") == "week", pl.col("horizon_weeks") == "1-4")
        .select("model", "is_champion", "origins", "wape", "bias", "coverage_80", "ratio", "ratio_low", "ratio_high")
        .sort("wape", "model")
    )
    beside
    return (beside,)


@app.cell
def _(book, pl, scope):
    # receipts at the oldest, the middle and the newest origin whose weeks have mostly come
    _served = book.table("cash_forecast").filter(level="total", component="total")["model"].unique().to_list()
    model = _served[0] if _served else ""
    backtest = book.table("forecast_backtest").filter(
        pl.col("scope") == scope.value, pl.col("model") == model, pl.col("entity_id") == ""
    )
    _weeks = backtest.group_by("origin").agg(pl.col("actual").count().alias("weeks")).filter(pl.col("weeks") > 0)
    _whole = _weeks.filter(pl.col("weeks") == pl.col("weeks").max())["origin"].sort().to_list()
    origins = [_whole[0], _whole[len(_whole) // 2], _whole[-1]] if len(_whole) > 2 else _whole
    return backtest, model, origins


@app.cell
def _(backtest, book, make_subplots, origins, timedelta):
    _titles = [f"from {day}" for day in origins]
    fans = make_subplots(rows=1, cols=max(len(origins), 1), shared_yaxes=True, subplot_titles=_titles)
    _bands = (("p025", "p975", "rgba(0,114,178,.15)", "95 %"), ("p10", "p90", "rgba(0,114,178,.35)", "80 %"))
    for _place, _origin in enumerate(origins, start=1):
        _rows = backtest.filter(origin=_origin).sort("horizon_week")
        _ends = [_origin + timedelta(days=7 * week) for week in _rows["horizon_week"]]
        _at = {"row": 1, "col": _place}
        for _low, _high, _shade, _share in _bands:
            fans.add_scatter(
                x=_ends + _ends[::-1], y=_rows[_high].to_list() + _rows[_low].reverse().to_list(), fill="toself",
                fillcolor=_shade, line={"width": 0}, name=f"{_share} of draws", legendgroup=_share,
                showlegend=_place == 1, **_at,
            )  # fmt: skip
        for _name, _label, _line in (
            ("mean", "expected", {"color": "#0072B2", "dash": "dash"}),
            ("actual", "came", {"color": "black", "width": 2}),
        ):
            fans.add_scatter(
                x=_ends, y=_rows[_name].to_list(), name=_label, line=_line, legendgroup=_label,
                showlegend=_place == 1, **_at,
            )  # fmt: skip
    _unit = ", ".join(book.table("cash_forecast")["base_currency"].unique().drop_nulls().sort().to_list())
    fans.update_layout(title="Receipts by week: what was expected, and what came", plot_bgcolor="white")
    fans.update_layout(legend={"orientation": "h", "y": -0.15})
    fans.update_yaxes(rangemode="tozero", gridcolor="rgb(225, 225, 225)", tickformat=",")
    fans.update_yaxes(title=_unit, col=1)
    fans
    return (fans,)


if __name__ == "__main__":
    app.run()
