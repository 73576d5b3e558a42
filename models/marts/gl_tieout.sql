-- The subledger beside the general ledger at each period end that the latter has balances for. The total is what the general
-- ledger has more than the subledger; its entries explain that by class; the rest is unexplained, and an account is tied when
-- that is within the policy's tolerance.
with compared as (
    select entity_id, period_end, account, currency, currency_kind, subledger_amount, gl_amount
    from ledger.gl_comparison
    where as_of = $as_of
),

entries as (
    select entity_id, account, currency, posting_date, coalesce(class, 'manual') as class, amount, functional_amount
    from staging.gl_entries
    where known_from <= $known_at and known_to > $known_at and posting_date <= $as_of
),

explained as (
    select
        compared.entity_id, compared.period_end, compared.account, compared.currency, compared.currency_kind, entries.class,
        sum(case when compared.currency_kind = 'functional' then coalesce(entries.functional_amount, entries.amount)
            else entries.amount end) as amount
    from compared
    inner join entries
        on compared.entity_id = entries.entity_id and compared.account = entries.account
        and entries.posting_date <= compared.period_end
        and (compared.currency_kind = 'functional' or compared.currency = entries.currency)
    group by
        compared.entity_id, compared.period_end, compared.account, compared.currency, compared.currency_kind, entries.class
),

told as (
    select entity_id, period_end, account, currency, currency_kind, sum(amount) as amount
    from explained
    group by entity_id, period_end, account, currency, currency_kind
),

judged as (
    select
        compared.*, compared.gl_amount - compared.subledger_amount as difference,
        compared.gl_amount - compared.subledger_amount - coalesce(told.amount, 0) as unexplained_amount,
        coalesce(abs(compared.gl_amount - compared.subledger_amount - coalesce(told.amount, 0)) <= policy.gl_tolerance, false)
            as is_tied
    from compared
    cross join staging.policy as policy
    left join told
        on compared.entity_id = told.entity_id and compared.period_end = told.period_end and compared.account = told.account
        and compared.currency = told.currency and compared.currency_kind = told.currency_kind
),

lines as (
    select entity_id, period_end, account, currency, currency_kind, 'total' as class, difference as amount from judged
    union all
    select entity_id, period_end, account, currency, currency_kind, 'unexplained', unexplained_amount from judged
    union all
    select entity_id, period_end, account, currency, currency_kind, class, amount from explained
)

select
    lines.period_end,
    lines.entity_id,
    lines.account,
    lines.currency,
    lines.currency_kind,
    lines.class,
    judged.subledger_amount,
    judged.gl_amount,
    cast(lines.amount as decimal(38, 4)) as amount,
    judged.is_tied
from lines
inner join judged
    on lines.entity_id = judged.entity_id and lines.period_end = judged.period_end and lines.account = judged.account
    and lines.currency = judged.currency and lines.currency_kind = judged.currency_kind
