"""One line of what a look over a home found; where it looks belongs to `doctor` and `holdings`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line: `level` is ok, warning or error; what was looked at, what was found, and what to do about it."""

    level: str
    subject: str
    said: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.level:<8} {self.subject:<13} {self.said}{f'. {self.advice}' if self.advice else ''}"
