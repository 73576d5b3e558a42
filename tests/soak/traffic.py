"""What arrives night by night: the rows of a synthetic book on the days of their events, some of them late, sent twice,
corrected, or beside a file that nobody should trust.

Belongs here: which files are put into the landing folder on a night. Does not: running the night, or what must hold.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from models.raw.synthetic import BookSettings, generate

DATED = {
    "invoices": "invoice_date",
    "credit_memos": "credit_date",
    "payments": "payment_date",
    "applications": "applied_on",
    "write_offs": "written_off_on",
    "recoveries": "recovered_on",
    "refunds": "refunded_on",
    "payment_reversals": "reversed_on",
    "promises": "made_on",
    "disputes": "opened_on",
}
"""Feeds that grow, with the day on which a row is first known. All others come whole on the first night."""

LEFT_OUT = ("gl_balances",)
"""A general ledger knows what is late before the files do, so that the two would not tie."""

HOSTILE = {
    "invoices": (
        b'entity_id,invoice_id,customer_id,invoice_date,due_date,currency,amount\nUS01,"X1,C1,2026-01-01,2026-02-01,USD,1\n',
        "entity_id,invoice_id,customer_id,invoice_date,currency,amount\nUS01,X2,C1,2026-01-01,USD,1\n".encode("utf-16"),
        b"entity_id,invoice_id,customer_id\nUS01,X3,C1\n",
        b"\x00\x01\x02",
        b"",
    ),
    "payments": (
        b"entity_id,payment_id,customer_id,payment_date,currency,amount\nUS01,Y1,C1,2026-01-01,USD,1,extra,extra\n",
        b"entity_id,payment_id,customer_id,payment_date,currency,amount\nUS01,Y2,=1+1,not a day,USD,NaN\n",
    ),
}
"""Files by feed: some stop their batch, of others the rows are rejected."""


@dataclass
class Traffic:
    """The files of each night of a book's last days, drawn from a seed."""

    nights: int
    seed: int
    invoices: int = 300
    last: date = date(2026, 10, 31)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        settings = BookSettings(
            invoices=self.invoices, seed=self.seed, as_of=self.last, months=18, events="all", entities=1
        )
        self.feeds = {name: frame for name, frame in generate(settings).feeds.items() if name not in LEFT_OUT}

    @property
    def days(self) -> list[date]:
        """The day that each night is for."""
        return [self.last - timedelta(self.nights - 1 - number) for number in range(self.nights)]

    def put(self, number: int, landing: Path) -> list[Path]:
        """Put a night's files into the landing folder; returns those that nobody should trust, to be taken away again."""
        landing.mkdir(parents=True, exist_ok=True)
        night = self.days[number]
        for name, frame in self.feeds.items():
            rows = self._due(name, frame, number)
            if rows.height:
                rows.write_csv(landing / f"{name}_{night:%Y%m%d}.csv")
        for path in list(self._again(landing, number)):
            (landing / f"{path.stem}_again_{number}.csv").write_bytes(path.read_bytes())
        if number and self.chance.random() < 0.3:
            self._correct(landing, number)
        return list(self._hostile(landing, number)) if self.chance.random() < 0.2 else []

    def _due(self, name: str, frame: pl.DataFrame, number: int) -> pl.DataFrame:
        """The rows that arrive on a night: of its day, and those of days before that were held back till then."""
        if name not in DATED:
            return frame if number == 0 else frame.clear()
        held = frame.hash_rows(self.seed) % 100
        late = pl.when(held < 5).then(1 + held % 10).otherwise(0).cast(pl.Int32)
        due = pl.max_horizontal(pl.col(DATED[name]), pl.lit(self.days[0])) + pl.duration(days="late")
        rows = frame.with_columns(pl.select(late=late).to_series()).with_columns(due=due)
        cut = pl.min_horizontal("due", pl.lit(self.last))
        return rows.filter(cut == self.days[number], pl.col(DATED[name]) <= self.days[number]).drop("late", "due")

    def _again(self, landing: Path, number: int) -> Iterator[Path]:
        """Files of the night before that are sent once more under another name."""
        if number and self.chance.random() < 0.3:
            yield from sorted(landing.glob(f"*_{self.days[number - 1]:%Y%m%d}.csv"))[:1]

    def _correct(self, landing: Path, number: int) -> None:
        """An invoice of the past that is sent anew with another due date."""
        known = self.feeds["invoices"].filter(pl.col("invoice_date") < self.days[0], pl.col("due_date").is_not_null())
        row = known[self.chance.randrange(known.height)].with_columns(due_date=pl.col("due_date") + pl.duration(days=7))
        row.write_csv(landing / f"invoices_corrected_{number}.csv")

    def _hostile(self, landing: Path, number: int) -> Iterator[Path]:
        feed = self.chance.choice(sorted(HOSTILE))
        path = landing / f"{feed}_hostile_{number}.csv"
        path.write_bytes(self.chance.choice(HOSTILE[feed]))
        yield path
