-- What is open of each document, or of each instalment, from every period end at which that has changed until the next: a balance
-- is a step function of its postings, and a step at which nothing is open is not told. One without an end stands on the day.
with postings as (
    select postings.document_key, days.period_number, sum(postings.amount) as change
    from ledger.postings as postings
    inner join ledger.days as days on postings.effective_date = days.day and days.as_of = $as_of
    where postings.known_from <= $known_at and postings.known_to > $known_at
        and postings.document_key not in (select document_key from ledger.instalments where as_of = $as_of)
    group by postings.document_key, days.period_number
    having sum(postings.amount) <> 0
),

steps as (
    select
        document_key, period_number,
        sum(change) over (partition by document_key order by period_number rows between unbounded preceding and current row)
            as open_amount,
        lead(period_number) over (partition by document_key order by period_number) as next_period
    from postings
)

select
    document_key,
    '' as instalment,
    period_number,
    next_period,
    cast(open_amount as decimal(38, 4)) as open_amount,
    cast(0 as decimal(38, 4)) as open_before
from steps
where open_amount <> 0
union all
select document_key, instalment, period_number, next_period, open_amount, open_before
from ledger.instalment_steps
where as_of = $as_of and open_amount <> 0
