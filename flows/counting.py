"""Counts in sentences."""


def counted(number: int, one: str, many: str = "") -> str:
    """A count and what is counted: 1 postcode, 2 postcodes; `many` is the plural where an s does not make it."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
