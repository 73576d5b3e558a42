-- Every item that is exposed has a rate, and with it an allowance.
select treatment as place, count(*) as failing_rows, cast(sum(exposure) as decimal(38, 4)) as amount
from allowance.items
where as_of = $as_of and (loss_rate is null or allowance is null)
group by treatment
