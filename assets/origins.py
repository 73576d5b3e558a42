"""Origins of the backtest that were made before: kept as files, read back while nothing that they rest on has changed.

Belongs here: what an origin rests on, and its files. Does not: what is forecast at it (`models/forecasts/backtest`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from assets.resources.files import write_whole
from assets.runs import code_version, engine_versions
from models.forecasts.backtest import ITEM_SPAN, LookedBack, look_back, with_actuals
from models.forecasts.origin import History
from models.forecasts.outlook import origins_before
from models.forecasts.standing import known_at

KNOWN_BEFORE = timedelta(days=7 * 26)
"""How much history an origin of the backtest must have before it."""

LOOK_AHEAD = timedelta(days=1200)
"""How far days of the calendar matter to an origin."""


def origins_known(spells: pl.DataFrame, as_of: date, count: int) -> list[date]:
    """The weekly origins before the day that have half a year of history before them, and the day itself."""
    first = spells["entry_date"].min()
    return [day for day in origins_before(as_of, count) if day - KNOWN_BEFORE >= first or day == as_of]


@dataclass(frozen=True)
class Origins:
    """The origins of a book as of a day, kept under `place`: a file of weeks each, and files of
    what was measured of them.

    A night whose past is that of the week before makes the newest only.
    """

    place: Path
    history: History

    def rows(self, origins: list[date], advance: Callable[[], None] = lambda: None) -> LookedBack:
        """Rows of weeks, with what came, and of what was measured of the origins; `advance` is called for every one
        there."""
        found = []
        for origin in origins:
            found.append(self._origin(origin))
            advance()
        weeks = pl.concat([one.weeks for one in found], how="vertical_relaxed")
        rows = with_actuals(weeks, self.history.spells, self.history.as_of)
        measured = [[frame for frame in frames if frame.width] for frames in list(zip(*found, strict=True))[1:]]
        return LookedBack(rows, *(pl.concat(frames) if frames else pl.DataFrame() for frames in measured))

    def _origin(self, origin: date) -> LookedBack:
        """What was forecast at one origin and measured of it, read back or made."""
        measured = origin + timedelta(days=ITEM_SPAN)
        paths = [self._file(origin, "weeks", origin)]
        if measured <= self.history.as_of:
            paths += [self._file(origin, kind, measured) for kind in LookedBack._fields[1:]]
        if not all(path.exists() for path in paths):
            known = self.history
            made = look_back(known.spells, known.counts, known.days, origin, known.as_of, known.as_of, known.settings)
            for path, frame in zip(paths, made, strict=False):
                _keep(path, frame)
        frames = [pl.read_parquet(path) for path in paths]
        return LookedBack(*frames, *[pl.DataFrame()] * (len(LookedBack._fields) - len(frames)))

    def _file(self, origin: date, kind: str, known: date) -> Path:
        """The file of an origin, named after all that it rests on: what was known by a day of the book, and code.

        Numbers of payers and receivables move as others come; their order, which is all that matters, does not.
        """
        digest = hashlib.sha256(self._ground)
        days = self.history.days.filter(pl.col("date") <= origin + LOOK_AHEAD)
        spells = known_at(self.history.spells, known).with_columns(pl.col("payer_key").rank("dense"))
        for frame in (spells.drop("spell_key"), days):
            digest.update(frame.hash_rows(seed=7).to_numpy().tobytes())
        return self.place / f"{origin}-{kind}-{digest.hexdigest()[:16]}.parquet"

    @cached_property
    def _ground(self) -> bytes:
        return f"{code_version()} {sorted(engine_versions().items())} {self.history.settings}".encode()


def _keep(path: Path, frame: pl.DataFrame) -> None:
    """Write a file whole in the place of what was kept of the same origin before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    frame.write_parquet(content)
    write_whole(path, content.getvalue())
    kind = path.name[: path.name.rindex("-")]
    for old in path.parent.glob(f"{kind}-*.parquet"):
        if old != path:
            old.unlink()
