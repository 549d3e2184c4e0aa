"""How the columns of a record frame are named.

Every field F of a record has the column `F`, the cleaned text as the source had it (null is
blank), and `F.value`, what was understood of it (null where it is blank or was not).  Coded
fields have `F.sent` too, the text that goes into the submission.  Values that a parent lends
are prefixed with its entity (`client.DOB`, `episode.DISD`), those of another record a rule
compares with, with `other.`, and those of a child with `child.`.
"""

import polars as pl

from schemas.dataset import ENTITIES, Field, field

SOURCE_FILE = "source_file"
SOURCE_LINE = "source_line"
# The line of a row while it is still under the headers of its own file: no header can hold this character.
FILE_LINE = "\0line"
ROW = "row"
IS_REPEAT = "is_exact_repeat"

# What a record is, where records of all kinds stand in one frame.
ENTITY = pl.Enum(ENTITIES)

# Kinds whose text is its own value: nothing is to be understood.
_TEXT_KINDS = frozenset({"id", "text"})


def field_named(reference: str) -> Field:
    """The field a reference such as `EXITD` or `episode.EXITD` speaks of."""
    return field(reference.rpartition(".")[2])


def has_value_column(header: str) -> bool:
    """Whether the field has a column of its own for what was understood."""
    return header == "AGNCY" or field(header).kind not in _TEXT_KINDS


def came(reference: str) -> pl.Expr:
    """The text as the source had it; null where blank."""
    return pl.col(reference)


def value(reference: str) -> pl.Expr:
    """What was understood of the field: a date, a number, a code or a text; null where nothing was."""
    if has_value_column(field_named(reference).header):
        return pl.col(f"{reference}.value")
    return pl.col(reference)


def sent(reference: str) -> pl.Expr:
    """The text of a coded field that goes into the submission; null where it is sent as blank."""
    return pl.col(f"{reference}.sent")
