"""A small book that reaches every branch of the SQL: a synthetic one, and beside it what synthetic ones seldom hold.

Belongs here: making and loading the book, and spoiling it. Does not: what is expected of it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from assets.allowance import make_allowance
from assets.approvals import Closes
from assets.forecasts import make_changes, make_forecasts, make_runs
from assets.marts import ALLOWANCE_TABLES, FORECAST_TABLES
from assets.resources.warehouse import EVERYTHING, Warehouse
from assets.synthetic_files import write_book
from models.contract import contract, sql
from models.raw.synthetic import BookSettings
from tests.small_books import SmallBook, build_tables

SETTINGS = BookSettings(invoices=300, seed=7, events="all", bad_rows=True)
AS_OFS = (SETTINGS.as_of, SETTINGS.as_of - timedelta(200))
AHEAD = AS_OFS[0] + timedelta(40)
BATCHES = ("2026-04-01T06:00:00", "2026-04-20T06:00:00")
POLICY = """
base_currency: USD
forecast: {fewest_settled: 20, origins: 16, draws: 40}
allowance:
  adjustments:
    - {name: downturn, purpose: current, form: multiplicative, size: 0.1, direction: up, evidence: insolvencies,
       owner: a controller, approved_by: a director, approved_on: 2026-01-01, expires_on: 2027-12-31}
