-- No batch has more of its rows, or of its amount in any currency, rejected than the policy allows.
with totals as (
    select
        files.batch_number, files.feed, totals.currency,
        sum(totals.rejected_rows) as rejected_rows,
        sum(totals.loaded_rows + totals.rejected_rows + totals.duplicate_rows) as all_rows,
        sum(abs(totals.rejected_amount)) as rejected_amount,
        sum(abs(totals.loaded_amount) + abs(totals.rejected_amount) + abs(totals.duplicate_amount)) as all_amount
    from staging.batch_totals as totals
    inner join raw.files as files on totals.file_number = files.file_number
    where files.recorded_at <= $known_at and files.superseded_by is null
    group by files.batch_number, files.feed, totals.currency
),

feeds as (
    select batch_number, feed, sum(rejected_rows) as rejected_rows, sum(all_rows) as all_rows
    from totals
    group by batch_number, feed
)

select totals.batch_number, 1 as failing_rows, totals.rejected_amount as amount
from totals
cross join staging.policy as policy
where totals.rejected_amount > policy.most_rejected_amount * totals.all_amount and totals.currency <> ''
union all
select feeds.batch_number, 1, cast(null as decimal(38, 4))
from feeds
cross join staging.policy as policy
where feeds.rejected_rows > policy.most_rejected_rows * feeds.all_rows
