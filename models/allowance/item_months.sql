-- Every receivable that was open at a month-end of the look-back, how late it was then, and what became of it by the next
-- month-end: written off for credit, diluted, paid (the rest), or still open. What is taken off an invoice in parts is taken
-- off the last due first. A part that owes more at the next month-end, as after a reversal, counts with what it owed before.
with month_ends as (
    select month_number, period_end from ledger.period_ends where as_of = $as_of and is_month_end
),

history as (
    select
        max(month_ends.month_number) as last_month,
        greatest(max(month_ends.month_number) - max(policy.look_back_months), min(month_ends.month_number) - 1) as first_month
    from month_ends
    cross join staging.policy as policy
),

months as (
    select month_ends.month_number, month_ends.period_end from month_ends
    inner join history on month_ends.month_number > history.first_month
),

-- a step lasts from the month-end of its own period to the one before that of the next
standing as (
    select
        steps.document_key, steps.instalment, steps.open_amount,
        greatest(begun.month_number, history.first_month + 1) as first_month,
        coalesce(ended.month_number - 1, history.last_month) as last_month
    from ledger.balance_steps as steps
    inner join ledger.period_ends as begun on steps.period_number = begun.period_number and begun.as_of = $as_of
    left join ledger.period_ends as ended on steps.next_period = ended.period_number and ended.as_of = $as_of
    cross join history
    where steps.as_of = $as_of and steps.open_amount > 0
),

spans as (
    select longer.month_number - history.first_month as span, shorter.month_number - history.first_month - 1 as step
    from months as longer
    cross join history
    inner join months as shorter on longer.month_number >= shorter.month_number
),

open_months as (
    select standing.document_key, standing.instalment, standing.first_month + spans.step as month_number, standing.open_amount
    from standing
    inner join spans on standing.last_month - standing.first_month + 1 = spans.span
),

aged as (
    select
        open_months.document_key, open_months.instalment, open_months.month_number, documents.entity_id, documents.customer_id,
        documents.currency, open_months.open_amount,
        coalesce(case when parts.document_key is null then documents.aged_from else parts.aged_from end, case policy.no_due_date
            when 'terms' then documents.document_date + coalesce(customers.terms_days, policy.default_terms_days)
        end) as aged_from,
        months.period_end, policy.youngest_day, policy.oldest_loss_day
    from open_months
    inner join months on open_months.month_number = months.month_number
    inner join ledger.documents as documents
        on open_months.document_key = documents.document_key and documents.sign = 1
        and documents.known_from <= $known_at and documents.known_to > $known_at
    left join ledger.instalments as parts
        on open_months.document_key = parts.document_key and open_months.instalment = parts.instalment and parts.as_of = $as_of
    left join ledger.customers as customers on documents.customer_id = customers.customer_id and customers.as_of = $as_of
    cross join staging.policy as policy
    where not coalesce(customers.related_party, false) or policy.related_parties = 'pooled'
),

followed as (
    select
        aged.*, coalesce(ages.aging_bucket, 'no-due-date') as aging_bucket,
        case when lead(month_number) over (partition by document_key, instalment order by month_number) = month_number + 1
            then least(open_amount, lead(open_amount) over (partition by document_key, instalment order by month_number))
            else 0 end as stayed,
        lead(coalesce(ages.aging_bucket, 'no-due-date')) over (partition by document_key, instalment order by month_number)
            as next_bucket
    from aged
    left join staging.loss_days as ages
        on case when aged.aged_from is not null
            then greatest(aged.youngest_day, least(aged.oldest_loss_day, date_diff('day', aged.aged_from, aged.period_end)))
        end = ages.aging_clamp
),

reduced as (
    select
        followed.document_key, followed.instalment, followed.month_number, followed.open_amount - followed.stayed as fell,
        greatest(reductions.written_off - reductions.recovered, 0) as written_off, greatest(reductions.diluted, 0) as diluted,
        sum(followed.open_amount - followed.stayed) over (
            partition by followed.document_key, followed.month_number order by followed.instalment desc
            rows between unbounded preceding and current row
        ) as fell_through
    from followed
    inner join allowance.reductions as reductions
        on followed.document_key = reductions.document_key and followed.month_number + 1 = reductions.month_number
        and reductions.as_of = $as_of
),

taken as (
    select
        document_key, instalment, month_number,
        least(written_off, fell_through) - least(written_off, fell_through - fell) as written_off,
        least(written_off + diluted, fell_through) - least(written_off + diluted, fell_through - fell) as taken
    from reduced
)

select
    followed.document_key, followed.instalment, cast(followed.month_number as integer) as month_number, followed.entity_id,
    followed.customer_id, followed.currency, members.pool, followed.aging_bucket,
    case when followed.stayed > 0 then followed.next_bucket else '' end as next_bucket,
    cast(followed.open_amount as decimal(18, 4)) as opening,
    cast(followed.stayed as decimal(18, 4)) as stayed,
    cast(coalesce(taken.written_off, 0) as decimal(18, 4)) as written_off,
    cast(coalesce(taken.taken - taken.written_off, 0) as decimal(18, 4)) as diluted,
    cast(followed.open_amount - followed.stayed - coalesce(taken.taken, 0) as decimal(18, 4)) as paid
from followed
inner join history on followed.month_number < history.last_month
inner join allowance.pool_members as members
    on followed.entity_id = members.entity_id and followed.customer_id = members.customer_id and members.as_of = $as_of
left join taken
    on followed.document_key = taken.document_key and followed.instalment = taken.instalment
    and followed.month_number = taken.month_number
