-- Whatever is open on the day of an invoice, or of a part of one, belongs to a receivable that has no end, and none that is not
-- open goes on.
with items as (
    select document_key, instalment, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of and open_amount > 0 and document_type in ('invoice', 'debit_memo')
    group by document_key, instalment
),

going_on as (
    select distinct document_key, instalment
    from features.receivable_spells
    where as_of = $as_of and settled_date is null
)

select
    coalesce(items.document_key, going_on.document_key) as document_key, 1 as failing_rows, coalesce(items.amount, 0) as amount
from items
full outer join going_on on items.document_key = going_on.document_key and items.instalment = going_on.instalment
where items.document_key is null or going_on.document_key is null
