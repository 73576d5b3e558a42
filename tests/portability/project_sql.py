"""The SQL files of the project, and which table or check each makes. What they may say belongs to `portable_sql`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE_SQL = sorted((ROOT / "models").glob("*/*.sql"))
CHECK_SQL = sorted((ROOT / "checks" / "reconciliations").glob("*.sql"))
PROJECT_SQL = [*TABLE_SQL, *CHECK_SQL]
