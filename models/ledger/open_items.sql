-- What is open at the end of the day, as known at the time: the sum of each document's postings, where it is not zero, an
-- invoice that falls due in parts by its instalments.
-- Functional amounts stay at their booking rate, pro rata to what is open, those of instalments adding up to their invoice's;
-- base amounts are at the closing rate of the day. Where a rate or a booked amount is missing, the amount is empty.
with instalments as (
    select document_key, instalment, due_date, due_date_flag, aged_from, part_amount from ledger.instalments where as_of = $as_of
),

balances as (
    select document_key, instalment, open_amount, open_before
    from ledger.balance_steps
    where as_of = $as_of and next_period is null
),

documents as (
    select
        document_key, document_id, document_type, sign, document_date, posting_date, due_date, due_date_flag, aged_from,
        original_amount, functional_amount as told_amount
    from ledger.documents
    where known_from <= $known_at and known_to > $known_at
),

known as (select document_key, account_number from ledger.known_documents where known_at = $known_at),

accounts as (
    select
        account_number, entity_id, customer_id, payer_id, segment, related_party, currency, aging_terms_days,
        functional_currency, base_currency
    from ledger.accounts where as_of = $as_of
),

booked as (select document_key, functional_amount from ledger.booked_amounts where as_of = $as_of),

rates as (
    select from_currency, to_currency, rate, rate_date, rate_source
    from ledger.closing_rates where as_of = $as_of and period_end = $as_of
),

minor_units as (select currency, minor_scale, smallest_amount from staging.currencies),

items as (
    select
        documents.*, accounts.*, balances.instalment, balances.open_amount, balances.open_before, instalments.part_amount,
        instalments.due_date as part_due_date, instalments.due_date_flag as part_flag, instalments.aged_from as part_aged_from,
        rates.rate,
        coalesce(documents.told_amount, booked.functional_amount) as functional_amount, booked.document_key as booked_key,
        rates.rate_date as base_rate_date, rates.rate_source as base_rate_source, own_rates.rate as own_rate,
        functional_units.minor_scale as functional_scale, functional_units.smallest_amount as smallest_functional,
        base_units.minor_scale as base_scale, base_units.smallest_amount as smallest_base
    from balances
    inner join documents on balances.document_key = documents.document_key
    left join instalments
        on balances.document_key = instalments.document_key and balances.instalment = instalments.instalment
    inner join known on balances.document_key = known.document_key
    inner join accounts on known.account_number = accounts.account_number
    left join booked on documents.document_key = booked.document_key
    left join rates on accounts.currency = rates.from_currency and accounts.base_currency = rates.to_currency
    left join rates as own_rates
        on accounts.currency = own_rates.from_currency and accounts.functional_currency = own_rates.to_currency
    left join minor_units as functional_units on accounts.functional_currency = functional_units.currency
    left join minor_units as base_units on accounts.base_currency = base_units.currency
),

shares as (
    select
        items.*,
        round(cast(cast(functional_amount as double) * cast(open_before + open_amount as double)
            / cast(original_amount as double) * functional_scale as decimal(28, 6))) * smallest_functional as functional_through,
        round(cast(cast(functional_amount as double) * cast(open_before as double)
            / cast(original_amount as double) * functional_scale as decimal(28, 6))) * smallest_functional as functional_before
    from items
)

select
    items.document_key,
    items.entity_id,
    items.customer_id,
    items.payer_id,
    items.segment,
    items.related_party,
    items.document_id,
    items.document_type,
    items.instalment,
    items.currency,
    items.document_date,
    items.posting_date,
    case when items.part_amount is null then items.due_date else items.part_due_date end as due_date,
    case when items.part_amount is null then items.due_date_flag else items.part_flag end as due_date_flag,
    coalesce(
        case when items.part_amount is null then items.aged_from else items.part_aged_from end,
        items.document_date + items.aging_terms_days
    ) as aged_from,
    cast(items.sign * coalesce(items.part_amount, items.original_amount) as decimal(18, 4)) as original_amount,
    cast(items.open_amount as decimal(38, 4)) as open_amount,
    items.functional_currency,
    cast(case
        when items.currency = items.functional_currency then items.open_amount
        else items.functional_through - items.functional_before
    end as decimal(38, 4)) as open_amount_functional,
    case when items.currency = items.functional_currency then false else items.booked_key is not null end
        as is_functional_converted,
    cast(case
        when items.currency = items.functional_currency then items.open_amount
        else round(cast(items.open_amount as decimal(20, 4)) * items.own_rate * items.functional_scale)
            * items.smallest_functional
    end as decimal(38, 4)) as revalued_amount_functional,
    items.base_currency,
    items.base_rate_date,
    items.base_rate_source,
    cast(case
        when items.currency = items.base_currency then items.open_amount
        else round(cast(items.open_amount as decimal(20, 4)) * items.rate * items.base_scale) * items.smallest_base
    end as decimal(38, 4)) as open_amount_base
from shares as items