"""
KNOWN_ATS = (EVERYTHING, datetime(2026, 4, 10))

# In one entity: sources and invoices that are asked for too much, within a currency and across, with discounts and tax
# withheld; a void; an application that is undone; one whose other side never comes. The second batch changes some of it.
FIRST = {
    "entities_north": """
        | entity_id | functional_currency |
        | north     | EUR                 |
    """,
    "invoices_north": """
        | entity_id | invoice_id | customer_id | invoice_date | due_date   | currency | amount  | functional_amount |
        | north     | N1         | X1          | 2026-01-10   | 2026-02-09 | USD      | 100.00  | 91.37             |
        | north     | N2         | X2          | 2026-01-15   | 2026-02-14 | USD      | 250.00  | 228.43            |
        | north     | N3         | X1          | 2026-02-01   | 2028-02-01 | JPY      | 30000   | 190.11            |
        | north     | N5         | X3          | 2026-02-04   | .          | EUR      | 33.33   | .                 |
        | north     | N6         | X3          | 2026-02-04   | .          | USD      | 44.44   | .                 |
        | north     | N7         | X3          | 2026-02-04   | .          | EUR      | 10.00   | .                 |
    """,
    "invoices_voided": """
        | entity_id | invoice_id | customer_id | payer_id | invoice_date | due_date   | currency | amount | voided_on  |
        | north     | N4         | X3          | X1       | 2026-02-03   | 2026-01-01 | EUR      | 75.55  | 2026-06-01 |
    """,
    "payments_north": """
        | entity_id | payment_id | customer_id | payment_date | currency | amount | functional_amount |
        | north     | NP1        | X1          | 2026-02-01   | USD      | 120.00 | 109.64            |
        | north     | NP2        | X1          | 2026-02-20   | EUR      | 150.00 | .                 |
        | north     | NP3        | X2          | 2026-01-05   | USD      | 500.00 | 456.85            |
        | north     | NP4        | X3          | 2026-03-01   | EUR      | 10.00  | .                 |
        | north     | NP5        | X3          | 2026-02-10   | EUR      | 15.00  | .                 |
    """,
    "payments_on_their_way": f"""
        | entity_id | payment_id | customer_id | payment_date | currency | amount | status  |
        | north     | NP6        | X3          | {AHEAD}      | USD      | 12.00  | pending |
        | north     | NP7        | X3          | 2026-03-01   | EUR      | 4.00   | pending |
    """,
    "billing_schedule_north": f"""
        | entity_id | schedule_id | customer_id | bill_on    | currency | amount | probability |
        | north     | NS1         | X3          | {AHEAD}    | EUR      | 50.00  | 0.5         |
        | north     | NS2         | X3          | 2026-05-01 | EUR      | 60.00  | .           |
    """,
    "credit_memos_north": """
        | entity_id | credit_memo_id | customer_id | credit_date | currency | amount | functional_amount |
        | north     | NC1            | X1          | 2026-02-05  | USD      | 60.00  | 54.82             |
    """,
    "applications_north": """
        | entity_id | application_id | source_id | invoice_id | applied_on | amount | source_amount | unapplied_on |
        | north     | NA2            | NP1       | N2         | 2026-02-02 | 80.00  | .             | 2026-05-01   |
        | north     | NA3            | NP2       | N3         | 2026-02-20 | 20000  | 127.00        | .            |
        | north     | NA4            | NP2       | N2         | 2026-02-21 | 100.00 | 92.00         | .            |
        | north     | NA6            | NC1       | N1         | 2026-02-06 | 50.00  | .             | .            |
        | north     | NA8            | NP2       | N3         | 2026-03-05 | 15000  | 96.00         | .            |
        | north     | NA9            | NP3       | N9         | 2026-03-05 | 15.00  | .             | .            |
        | north     | NA0            | NP3       | N3         | 2026-03-06 | 900    | .             | .            |
        | north     | NAA            | NP5       | N7         | 2026-02-10 | 15.00  | .             | .            |
        | north     | NAB            | NP6       | N6         | 2026-10-01 | 8.00   | .             | .            |
    """,
    "applications_withheld": """
        | entity_id | application_id | source_id | invoice_id | applied_on | amount | discount_amount | withheld_amount |
        | north     | NA1            | NP1       | N1         | 2026-02-01 | 90.00  | 5.00            | 2.00            |
        | north     | NA5            | NP3       | N2         | 2026-02-22 | 240.00 | 10.00           | 12.00           |
        | north     | NA7            | NP4       | N5         | 2026-03-01 | 10.00  | 30.00           | .               |
    """,
    "payment_reversals_north": """
        | entity_id | reversal_id | payment_id | reversed_on | amount | undone_on  |
        | north     | NR1         | NP3        | 2026-03-10  | 250.00 | .          |
        | north     | NR2         | NP4        | 2026-03-10  | .      | 2026-03-20 |
    """,
    "instalments_north": """
        | entity_id | invoice_id | instalment | due_date   | amount |
        | north     | N2         | 1          | 2026-02-14 | 100.00 |
        | north     | N2         | 2          | 2026-03-14 | 90.00  |
        | north     | N1         | 1          | 2026-02-14 | 100.00 |
    """,
    "gl_balances_north": """
        | entity_id | period_end | account | currency | balance |
        | north     | 2026-03-03 | 1200    | USD      | 300.00  |
        | north     | 2026-03-03 | 1210    | EUR      | 33.33   |
    """,
    "gl_entries_north": """
        | entity_id | entry_id | account | posting_date | currency | amount | class  |
        | north     | E1       | 1200    | 2026-03-02   | USD      | 2.50   | manual |
    """,
    "targets_more": f"""
        | entity_id | metric           | period_end | collector | value  | currency |
        | US01      | cash             | {AHEAD}    | .         | 90000  | USD      |
        | US01      | percent_past_due | {AHEAD}    | .         | 40     | .        |
        | north     | cash             | 2026-03-31 | ana       | 10.00  | EUR      |
    """,
    "fiscal_periods_north": """
        | entity_id | period_id | period_start | period_end | closed_on  |
        | north     | P1        | 2026-01-04   | 2026-01-31 | 2026-02-05 |
        | north     | P2        | 2026-02-01   | 2026-03-03 | 2026-04-05 |
    """,
    "write_offs_north": """
        | entity_id | write_off_id | invoice_id | source_id | written_off_on | amount | reason        | reversed_on |
        | north     | NW1          | N5         | .         | 2026-03-15     | 13.33  | credit        | .           |
        | north     | NW2          | N3         | .         | 2026-03-15     | 90000  | dilution      | 2026-04-02  |
        | north     | NW3          | .          | NC1       | 2026-03-15     | 5.00   | small_balance | .           |
        | north     | NW4          | N6         | .         | 2026-04-05     | 4.44   | credit        | .           |
        | north     | NW5          | N6         | .         | 2026-10-20     | 4.44   | credit        | .           |
    """,
    "recoveries_north": """
        | entity_id | recovery_id | write_off_id | payment_id | recovered_on | amount |
        | north     | NV1         | NW1          | NP4        | 2026-03-21   | 4.00   |
        | north     | NV2         | NW1          | .          | 2026-03-25   | 4.00   |
    """,
    "refunds_north": """
        | entity_id | refund_id | source_id | refunded_on | amount | reopens_invoice_id |
        | north     | NF1       | NC1       | 2026-03-01  | 3.00   | .                  |
        | north     | NF2       | NP1       | 2026-03-02  | 20.00  | N1                 |
        | north     | NF3       | NP5       | 2026-02-20  | 5.00   | .                  |
    """,
    "specific_events_north": """
        | entity_id | event_id | scenario | weight | customer_id | kind       | event_date | expected_loss_rate |
        | north     | NE1      | mild     | 0.5    | X3          | litigation | 2026-02-10 | 0.4                |
        | north     | NE1      | grave    | 0.5    | X3          | litigation | 2026-02-10 | .                  |
    """,
    "disputes_north": """
        | entity_id | dispute_id | invoice_id | opened_on  | amount |
        | north     | ND1        | N5         | 2026-02-10 | .      |
    """,
}
SECOND = {
    "invoices_north_again": """
        | entity_id | invoice_id | customer_id | invoice_date | due_date   | currency | amount  | functional_amount |
        | north     | N2         | X2          | 2026-01-15   | 2026-02-14 | USD      | 240.00  | 219.29            |
    """,
    "applications_north_again": """
        | entity_id | application_id | source_id | invoice_id | applied_on | amount | source_amount |
        | north     | NA1            | NP1       | N1         | 2026-02-01 | 95.00  | .             |
        | north     | NA3            | NP2       | N3         | 2026-02-20 | 25000  | 140.00        |
    """,
}

# Every check finds something in a book that was treated like this.
DAMAGE = (
    "delete from marts.aging where view = 'fifo'",
    "delete from marts.aging_detail where rowid % 5 = 0",
    "delete from marts.aging_monthly where rowid % 5 = 0",
    "delete from marts.rejected_rows where rowid % 5 = 0",
    "delete from ledger.period_aging where rowid % 5 = 0",
    "delete from ledger.postings where rowid % 5 = 0",
    "delete from ledger.period_balances where rowid % 5 = 0",
    "delete from marts.collection_metrics where rowid % 5 = 0",
    "update marts.collection_metrics set numerator = numerator + 1",
    "delete from marts.dispute_trends where rowid % 3 = 0",
    "update ledger.dispute_states set blocked_amount = blocked_amount + 1",
    "update features.receivable_spells set settled_date = entry_date - 1 where settled_date is not null and rowid % 5 = 0",
    "delete from features.receivable_spells where settled_date is null and rowid % 2 = 0",
    "update features.pending_settlements set cash_amount = cash_amount + 1",
    "update features.scheduled_billings set amount_base = null",
    "update forecasts.made set is_made = false where as_of = (select min(as_of) from forecasts.made)",
    "delete from forecasts.settlements where rowid % 5 = 0",
    "update forecasts.cash_weeks set cash = -cash where statistic = 'p90'",
    "update forecasts.cash_weeks set cash = cash + 1 where level = 'segment' and statistic = 'mean'",
    "update forecasts.cash_days set day = as_of where rowid % 50 = 0",
    "update forecasts.behaviour_changes set detected_on = as_of + 1",
    "update forecasts.origin_weeks set mean = mean + 1000000 where origin >= as_of - 49",
    "update forecasts.origin_weeks set p10 = p90 + 1 where horizon_week = 1",
    "update forecasts.accuracy set ratio = 2, coverage_80 = 0.1 where model = 'empirical_bayes'",
    "delete from marts.payer_monthly where rowid % 3 = 0",
    "delete from marts.targets where metric = 'dso'",
    "update marts.forecast_bridge set amount_base = amount_base + 1 where step = 'collected'",
    "update ledger.promise_states set kept_amount = kept_amount + amount",
    "update ledger.open_items set open_amount = 3 * open_amount, open_amount_functional = null, open_amount_base = null",
    "update ledger.open_items set document_key = -1 where rowid % 5 = 0",
    "update marts.aging_detail set flags = 'due_date_missing'",
    "update marts.rollforward set amount = amount + 1 where line in ('opening', 'fx_unrealised')",
    "delete from marts.rollforward where line = 'closing' and currency = 'USD'",
    "update staging.fx_rates set rate = cast(1 / cast(rate as double) as decimal(18, 10))"
    " where to_currency = 'JPY' and rate_date = date '2026-02-04'",
    "update marts.dso set days = days + 1 where definition like 'average%'",
    "update staging.credit_memos set row_key = (select min(row_key) from staging.payments)",
    "update staging.batch_totals set rejected_rows = 2 * loaded_rows, rejected_amount = loaded_amount",
    "update forecasts.payment_runs set next_run_date = as_of",
    "delete from allowance.exposures where rowid % 5 = 0",
    "update allowance.transitions set paid = paid + 1 where rowid % 5 = 0",
    "update allowance.rates set rate = rate + 0.1 where aging_bucket = 'current'",
    "update allowance.rates set rate = 0 where aging_bucket = 'over-120'",
    "delete from allowance.closed_items where rowid % 5 = 0",
    "insert into allowance.closings select as_of, run_id, as_of - 30, entity_id, currency, pool, amount + 1"
    " from marts.allowance_rollforward where line = 'opening'",
    "update allowance.items set loss_rate = null where rowid % 5 = 0",
    "update marts.allowance_schedule set allowance = allowance + 1 where rowid % 3 = 0",
    "delete from marts.allowance_items where rowid % 5 = 0",
    "update marts.allowance_rollforward set amount = amount + 1 where line = 'provision'",
    "update marts.allowance_journal set debit = debit + 1",
    "insert into staging.gl_balances (entity_id, period_end, account, account_kind, currency, currency_kind, balance,"
    " known_from, known_to) select entity_id, as_of, '1290', 'allowance', currency, 'document', 1, timestamp '2000-01-01',"
    " timestamp '9999-12-31' from marts.allowance_journal",
    *(
        f"insert into staging.declared_changes (file_number, kind, column_name, row_count, amount_change)"
        f" values (1, '{kind}', 'amount', 2, 0.01)"
        for kind in ("unreadable", "assumed", "rounded")
    ),
    *(
        f"insert into raw.file_notes (source_name, kind, file_name) values ('landing', '{kind}', 'a.csv')"
        for kind in ("stopped", "unmatched", "nothing_matched")
    ),
    "insert into raw.files select 9100 + range, 9100 + range, 'x', 'other', 1, '*', 'invoices', 'increment', 'x.csv', 'x',"
    " case when range = 7 then 1 else 100 end, 0, timestamp '2000-01-01' + interval (range) day, null from range(1, 8)",
    "insert into staging.invoices select * replace (null as due_date, cast(amount * 90 as decimal(18, 4)) as amount,"
    " 9107 as file_number) from staging.invoices where currency = 'USD' limit 40",
)

A_CHANGE = """
    insert into forecasts.behaviour_changes
        (payer_key, changed_on, detected_on, direction, exposure, evidence, false_discovery_rate, as_of, run_id)
    select payer_key, as_of - 9, as_of, 'slower', 1, 'one of one', 0.1, as_of, run_id
    from features.payers as payers
    where payer_key <= 2 and not exists (
        select 1 from forecasts.behaviour_changes as found
        where found.payer_key = payers.payer_key and found.as_of = payers.as_of
    )
