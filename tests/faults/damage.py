"""Doing to a file what a bad disk does."""

from pathlib import Path


def flip_a_bit(path: Path, at: int) -> None:
    """Turn one bit of the byte at a place."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def cut(path: Path, size: int) -> None:
    """Keep only the first bytes."""
    with path.open("r+b") as file:
        file.truncate(size)
