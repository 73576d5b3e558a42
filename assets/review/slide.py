"""A slide: what it says, and what shows it. Which slides there are belongs to `slides`, how they look to `deck`."""

from __future__ import annotations

from dataclasses import dataclass

from assets.pack.blocks import Shown


@dataclass(frozen=True)
class Panel:
    """A chart (`kind` columns, stacked, lines, or fan: what came solid, what is expected hatched, its range as lines)
    or a table of a block; `series` are the columns it draws, `unit` what they are in."""

    shown: Shown
    kind: str
    title: str
    categories: str = ""
    series: tuple[str, ...] = ()
    unit: str = ""

    @property
    def name(self) -> str:
        """What the shape is called on its slide."""
        return self.shown.block.name if self.kind == "table" else f"{self.shown.block.name}: {', '.join(self.series)}"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: no row, or a chart of nothing but zeros."""
        frame = self.shown.frame
        return not frame.height or (
            bool(self.series) and not any(value for name in self.series for value in frame[name])
        )

    @property
    def alt(self) -> str:
        """The text for those who cannot see it."""
        if self.kind == "table":
            return f"Table. {self.title}: {self.shown.frame.height} rows"
        names = ", ".join(name.replace("_", " ") for name in self.series)
        return f"Chart. {self.title}: {names} by {self.categories.replace('_', ' ')}; its numbers are in its data sheet"


@dataclass(frozen=True)
class Slide:
    """One slide: what it says, what shows it, and what must be read with it."""

    message: str
    panels: tuple[Panel, ...]
    note: str = ""


Parts = tuple[str, tuple[Panel, ...], str]
"""A slide's message, panels and note."""
