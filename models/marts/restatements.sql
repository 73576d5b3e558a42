-- What a closed period end says now against what it said at its close, document by document: with the newest batch that changed
-- it, and why. A close from before anything was known has nothing to compare with.
with beginnings as (
    select entity_id, min(known_from) as first_known from ledger.documents where known_from <= $known_at group by entity_id
),

closes as (
    select periods.entity_id, periods.period_end, periods.closed_on
    from staging.fiscal_periods as periods
    inner join beginnings
        on periods.entity_id = beginnings.entity_id and cast(beginnings.first_known as date) <= periods.closed_on
    where periods.known_from <= $known_at and periods.known_to > $known_at and periods.period_end <= $as_of
        and periods.closed_on < cast($known_at as date)
),

-- most documents never changed since the first of these closes
touched as (
    select distinct document_key
    from ledger.postings
    where known_from <= $known_at
        and (known_to <= $known_at or cast(known_from as date) > (select min(closed_on) from closes))
),

documents as (
    select
        document_key, entity_id, document_type, document_id, currency, posting_date, original_amount, known_from, known_to,
        row_number() over (partition by document_key order by known_from desc) as newest_first
    from ledger.documents
    where known_from <= $known_at and document_key in (select document_key from touched)
),

newest as (
    select document_key, entity_id, document_type, document_id, currency from documents where newest_first = 1
),

effects as (
    select
        newest.entity_id, closes.period_end, closes.closed_on, postings.document_key, postings.kind, postings.amount,
        postings.known_from, postings.known_to,
        cast(postings.known_from as date) <= closes.closed_on and cast(postings.known_to as date) > closes.closed_on as was_known,
        postings.known_to > $known_at as is_known
    from closes
    inner join newest on closes.entity_id = newest.entity_id
    inner join ledger.postings as postings
        on newest.document_key = postings.document_key and postings.effective_date <= closes.period_end
    where postings.known_from <= $known_at
),

changed as (
    select
        entity_id, period_end, closed_on, document_key,
        sum(case when was_known then amount else 0 end) as amount_at_close,
        sum(case when is_known then amount else 0 end) as amount_now,
        max(case when was_known and kind in ('invoiced', 'credited', 'collected') then 1 else 0 end) as was_there,
        max(case when is_known and kind in ('invoiced', 'credited', 'collected') then 1 else 0 end) as is_there,
        sum(case when was_known and kind in ('invoiced', 'credited', 'collected') then amount else 0 end) as raised_then,
        sum(case when is_known and kind in ('invoiced', 'credited', 'collected') then amount else 0 end) as raised_now
    from effects
    where was_known or is_known
    group by entity_id, period_end, closed_on, document_key
    having sum(case when was_known then amount else 0 end) <> sum(case when is_known then amount else 0 end)
),

-- what came after the close and went again is in neither amount, but its going is a change
steps as (
    select period_end, closed_on, document_key, known_from as changed_at, amount as change from effects
    union all
    select period_end, closed_on, document_key, known_to, -amount from effects where not is_known
),

moments as (
    select period_end, closed_on, document_key, changed_at
    from steps
    where cast(changed_at as date) > closed_on
    group by period_end, closed_on, document_key, changed_at
    having sum(change) <> 0
),

newest_moments as (
    select period_end, closed_on, document_key, max(changed_at) as changed_at
    from moments
    group by period_end, closed_on, document_key
),

batches as (
    select recorded_at, min(batch_id) as batch_id from raw.batches where recorded_at <= $known_at group by recorded_at
)

select
    changed.period_end as closed_as_of,
    changed.closed_on,
    changed.entity_id,
    newest.document_type,
    newest.document_id,
    newest.currency,
    cast(changed.amount_at_close as decimal(38, 4)) as amount_at_close,
    cast(changed.amount_now as decimal(38, 4)) as amount_now,
    coalesce(batches.batch_id, '') as batch,
    case
        when changed.was_there = 0 then 'late'
        when changed.is_there = 0 then 'deleted'
        when changed.raised_then <> changed.raised_now then 'corrected'
        else 'settled_otherwise'
    end as cause,
    abs(changed.amount_now - changed.amount_at_close) >= policy.materiality as is_material
from changed
inner join newest on changed.document_key = newest.document_key
left join newest_moments
    on changed.period_end = newest_moments.period_end and changed.closed_on = newest_moments.closed_on
    and changed.document_key = newest_moments.document_key
left join batches on newest_moments.changed_at = batches.recorded_at
cross join staging.policy as policy
