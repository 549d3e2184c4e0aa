"""Lists the text encodings that can be read line by line."""

import codecs

# In these encodings a byte depends on the bytes before it, or the result is not the file's text, so no error could name
# a line.
_REFUSED = frozenset({
    "utf-7", "hz", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem",
})  # fmt: skip
_SHIFTING = ("iso2022", "iso-2022")


def is_readable_encoding(encoding: str) -> bool:
    """Returns whether Python knows the encoding, it encodes text, and each byte means the same throughout a file."""
    try:
        name = codecs.lookup(encoding).name.lower().replace("_", "-")
        "".encode(encoding)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return False
    return name not in _REFUSED and not name.startswith(_SHIFTING)
