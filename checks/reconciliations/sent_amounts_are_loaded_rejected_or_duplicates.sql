-- For every file and currency: amount sent (as its own column adds up, before anything is typed) = loaded + rejected +
-- exact duplicates + left out, less what declared rounding changed. A file whose currency an expression decides is
-- compared whole.
with sent as (
    select totals.file_number, totals.currency, totals.total_amount,
        max(case when totals.currency = '' then 1 else 0 end) over (partition by totals.file_number) as is_whole
    from raw.control_totals as totals
    inner join raw.files as files on totals.file_number = files.file_number
    where files.recorded_at <= $known_at
),

sent_units as (
    select file_number, case when is_whole = 1 then '' else currency end as unit, sum(total_amount) as amount
    from sent
    group by file_number, case when is_whole = 1 then '' else currency end
),

sent_files as (
    select distinct file_number, is_whole from sent
),

-- an unknown currency is a reason to reject: the rejected row keeps it as sent
accounted as (
    select
        totals.file_number, case when sent_files.is_whole = 1 then '' else totals.currency end as unit,
        sum(totals.loaded_amount + totals.rejected_amount + totals.duplicate_amount + totals.skipped_amount) as amount
    from staging.batch_totals as totals
    inner join sent_files on totals.file_number = sent_files.file_number
    group by totals.file_number, case when sent_files.is_whole = 1 then '' else totals.currency end
),

rounding as (
    select file_number, sum(amount_change) as amount
    from staging.declared_changes
    where kind = 'rounded' and column_name = 'amount'
    group by file_number
),

compared as (
    select
        coalesce(sent_units.file_number, accounted.file_number) as file_number,
        coalesce(sent_units.amount, 0) - coalesce(accounted.amount, 0) as difference
    from sent_units
    full outer join accounted
        on sent_units.file_number = accounted.file_number and sent_units.unit = accounted.unit
)

select compared.file_number, 1 as failing_rows, sum(compared.difference) + max(coalesce(rounding.amount, 0)) as amount
from compared
left join rounding on compared.file_number = rounding.file_number
group by compared.file_number
having sum(compared.difference) + max(coalesce(rounding.amount, 0)) <> 0
    or (max(coalesce(rounding.amount, 0)) = 0 and sum(abs(compared.difference)) <> 0)
