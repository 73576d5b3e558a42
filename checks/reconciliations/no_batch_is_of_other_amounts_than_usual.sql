-- The mean amount of the newest batch's invoices in a currency is within ten times that of all before it, either way: cents
-- sent as whole units are not. Nothing is said of fewer than twenty invoices, or beside fewer than a hundred before them.
with told as (
    select
        files.batch_number, invoices.currency, count(*) as invoice_count,
        sum(cast(invoices.amount as decimal(38, 4))) as amount
    from staging.invoices as invoices
    inner join raw.files as files on invoices.file_number = files.file_number
    where files.recorded_at <= $known_at
    group by files.batch_number, invoices.currency
),

placed as (
    select
        currency, invoice_count, amount,
        row_number() over (partition by currency order by batch_number desc) as place
    from told
),

compared as (
    select
        currency,
        sum(case when place = 1 then invoice_count else 0 end) as newest_count,
        sum(case when place = 1 then amount else 0 end) as newest_amount,
        sum(case when place > 1 then invoice_count else 0 end) as earlier_count,
        sum(case when place > 1 then amount else 0 end) as earlier_amount
    from placed
    group by currency
),

means as (
    select
        currency, newest_count, newest_amount, earlier_count,
        cast(newest_amount as double) / nullif(newest_count, 0) as newest_mean,
        cast(earlier_amount as double) / nullif(earlier_count, 0) as earlier_mean
    from compared
)

select currency, newest_count as failing_rows, cast(newest_amount as decimal(38, 4)) as amount
from means
where newest_count >= 20 and earlier_count >= 100
    and (newest_mean > 10 * earlier_mean or 10 * newest_mean < earlier_mean)
