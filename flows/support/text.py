"""Counts and lists in sentences."""

from collections.abc import Iterable


def counted(number: int, one: str, many: str = "") -> str:
    """A count and what is counted: 1 postcode, 2 postcodes; `many` is the plural where an s does not make it."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def listed(texts: Iterable[str], most: int = 20) -> str:
    """Texts in a sentence, with commas; of a long list the first ones and how many more there are."""
    every = list(texts)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"
