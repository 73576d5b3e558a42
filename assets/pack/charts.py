"""The charts of the page as Plotly figures: what came is solid, what is expected hatched, and one palette throughout.

A figure is plain data here; which block it draws and what is said above it belongs to `page`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from assets.pack.cells import in_words
from assets.pack.native_charts import PALETTE

Figure = dict[str, Any]
FONT = {"family": "system-ui, Segoe UI, DejaVu Sans, sans-serif", "size": 13, "color": "#1a1a1a"}
LEAST = Decimal("0.005")
GREY, GREEN, RED = "#595959", "#009E73", "#D55E00"


def _numbers(column: pl.Series) -> list[float | None]:
    return [None if value is None else float(value) for value in column]


def _layout(unit: str, **settings: Any) -> Figure:
    """The frame that all charts share; `unit` stands at the axis."""
    return {
        "font": FONT,
        "paper_bgcolor": "#fff",
        "plot_bgcolor": "#fff",
        "margin": {"l": 90, "r": 20, "t": 50, "b": 90},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"type": "category", "tickangle": -45, "automargin": True},
        "yaxis": {
            "title": {"text": unit, "standoff": 12},
            "automargin": True,
            "gridcolor": "#e3e3e3",
            "zerolinecolor": "#777",
            "tickformat": ",",
        },
        **settings,
    }


def _labels(column: pl.Series) -> list[str]:
    return [in_words(str(value)) for value in column]


def stacked(frame: pl.DataFrame, x: str, series: Sequence[str], unit: str) -> Figure:
    """Columns of parts upon one another, what is credited below zero."""
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": _labels(frame[x]),
            "y": _numbers(frame[name]),
            "marker": {"color": PALETTE[number % len(PALETTE)]},
        }
        for number, name in enumerate(series)
    ]
    return {"data": bars, "layout": _layout(unit, barmode="relative")}


def lines(frame: pl.DataFrame, x: str, series: Sequence[str], unit: str) -> Figure:
    """Lines, each with its own dash, so that no colour is needed to tell them apart."""
    dashes = ("solid", "dash", "dot", "dashdot")
    drawn = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name.replace("_", " "),
            "x": _labels(frame[x]),
            "y": _numbers(frame[name]),
            "line": {"color": PALETTE[number % len(PALETTE)], "dash": dashes[number % len(dashes)]},
        }
        for number, name in enumerate(series)
    ]
    return {"data": drawn, "layout": _layout(unit)}


def fan(frame: pl.DataFrame, unit: str) -> Figure:
    """Weeks that came, solid; weeks expected, hatched; the range of 80 % around them; what was forecast a week
    before."""
    weeks = _labels(frame["week_end"])
    ahead = frame.filter(pl.col("kind") == "forecast")
    far = _labels(ahead["week_end"])
    hatched = {"color": PALETTE[0], "pattern": {"shape": "/", "fillmode": "replace", "fgcolor": PALETTE[0]}}
    edge = {"type": "scatter", "mode": "lines", "x": far, "line": {"color": "#8a5a00", "width": 1}}
    before = {"symbol": "diamond-open", "size": 9, "color": "#000"}
    data = [
        {"type": "bar", "name": "actual", "x": weeks, "y": _numbers(frame["actual"]), "marker": {"color": PALETTE[0]}},
        {"type": "bar", "name": "expected", "x": weeks, "y": _numbers(frame["expected"]), "marker": hatched},
        {**edge, "name": "P10", "y": _numbers(ahead["p10"]), "showlegend": False},
        {
            **edge,
            "name": "P10 to P90",
            "y": _numbers(ahead["p90"]),
            "fill": "tonexty",
            "fillcolor": "rgba(230,159,0,.25)",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "forecast of a week before",
            "x": weeks,
            "y": _numbers(frame["forecast_week_before"]),
            "marker": before,
        },
    ]
    return {"data": data, "layout": _layout(unit, barmode="overlay")}


def waterfall(frame: pl.DataFrame, unit: str) -> Figure:
    """From the first level to the last; steps that move less than a cent are left to the table."""
    ends = (0, frame.height - 1)
    steps = [
        (step, amount, place in ends)
        for place, (step, amount) in enumerate(zip(frame["step"], frame["amount_base"], strict=True))
        if place in ends or abs(amount) >= LEAST
    ]
    drawn = {
        "type": "waterfall",
        "x": [in_words(step) for step, _, _ in steps],
        "y": [float(amount) for _, amount, _ in steps],
        "measure": ["absolute" if level else "relative" for _, _, level in steps],
        "increasing": {"marker": {"color": GREEN}},
        "decreasing": {"marker": {"color": RED}},
        "totals": {"marker": {"color": GREY}},
        "text": [f"{amount:,.0f}" for _, amount, _ in steps],
        "textposition": "outside",
        "cliponaxis": False,
    }
    return {"data": [drawn], "layout": _layout(unit, showlegend=False)}


def heat_map(frame: pl.DataFrame, x: str) -> Figure:
    """A month a column, a bucket a row, its share in words in each cell as well as in colour."""
    buckets = [name for name in frame.columns if name != x]
    values = [_numbers(frame[name]) for name in buckets]
    drawn = {
        "type": "heatmap",
        "x": _labels(frame[x]),
        "y": buckets,
        "z": values,
        "zmin": 0,
        "zmax": 1,
        "colorscale": "Cividis",
        "reversescale": True,
        "texttemplate": "%{z:.0%}",
        "colorbar": {"tickformat": ".0%"},
        "xgap": 1,
        "ygap": 1,
    }
    layout = _layout("bucket")
    return {"data": [drawn], "layout": {**layout, "yaxis": {"type": "category", "automargin": True}}}
