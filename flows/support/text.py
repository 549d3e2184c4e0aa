"""Formats counts and lists for sentences."""

from collections.abc import Iterable


def format_count(number: int, one: str, many: str = "") -> str:
    """Returns a count with its noun (1 postcode, 2 postcodes); `many` is the plural if adding an s is wrong."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def join_texts(texts: Iterable[str], most: int = 20) -> str:
    """Returns texts joined with commas; shortens a long list to the first `most` and the number of others."""
    every = list(texts)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def as_text(value: object) -> str:
    """Returns a value as text for people; the items of a list are joined with semicolons."""
    return "; ".join(as_text(item) for item in value) if isinstance(value, list) else str(value)
