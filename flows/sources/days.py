"""Days as text, YYYY-MM-DD."""

from datetime import date

from flows.support.errors import InputRefused


def parse_day(text: str, where: str, allowed: str = "allowed: a day as YYYY-MM-DD") -> date:
    """Returns the day that a text names.

    Args:
        text: YYYY-MM-DD.
        where: the option, or the file, line and column that the text is from.
        allowed: what is allowed there, as a clause that starts with "allowed:".

    Raises:
        InputRefused: the text is not a day; the message has the three.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"{where} is {text!r}; {allowed}") from None
