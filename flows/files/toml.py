"""Parses TOML, and raises one kind of error for every text that cannot be parsed."""

import tomllib
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """Parses the text of a TOML file.

    Raises:
        tomllib.TOMLDecodeError: the text is not TOML, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("its lists or tables are nested too deeply") from None
    except ValueError:
        # Python converts no number of more than 4,300 digits.
        raise tomllib.TOMLDecodeError("a number in it has too many digits") from None
