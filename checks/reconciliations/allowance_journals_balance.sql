-- Each journal of the allowance has as much on the debit as on the credit side.
select
    journal_id as place, count(*) as failing_rows, cast(sum(debit - credit) as decimal(38, 4)) as amount
from marts.allowance_journal
where as_of = $as_of
group by journal_id
having sum(debit - credit) <> 0
