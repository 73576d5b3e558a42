-- What stood in a bucket at a month-end is, a month later, owed still, paid, diluted or written off, and no part
-- of it is negative.
select
    aging_bucket as place, count(*) as failing_rows,
    cast(sum(opening - stayed - paid - diluted - written_off) as decimal(38, 4)) as amount
from allowance.transitions
where as_of = $as_of
    and (opening <> stayed + paid + diluted + written_off or least(opening, stayed, paid, diluted, written_off) < 0)
group by aging_bucket
