-- Every account of receivables in the general ledger is what the subledger says, but for what its own entries explain.
select account, 1 as failing_rows, amount
from marts.gl_tieout
where as_of = $as_of and class = 'unexplained' and not is_tied