"""
"""Two payers of a book too short to find any."""


A_CLOSE = """
    insert into allowance.closed_items
    select
        as_of, run_id, entity_id, currency, customer_id, document_type, document_id, instalment, treatment, pool,
        aging_bucket, exposure + 1, loss_rate, coalesce(allowance, 0) + 1
    from allowance.items
    where rowid % 3 > 0
"""
"""An approved close of each day, which knew two items of three, and allowed a unit more for each."""


def make_book(root: Path) -> SmallBook:
    """The book, loaded in two batches and built for two days, in a home under `root`."""
    book = SmallBook(root, policy=POLICY)
    write_book(book.landing, SETTINGS)
    book.put(**FIRST)
    book.load(BATCHES[0])
    book.put(**SECOND)
    home = book.load(BATCHES[1])
    with home.warehouse() as warehouse:
        days = dict.fromkeys(AS_OFS, "generated")
        build_tables(warehouse, days, home.as_known_at)
        make_forecasts(warehouse, days, home.policy, home.work / "origins")
        make_runs(warehouse, days)
        make_changes(warehouse, days, home.policy)
        warehouse.execute(A_CHANGE)
        make_allowance(warehouse, days, home.policy, home.as_known_at, dict.fromkeys(days, Closes()))
        warehouse.execute(A_CLOSE)
        for table in [*FORECAST_TABLES, *ALLOWANCE_TABLES]:
            warehouse.replace(contract(table), sql(table), days, known_at=home.as_known_at)
    return book


@contextmanager
def spoiled(book: SmallBook, folder: Path) -> Iterator[Warehouse]:
    """A copy of the book in which nothing agrees any more."""
    copy = shutil.copy(book.home().warehouse_file, folder / "spoiled.duckdb")
    with Warehouse(Path(copy)) as warehouse:
        for damage in DAMAGE:
            warehouse.execute(damage)
        yield warehouse
