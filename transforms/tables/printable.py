"""Escapes the characters in a text that would control a terminal or reorder what a reader sees."""

import re

# C0 and C1 controls with DEL, line and paragraph separators, and marks that reorder text.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def printable(text: str, keep: str = "") -> str:
    r"""Replaces control characters and escape sequences by text such as `\x1b` or `\u202e`.

    Args:
        text: any text, possibly a value of a record.
        keep: characters to keep, such as a line feed in a quoted CSV field.

    Returns:
        The text, on one line unless `keep` contains line breaks.
    """

    def escape(match: re.Match[str]) -> str:
        letter = match[0]
        if letter in keep:
            return letter
        short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(letter)
        return short or (f"\\x{ord(letter):02x}" if ord(letter) < 256 else f"\\u{ord(letter):04x}")

    return _CONTROLS.sub(escape, text)
