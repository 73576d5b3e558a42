-- The share of invoices without a due date in the newest batch is no more than twenty points above that of all before it.
-- Nothing is said of fewer than twenty invoices, or beside fewer than a hundred before them.
with told as (
    select
        files.batch_number, count(*) as invoice_count,
        sum(case when invoices.due_date is null then 1 else 0 end) as lacking_count,
        sum(case when invoices.due_date is null then invoices.amount else 0 end) as lacking_amount
    from staging.invoices as invoices
    inner join raw.files as files on invoices.file_number = files.file_number
    where files.recorded_at <= $known_at
    group by files.batch_number
),

placed as (
    select
        batch_number, invoice_count, lacking_count, lacking_amount,
        row_number() over (order by batch_number desc) as place
    from told
),

compared as (
    select
        max(batch_number) as batch_number,
        sum(case when place = 1 then invoice_count else 0 end) as newest_count,
        sum(case when place = 1 then lacking_count else 0 end) as newest_lacking,
        sum(case when place = 1 then lacking_amount else 0 end) as newest_amount,
        sum(case when place > 1 then invoice_count else 0 end) as earlier_count,
        sum(case when place > 1 then lacking_count else 0 end) as earlier_lacking
    from placed
)

select batch_number, newest_lacking as failing_rows, cast(newest_amount as decimal(38, 4)) as amount
from compared
where newest_count >= 20 and earlier_count >= 100
    and 5 * newest_lacking * earlier_count > newest_count * (5 * earlier_lacking + earlier_count)
