"""Describes how many rows the filters of a mapping removed, and how many found nothing to join."""

from collections.abc import Iterator, Sequence

from flows.support.text import format_count
from transforms.inputs import RowCount


def describe_row_counts(table: str, counts: Sequence[RowCount]) -> Iterator[str]:
    """Yields a line for each file of a table that has a filter, and for each joined file that lacks rows.

    A filter that removed nothing has a line too, because its texts may not be those of the file.
    """
    for count in counts:
        key = "join.where" if count.join else "where"
        if count.removed is not None:
            yield f"{table}: {key} removed {count.removed} of {format_count(count.read, 'row')} of {count.name}"
        if count.without_match:
            rows = format_count(count.without_match, "row has", "rows have")
            yield f"{table}: {rows} no match in {count.name} (join {count.join})"
