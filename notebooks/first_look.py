# %% [markdown]
# # A first look at a publication
#
# Notebooks read publications only: the Parquet files of the newest good one, never the working file.
# Run it as a script, or open it as a notebook in any editor that knows `# %%` cells:
#
#     RECEIVABLES_HOME=demo python notebooks/first_look.py

# %%
import json
import os
from pathlib import Path

import plotly.express as px
import polars as pl

home = Path(os.environ.get("RECEIVABLES_HOME", "demo"))
latest = json.loads((home / "publications" / "latest.json").read_text(encoding="utf-8"))
tables = home / "publications" / latest["path"] / "tables"
print(f"as of {latest['as_of']}, run {latest['run_id']}")

# %% What is open, by age: credits and receipts that nobody has applied stand apart.
ageing = (
    pl.read_parquet(tables / "aging.parquet")
    .filter(view="separate")
    .group_by("currency", "bucket_order", "aging_bucket")
    .agg(pl.col("item_count").sum(), pl.col("open_amount").sum())
    .sort("currency", "bucket_order")
)
print(ageing)

# %% How the ageing came to be, month by month, in the currency with most items.
currency = ageing.group_by("currency").agg(pl.col("item_count").sum()).sort("item_count", "currency")["currency"][-1]
monthly = (
    pl.read_parquet(tables / "aging_monthly.parquet")
    .filter(currency=currency)
    .group_by("month_end", "bucket_order", "aging_bucket")
    .agg(pl.col("open_amount").sum().cast(pl.Float64))
    .sort("month_end", "bucket_order")
)
figure = px.bar(
    monthly.to_pandas(),
    x="month_end",
    y="open_amount",
    color="aging_bucket",
    title=f"Open items at month-end by days past due, {currency}",
    labels={"month_end": "", "open_amount": currency, "aging_bucket": "days past due"},
    color_discrete_sequence=px.colors.sequential.Blues[2:],  # the later, the darker
)
figure.write_html(Path(os.environ.get("RECEIVABLES_NOTEBOOK_OUTPUT", ".")) / "ageing.html", include_plotlyjs=True)

# %% DSO on every definition, with the two sides that make it.
print(
    pl.read_parquet(tables / "dso.parquet")
    .filter(pl.col("period_end") == pl.col("as_of"), currency=currency)
    .select("entity_id", "definition", "days", "receivables", "sales", "flag")
    .sort("entity_id", "definition")
)
