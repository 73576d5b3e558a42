"""The features layer: what was known of each payer on the day, and the counts that hazards are made of.

What each table means is in `models/features`.
"""

from __future__ import annotations

from assets.sql_asset import sql_asset

SQL_TABLES = [
    "features.payers",
    "features.spell_amounts",
    "features.receivable_spells",
    "features.payer_cash",
]

ASSETS = [sql_asset(table) for table in SQL_TABLES]
