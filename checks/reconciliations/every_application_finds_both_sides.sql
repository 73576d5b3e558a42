-- Every application finds its source and its invoice; the cash of one that does not stays unapplied until they come.
select asked.application_id, 1 as failing_rows, asked.amount
from staging.applications as asked
where asked.known_from <= $known_at and asked.known_to > $known_at and asked.applied_on <= $as_of
    and (
        not exists (
            select 1 from ledger.documents as sources
            where sources.document_key = asked.source_key and sources.sign = -1
                and sources.known_from <= $known_at and sources.known_to > $known_at
        )
        or not exists (
            select 1 from ledger.documents as invoices
            where invoices.document_key = asked.invoice_key and invoices.sign = 1
                and invoices.known_from <= $known_at and invoices.known_to > $known_at
        )
    )
