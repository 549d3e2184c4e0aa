"""The header of a source's table: what is told of it when a column that is asked for is not there."""

import re
from collections.abc import Collection, Sequence

from flows.errors import InputRefused
from schemas.record_columns import SOURCE_LINE

# A birthday, a phone number or an id: no name of a column.
_OF_A_RECORD = re.compile(r"[0-9]{4}|[0-9][/.-][0-9]")

_NO_HEADER = "the file may have no header, or another delimiter or encoding than the mapping says"


def absent_column(name: str, key: str, column: str, columns: Sequence[str], mapped: Collection[str]) -> InputRefused:
    """The refusal of a table without a column that its mapping names.

    Args:
        name: what the table is called.
        key: where the mapping names the column.
        column: the column that is not there.
        columns: those of the table.
        mapped: all that the mapping names for it.
    """
    found = [each for each in columns if each != SOURCE_LINE]
    # A file without a header begins with a person: only of a line that holds most of what is named is more told.
    if not any(each in mapped for each in found):
        told = "nor is any other that it names; " + _NO_HEADER
        told += ": the whole line is one column" if len(found) == 1 else ""
    elif 2 * len(set(mapped).intersection(found)) < len(mapped) or any(_OF_A_RECORD.search(each) for each in found):
        told = "the first line looks like a record; " + _NO_HEADER
    else:
        told = f"there are {', '.join(found)}"
    return InputRefused(f"{name}, line 1: the mapping's {key} names the column {column!r}, which is not there; {told}")
