-- What was open at every period end of the book's history, in one pass: each step of a document's balance is spread over the
-- period ends at which it stood. Customers are in the segment that they have on the day.
with history as (
    select max(period_number) as last_period from ledger.period_ends where as_of = $as_of
),

standing as (
    select
        steps.document_key, steps.instalment, steps.period_number as first_period, steps.open_amount, steps.open_before,
        cast(coalesce(steps.next_period, history.last_period + 1) - steps.period_number as integer) as span
    from ledger.balance_steps as steps
    cross join history
    where steps.as_of = $as_of
),

spans as (
    select longer.period_number as span, shorter.period_number - 1 as step
    from ledger.period_ends as longer
    inner join ledger.period_ends as shorter on longer.period_number >= shorter.period_number and shorter.as_of = $as_of
    where longer.as_of = $as_of
),

disputed as (
    select distinct disputes.invoice_key, periods.period_number
    from staging.disputes as disputes
    inner join staging.policy as policy on policy.disputed_items = 'own_bucket'
    inner join ledger.period_ends as periods
        on disputes.opened_on <= periods.period_end and periods.as_of = $as_of
        and (disputes.resolved_on is null or disputes.resolved_on > periods.period_end)
    where disputes.known_from <= $known_at and disputes.known_to > $known_at
),

described as (
    select
        standing.document_key, standing.first_period, standing.span, standing.open_amount,
        standing.open_before, accounts.entity_id, accounts.currency,
        documents.sign * documents.original_amount as original_amount,
        documents.sign * coalesce(documents.functional_amount, booked.functional_amount) as functional_amount,
        accounts.segment, accounts.related_party,
        coalesce(
            case when parts.document_key is null then documents.aged_from else parts.aged_from end,
            documents.document_date + accounts.aging_terms_days
        ) as aged_from,
        policy.youngest_day, policy.oldest_day, accounts.functional_currency, accounts.base_currency
    from standing
    inner join ledger.known_documents as documents
        on standing.document_key = documents.document_key and documents.known_at = $known_at
    inner join ledger.accounts as accounts on documents.account_number = accounts.account_number and accounts.as_of = $as_of
    left join ledger.instalments as parts
        on standing.document_key = parts.document_key and standing.instalment = parts.instalment and parts.as_of = $as_of
    left join ledger.booked_amounts as booked on documents.document_key = booked.document_key and booked.as_of = $as_of
    cross join staging.policy as policy
),

monthly as (
    select
        described.*, periods.period_number, periods.period_end,
        -- greatest and least pass over what is empty: an item without a date must not become the oldest
        case when described.aged_from is not null then greatest(described.youngest_day, least(described.oldest_day,
            date_diff('day', described.aged_from, periods.period_end))) end as aging_clamp
    from described
    inner join spans on described.span = spans.span
    inner join ledger.period_ends as periods
        on described.first_period + spans.step = periods.period_number and periods.as_of = $as_of
),

converted as (
    select
        monthly.period_end, monthly.entity_id, monthly.segment, monthly.related_party, monthly.currency, monthly.open_amount,
        case when disputed.invoice_key is null then coalesce(ages.aging_bucket, 'no-due-date') else 'disputed' end
            as aging_bucket,
        coalesce(ages.is_past_due, true) as is_past_due,
        case
            when monthly.currency = monthly.functional_currency then monthly.open_amount
            else cast((round(cast(cast(monthly.functional_amount as double)
                * cast(monthly.open_before + monthly.open_amount as double) / cast(monthly.original_amount as double)
                * functional_units.minor_scale as decimal(28, 6)))
                - round(cast(cast(monthly.functional_amount as double) * cast(monthly.open_before as double)
                    / cast(monthly.original_amount as double) * functional_units.minor_scale as decimal(28, 6)))
            ) * functional_units.smallest_amount as decimal(38, 4))
        end as open_amount_functional,
        case when monthly.currency = monthly.base_currency then monthly.open_amount else
            cast(round(cast(monthly.open_amount as decimal(20, 4)) * rates.rate * base_units.minor_scale)
                * base_units.smallest_amount as decimal(38, 4))
        end as open_amount_base
    from monthly
    left join staging.aging_days as ages on monthly.aging_clamp = ages.aging_clamp
    left join disputed on monthly.document_key = disputed.invoice_key and monthly.period_number = disputed.period_number
    left join ledger.closing_rates as rates
        on monthly.period_number = rates.period_number and monthly.currency = rates.from_currency
        and monthly.base_currency = rates.to_currency and rates.as_of = $as_of
    left join staging.currencies as functional_units on monthly.functional_currency = functional_units.currency
    left join staging.currencies as base_units on monthly.base_currency = base_units.currency
)

select
    period_end,
    entity_id,
    segment,
    related_party,
    currency,
    aging_bucket,
    is_past_due,
    count(*) as item_count,
    cast(sum(open_amount) as decimal(38, 4)) as open_amount,
    cast(case when count(*) = count(open_amount_functional) then sum(open_amount_functional) end as decimal(38, 4))
        as open_amount_functional,
    cast(case when count(*) = count(open_amount_base) then sum(open_amount_base) end as decimal(38, 4)) as open_amount_base
from converted
group by period_end, entity_id, segment, related_party, currency, aging_bucket, is_past_due
