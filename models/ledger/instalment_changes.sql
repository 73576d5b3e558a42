-- What each instalment's balance changed by, at the period end at which it first shows.
with steps as (
    select
        document_key, instalment, period_number,
        open_amount - coalesce(lag(open_amount) over (partition by document_key, instalment order by period_number), 0) as change
    from ledger.instalment_steps
    where as_of = $as_of
)

select
    steps.document_key,
    steps.instalment,
    periods.period_end as effective_date,
    parts.due_date,
    parts.aged_from,
    cast(steps.change as decimal(38, 4)) as change
from steps
inner join ledger.period_ends as periods on steps.period_number = periods.period_number and periods.as_of = $as_of
inner join ledger.instalments as parts
    on steps.document_key = parts.document_key and steps.instalment = parts.instalment and parts.as_of = $as_of
where steps.change <> 0
