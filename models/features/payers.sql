-- Every payer with an invoice posted by the day, numbered in the order of their ids, with the segment and the country of the
-- customer that it is; where it is none, of the first customer that it pays for.
with documents as (
    select customer_id, payer_id
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of and sign = 1
),

customers as (
    select customer_id, payer_id, segment, country, related_party from ledger.customers where as_of = $as_of
),

paying as (
    select distinct
        coalesce(documents.payer_id, customers.payer_id, documents.customer_id) as payer_id, documents.customer_id
    from documents
    left join customers on documents.customer_id = customers.customer_id
),

told as (
    select
        paying.payer_id, customers.segment, customers.country, customers.related_party,
        row_number() over (
            partition by paying.payer_id
            order by case when paying.payer_id = paying.customer_id then 0 else 1 end, paying.customer_id
        ) as nearest_first
    from paying
    left join customers on paying.customer_id = customers.customer_id
)

select
    row_number() over (order by payer_id) as payer_key,
    payer_id,
    coalesce(segment, '') as segment,
    coalesce(country, '') as country,
    coalesce(related_party, false) as related_party
from told
where nearest_first = 1
