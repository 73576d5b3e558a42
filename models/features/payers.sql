-- Every payer with an invoice posted by the day, numbered in the order of their ids, with the segment and the country of the
-- customer that it is; where it is none, of the first customer that it pays for.
with invoiced as (
    select distinct account_number
    from ledger.known_documents
    where known_at = $known_at and posting_date <= $as_of and sign = 1
),

customers as (
    select customer_id, payer_id, segment, country, related_party from ledger.customers where as_of = $as_of
),

paying as (
    select distinct accounts.payer_id, accounts.customer_id
    from invoiced
    inner join ledger.accounts as accounts on invoiced.account_number = accounts.account_number and accounts.as_of = $as_of
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
