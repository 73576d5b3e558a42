-- Whatever of an invoice is open on the day belongs to a receivable that has no end, and no other invoice has one that goes on.
with items as (
    select document_key, sum(open_amount) as amount
    from ledger.open_items
    where as_of = $as_of and open_amount > 0 and document_type in ('invoice', 'debit_memo')
    group by document_key
),

going_on as (
    select distinct document_key from features.receivable_spells where as_of = $as_of and settled_date is null
)

select coalesce(items.document_key, going_on.document_key) as document_key, 1 as failing_rows, coalesce(items.amount, 0) as amount
from items
full outer join going_on on items.document_key = going_on.document_key
where items.document_key is null or going_on.document_key is null
