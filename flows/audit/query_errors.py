"""What is wrong with a query, told without a value of the audit, which an error's own text may quote."""

import re

import duckdb

from flows.support.errors import InputRefused

_CANNOT = "the query cannot be answered"
# These speak of the query alone, before any row is looked at.
_OF_THE_QUERY = (
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.PermissionException,
)
_CAST = re.compile(r"::|(?:TRY_)?CAST\b", re.IGNORECASE)
_WRITES = re.compile(r'Cannot execute statement of type "([A-Z_ ]+)"')


def refuse_other_than_one(text: str) -> None:
    """Refuses a text that is no single statement: of several, the answer would be the last one's alone."""
    written = text.encode()
    statements, is_begun = 0, False
    for offset, _ in duckdb.tokenize(text):
        is_end = written[offset : offset + 1] == b";"
        statements += not is_end and not is_begun
        is_begun = not is_end
    if statements != 1:
        found = "it is empty" if not statements else f"there are {statements} statements in it"
        raise InputRefused(f"{_CANNOT}: {found}; one is allowed")


def refused(error: duckdb.Error, text: str) -> InputRefused:
    """The refusal of a query: the error's first line where it quotes the query alone, else its kind and its place."""
    said = str(error).splitlines()[0]
    if isinstance(error, _OF_THE_QUERY):
        return InputRefused(f"{_CANNOT}: {said}")
    if writes := _WRITES.search(said):
        return InputRefused(f"{_CANNOT}: it holds {writes[1]}, and the audit can only be read")
    kind = said.partition(":")[0] if ":" in said else type(error).__name__
    return InputRefused(f"{_CANNOT}: {kind}{_place(error, text)}; its text is held back since it may quote a record")


def _place(error: duckdb.Error, text: str) -> str:
    """Where in the query a value could not be read as another type, where the error says so.

    The error shows the query rewritten, and marks the place it had as it was typed.
    """
    _, _, shown = str(error).rpartition("\n\nLINE ")
    line, _, mark = shown.partition("\n")
    place = mark.find("^") - len("LINE ") - len(line.partition(" ")[0]) - 1
    if place < 0 or not _CAST.match(text, place):
        return ""
    before = text[:place]
    return f" in line {before.count(chr(10)) + 1}, character {place - before.rfind(chr(10))}"
