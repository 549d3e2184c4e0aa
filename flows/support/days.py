"""Days as text, YYYY-MM-DD."""

from datetime import date

from flows.support.errors import InputRefused


def parse_day(text: str, where: str, allowed: str = "a day as YYYY-MM-DD is allowed") -> date:
    """Returns the day that a text names.

    Args:
        text: YYYY-MM-DD.
        where: the option, or the file, line and column that the text is from.
        allowed: what is allowed there, as a clause.

    Raises:
        InputRefused: the text is not a day; the message has the three.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"{where} is {text!r}; {allowed}") from None
