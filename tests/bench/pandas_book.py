"""A book of canonical Parquet files as pandas frames: documents, and applications matched with both of their sides.

Belongs here: reading the columns that the marts need, and what holds on every day. Does not belong here: what is
open on one day (`pandas_version`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from models.staging.currencies import MINOR_UNITS

LONGEST_TERMS = pd.Timedelta(days=400)
NEVER = pd.Timestamp("9999-12-31")
DOCUMENT = ["entity_id", "customer_id", "currency", "posting_date", "due_date", "amount", "functional_amount"]
DATES = ["invoice_date", "posting_date", "due_date", "original_due_date", "voided_on", "payment_date", "credit_date"]
DATES += ["applied_on", "unapplied_on", "rate_date", "valid_from"]
AMOUNTS = ["amount", "functional_amount", "source_amount", "discount_amount", "withheld_amount"]


@dataclass(frozen=True)
class Book:
    """`documents` one row each, `applications` in the order in which they are served, `rates` into the base."""

    documents: pd.DataFrame
    applications: pd.DataFrame
    rates: pd.DataFrame
    base_currency: str


def read_book(folder: Path, as_of: date, base_currency: str) -> Book:
    """The feeds that the marts need, linked; amounts are int64 cents (float where one may be missing)."""
    customers = _customers(folder, pd.Timestamp(as_of))
    entities = _read(folder, "entities", ["entity_id", "functional_currency"])
    documents = _documents(folder).merge(customers, on="customer_id", how="left", suffixes=("", "_of_customer"))
    documents = documents.merge(entities, on="entity_id", how="left")
    documents["payer_id"] = (
        documents["payer_id"].fillna(documents["payer_id_of_customer"]).fillna(documents["customer_id"])
    )
    documents["segment"] = documents["segment"].fillna("")
    documents["related_party"] = documents["related_party"].fillna(False).astype(bool)
    documents["base_currency"] = base_currency
    rates = _read(folder, "fx_rates", ["rate_date", "from_currency", "to_currency", "rate"])
    rates = rates[rates["to_currency"] == base_currency].rename(columns={"from_currency": "currency"})
    return Book(
        documents, _applications(folder, documents), rates.assign(rate=rates["rate"].astype(float)), base_currency
    )


def half_up(cents: pd.Series, currency: pd.Series | str) -> pd.Series:
    """Cents rounded half away from zero to the minor unit of a currency; missing stays missing."""
    step = {code: 10 ** (2 - digits) for code, digits in MINOR_UNITS.items()}
    unit = step[currency] if isinstance(currency, str) else currency.map(step).astype(float)
    return np.sign(cents) * np.floor(cents.abs() / unit + 0.5) * unit


def _read(folder: Path, feed: str, columns: list[str]) -> pd.DataFrame:
    frame = pd.concat(
        [
            pd.read_parquet(path, columns=columns, dtype_backend="pyarrow")
            for path in sorted(folder.glob(f"{feed}*.parquet"))
        ],
        ignore_index=True,
    )
    for name in frame.columns:
        if name in DATES:
            # without the step through an Arrow timestamp every date would become a Python object
            frame[name] = frame[name].astype("timestamp[s][pyarrow]").astype("datetime64[s]")
        elif name in AMOUNTS:
            cents = (frame[name] * 100).astype("int64[pyarrow]")
            frame[name] = cents.astype("float64" if cents.hasnans else "int64")
    return frame


def _documents(folder: Path) -> pd.DataFrame:
    own = ["invoice_id", "document_type", "payer_id", "invoice_date", "original_due_date", "status", "voided_on"]
    invoices = _read(folder, "invoices", [*DOCUMENT, *own])
    invoices = invoices[invoices["status"] != "draft"]
    invoices["due_date"] = invoices["original_due_date"].fillna(invoices["due_date"])
    posted = invoices["posting_date"].fillna(invoices["invoice_date"])
    voided = invoices["voided_on"].fillna(posted)
    invoices["voided_on"] = voided.where(invoices["status"] == "void", invoices["voided_on"])
    credits = _read(
        folder, "credit_memos", [*[n for n in DOCUMENT if n != "posting_date"], "credit_memo_id", "credit_date"]
    )
    payments = _read(
        folder, "payments", [*[n for n in DOCUMENT if n != "due_date"], "payment_id", "payment_date", "status"]
    )
    payments = payments[payments["status"] == "posted"]
    names = {"invoice_id": "document_id", "credit_memo_id": "document_id", "payment_id": "document_id"}
    names |= {"invoice_date": "document_date", "credit_date": "document_date", "payment_date": "document_date"}
    parts = [
        invoices.rename(columns=names).assign(sign=1),
        credits.rename(columns=names).assign(sign=-1, document_type="credit_memo"),
        payments.rename(columns=names).assign(sign=-1, document_type="payment"),
    ]
    documents = pd.concat(parts, ignore_index=True).drop(columns=["status", "original_due_date"])
    documents["posting_date"] = documents["posting_date"].fillna(documents["document_date"])
    term = documents["due_date"] - documents["document_date"]
    is_good = term.between(pd.Timedelta(0), LONGEST_TERMS)
    documents["aged_from"] = documents["due_date"].where(is_good, documents["document_date"])
    return documents


def _customers(folder: Path, day: pd.Timestamp) -> pd.DataFrame:
    customers = _read(folder, "customers", ["customer_id", "valid_from", "payer_id", "segment", "related_party"])
    customers = customers[customers["valid_from"].isna() | (customers["valid_from"] <= day)]
    newest = customers.sort_values("valid_from", na_position="first").drop_duplicates("customer_id", keep="last")
    return newest.drop(columns="valid_from")


def _applications(folder: Path, documents: pd.DataFrame) -> pd.DataFrame:
    own = ["entity_id", "application_id", "source_id", "invoice_id", "applied_on", "unapplied_on"]
    amounts = ["amount", "source_amount", "discount_amount", "withheld_amount"]
    asked = _read(folder, "applications", [*own, *amounts])
    for side, sign in (("source", -1), ("invoice", 1)):
        asked = asked.merge(_side(documents, side, sign), on=["entity_id", f"{side}_id"])
    same = asked["source_currency"] == asked["currency"]
    asked = asked[same | asked["source_amount"].notna()]
    cash = np.minimum(asked["amount"], asked["source_amount"].fillna(asked["amount"])).where(same, asked["amount"])
    begins = asked[["applied_on", "source_posted", "invoice_posted"]].max(axis=1)
    ends = asked[["unapplied_on", "source_voided", "invoice_voided"]].min(axis=1).fillna(NEVER)
    matched = asked.assign(
        effective_from=begins,
        effective_to=ends,
        cash=cash.astype("int64"),
        drawn=cash.where(same, asked["source_amount"]).astype("int64"),
        discount=asked["discount_amount"].fillna(0).astype("int64"),
        withheld=asked["withheld_amount"].fillna(0).astype("int64"),
    )
    matched = matched[matched["effective_from"] < matched["effective_to"]]
    matched = matched.sort_values(["effective_from", "application_id"], ignore_index=True)
    return matched.drop(columns=[*own, *amounts])


def _side(documents: pd.DataFrame, side: str, sign: int) -> pd.DataFrame:
    """The documents that an application may name on one side, by their row."""
    names = {
        "index": side,
        "document_id": f"{side}_id",
        "posting_date": f"{side}_posted",
        "voided_on": f"{side}_voided",
        "amount": f"{side}_total",
        "currency": "currency" if sign == 1 else "source_currency",
    }
    return documents[documents["sign"] == sign].reset_index().rename(columns=names)[["entity_id", *names.values()]]
