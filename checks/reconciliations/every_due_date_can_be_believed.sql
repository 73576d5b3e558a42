-- Every open item has a due date on or after its own and within the longest terms; one without is aged by the policy's rule.
select document_id, 1 as failing_rows, open_amount as amount
from marts.aging_detail
where as_of = $as_of and flags like '%due_date%'
