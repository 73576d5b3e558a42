-- Each customer as known for the day: of the rows valid by then the newest, one without a start of validity before any
-- that has one. A status without a day from which it holds is known from the day on which it was loaded: it is not carried into
-- the past.
with customers as (
    select
        customer_id, valid_from, parent_id, payer_id, segment, collector, region, country, kind, insured, terms_days,
        related_party,
        case when valid_from is not null or cast(known_from as date) <= $as_of then status end as status,
        row_number() over (partition by customer_id order by coalesce(valid_from, date '0001-01-01') desc) as newest_first
    from staging.customers
    where known_from <= $known_at and known_to > $known_at and (valid_from is null or valid_from <= $as_of)
)

select
    customer_id,
    valid_from,
    parent_id,
    payer_id,
    coalesce(segment, '') as segment,
    coalesce(collector, '') as collector,
    region,
    country,
    kind,
    coalesce(insured, false) as insured,
    status,
    terms_days,
    coalesce(related_party, false) as related_party
from customers
where newest_first = 1
