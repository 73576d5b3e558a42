"""Every fact behind one document's balance and bucket, with the file and line that each came from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from assets.resources.home import Home
from assets.resources.warehouse import FOREVER, Warehouse
from pipelines.show import money

_FOUND = """
select document_key, entity_id, document_id, document_type, min(known_from)
from ledger.documents
where document_id = $document and ($entity is null or entity_id = $entity)
group by all order by entity_id, document_type
"""

_VERSIONS = """
select documents.*, files.file_name, files.source_name, files.batch_number
from ledger.documents as documents
inner join raw.files as files on documents.file_number = files.file_number
where documents.document_key = $key
order by documents.known_from
"""

_POSTINGS = """
select
    postings.effective_date, postings.kind, sum(postings.amount), others.document_type, others.document_id,
    files.file_name, postings.line
from ledger.postings as postings
inner join raw.files as files on postings.file_number = files.file_number
left join ledger.documents as others
    on postings.counter_key = others.document_key
    and others.known_from <= $known_at and others.known_to > $known_at
where postings.document_key = $key and postings.effective_date <= $as_of
    and postings.known_from <= $known_at and postings.known_to > $known_at
group by all
having sum(postings.amount) <> 0
order by postings.effective_date, abs(sum(postings.amount)) desc, postings.kind, postings.line
"""

_PARTS = """
select parts.instalment, parts.due_date, parts.part_amount, coalesce(items.open_amount, 0), ages.aging_bucket
from ledger.instalments as parts
cross join staging.policy as policy
left join ledger.open_items as items
    on parts.document_key = items.document_key and parts.instalment = items.instalment and items.as_of = $as_of
left join staging.aging_days as ages
    on ages.aging_clamp
    = greatest(policy.youngest_day, least(policy.oldest_day, date_diff('day', items.aged_from, $as_of)))
    and items.aged_from is not null
where parts.document_key = $key and parts.as_of = $as_of
order by parts.part_order
"""

_AGE = """
select documents.aged_from, date_diff('day', documents.aged_from, $as_of), ages.aging_bucket
from ledger.documents as documents
cross join staging.policy as policy
left join staging.aging_days as ages
    on ages.aging_clamp
    = greatest(policy.youngest_day, least(policy.oldest_day, date_diff('day', documents.aged_from, $as_of)))
where documents.document_key = $key and documents.known_from <= $known_at and documents.known_to > $known_at
"""


def explain_document(home: Home, document: str, entity: str | None, as_of: date | None) -> Iterator[RenderableType]:
    """What is known of a document: its versions, the postings that make its balance, and how it is aged.

    `as_of` defaults to the day that the working file was last built for. Raises ValueError when no such document
    is known.
    """
    if not home.warehouse_file.is_file():
        raise ValueError(f"no book in {home.root}: run `receivables run --home {home.path}` first")
    with home.warehouse(read_only=True) as warehouse:
        day = as_of or warehouse.value("select max(as_of) from ledger.open_items")
        found = warehouse.rows(_FOUND, {"document": document, "entity": entity})
        if not found:
            raise ValueError(f"no document {document!r} is known" + (f" in entity {entity!r}" if entity else ""))
        for key, its_entity, document_id, document_type, _ in found:
            yield f"{document_type} {document_id} of entity {its_entity}, as of {day}"
            yield from _explained(warehouse, key, {"as_of": day, "known_at": home.as_known_at})


def _explained(warehouse: Warehouse, key: int, at: dict[str, Any]) -> Iterator[RenderableType]:
    yield _versions(warehouse, key)
    rows = warehouse.rows(_POSTINGS, {"key": key, **at})
    table = Table(
        "takes effect", "event", "amount", "balance", "with", "file", "line", title="postings", title_justify="left"
    )
    balance = Decimal(0)
    for effective, kind, amount, other_type, other_id, file_name, line in rows:
        balance += amount
        other = f"{other_type} {other_id}" if other_id else ""
        table.add_row(str(effective), kind, money(amount), money(balance), other, file_name, str(line))
    yield table
    parts = warehouse.rows(_PARTS, {"key": key, "as_of": at["as_of"]})
    if parts:
        yield _instalments(parts)
        return
    ages = warehouse.rows(_AGE, {"key": key, **at})
    if not balance or not ages:
        yield f"nothing is open on {at['as_of']}"
        return
    aged_from, days, bucket = ages[0]
    since = f"aged from {aged_from}: {_lateness(days)}, bucket {bucket}" if aged_from else "no usable due date"
    yield f"open {money(balance)}; {since}"


def _lateness(days: int) -> str:
    return f"{days:,} days past due" if days > 0 else f"due in {-days:,} days" if days else "due on the day"


def _instalments(parts: list[tuple[Any, ...]]) -> Table:
    table = Table("instalment", "due", "amount", "open", "bucket", title="instalments", title_justify="left")
    for name, due_date, amount, open_amount, bucket in parts:
        table.add_row(name, str(due_date or ""), money(amount), money(open_amount), bucket if open_amount else "")
    return table


def _versions(warehouse: Warehouse, key: int) -> Table:
    table = Table(
        "known from",
        "known to",
        "customer",
        "date",
        "posted",
        "due",
        "amount",
        "void",
        "warning",
        "file",
        "line",
        title="versions",
        title_justify="left",
    )
    for row in warehouse.frame(_VERSIONS.replace("$key", str(int(key)))).iter_rows(named=True):
        known_to = "" if row["known_to"] == FOREVER else f"{row['known_to']:%Y-%m-%d %H:%M}"
        table.add_row(
            f"{row['known_from']:%Y-%m-%d %H:%M}",
            known_to,
            row["customer_id"],
            str(row["document_date"]),
            str(row["posting_date"]),
            str(row["due_date"] or ""),
            f"{money(row['original_amount'])} {row['currency']}",
            str(row["voided_on"] or ""),
            row["due_date_flag"] or "",
            row["file_name"],
            str(row["line"]),
        )
    return table
