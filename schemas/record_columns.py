"""Defines the column names of a record frame.

Every field F of a record has the column `F`, the cleaned text of the source (null is blank), and `F.value`, the
parsed value (null where the text is blank or was not parsed). Coded fields also have `F.sent`, the text for the
submission. A prefix marks the values of a related record: the entity for a parent (`client.DOB`, `episode.DISD`),
`other.` for another record that a rule compares with, and `child.` for a child.
"""

import polars as pl

from schemas.dataset import ENTITIES, Field, get_field

SOURCE_FILE = "source_file"
SOURCE_LINE = "source_line"
# The line of a row while the table still has the headers of its file. No header can contain this character.
FILE_LINE = "\0line"
ROW = "row"
IS_REPEAT = "is_exact_repeat"

# The entity of a record, for frames that hold records of all entities.
ENTITY = pl.Enum(ENTITIES)

# Kinds that need no parsing: the text is the value.
_TEXT_KINDS = frozenset({"id", "text"})


def get_referenced_field(reference: str) -> Field:
    """Returns the field of a reference such as `EXITD` or `episode.EXITD`."""
    return get_field(reference.rpartition(".")[2])


def has_value_column(header: str) -> bool:
    """Returns whether the field has its own column for the parsed value."""
    return header == "AGNCY" or get_field(header).kind not in _TEXT_KINDS


def raw_value(reference: str) -> pl.Expr:
    """Returns the text of the source; null where it is blank."""
    return pl.col(reference)


def parsed_value(reference: str) -> pl.Expr:
    """Returns the parsed value of the field: a date, number, code or text; null where it was not parsed."""
    # Ids and texts are not parsed, so they have no second column.
    if has_value_column(get_referenced_field(reference).header):
        return pl.col(f"{reference}.value")
    return pl.col(reference)


def sent_value(reference: str) -> pl.Expr:
    """Returns the text of a coded field for the submission; null where it is sent as blank."""
    return pl.col(f"{reference}.sent")
