"""Encodings of text files that can be read line by line."""

import codecs

# What a byte means depends on those before it, or the result is no text of the file: no line could be named.
_REFUSED = frozenset({
    "utf-7", "hz", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem",
})  # fmt: skip
_SHIFTING = ("iso2022", "iso-2022")


def is_readable_encoding(encoding: str) -> bool:
    """Whether Python knows an encoding, it is one of text, and each byte keeps its meaning throughout a file."""
    try:
        name = codecs.lookup(encoding).name.lower().replace("_", "-")
        "".encode(encoding)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return False
    return name not in _REFUSED and not name.startswith(_SHIFTING)
