"""Features as frames: the same rows come in the same order, however a table was written."""

from datetime import date

from assets.features import Features
from assets.resources.warehouse import Warehouse

DAY = date(2026, 3, 31)


def test_rows_come_by_the_key_of_their_contract_and_only_those_of_the_day() -> None:
    rows = [(2, 0, 5), (1, 3, 0), (1, 0, 9), (2, 0, -1)]
    with Warehouse(None) as warehouse:
        warehouse.execute(
            "create table features.delay_counts (as_of date, run_id varchar, payer_key bigint, age_week integer,"
            " delay_days integer, item_count bigint)"
        )
        for day in ("2026-03-30", "2026-03-31"):
            for row in rows:
                warehouse.execute(
                    f"insert into features.delay_counts values ('{day}', 'r', {row[0]}, {row[1]}, {row[2]}, 1)"
                )
        found = Features(warehouse, DAY).table("delay_counts")
    assert found.drop("item_count").rows() == sorted(rows)
