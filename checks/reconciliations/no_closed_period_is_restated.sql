-- No closed period says something else now than it said at its close, by as much as the policy calls material.
select document_id, 1 as failing_rows, amount_now - amount_at_close as amount
from marts.restatements
where as_of = $as_of and is_material
