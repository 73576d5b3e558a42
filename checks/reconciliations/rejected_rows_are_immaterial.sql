-- No batch has more of its rows, or of its amount, rejected than the policy allows. Only feeds that bring amounts count.
-- Shares of amount are taken within each feed and currency and averaged by their rows, since amounts of several currencies
-- cannot be added.
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
        and files.feed not in ('entities', 'fiscal_periods', 'customers', 'placements', 'specific_events', 'fx_rates', 'macro')
    group by files.batch_number, files.feed, totals.currency
),

shares as (
    select
        totals.batch_number, sum(totals.rejected_rows) as rejected_rows, sum(totals.rejected_amount) as rejected_amount,
        cast(sum(totals.rejected_rows) as double) / nullif(sum(totals.all_rows), 0) as share_of_rows,
        cast(sum(cast(
            cast(totals.all_rows as double) * cast(totals.rejected_amount as double)
            / nullif(cast(totals.all_amount as double), 0) as decimal(28, 10)
        )) as double) / nullif(sum(case when totals.all_amount > 0 then totals.all_rows end), 0) as share_of_amount
    from totals
    group by totals.batch_number
)

select shares.batch_number, shares.rejected_rows as failing_rows, shares.rejected_amount as amount
from shares
cross join staging.policy as policy
where shares.share_of_rows > policy.most_rejected_rows or shares.share_of_amount > policy.most_rejected_amount
