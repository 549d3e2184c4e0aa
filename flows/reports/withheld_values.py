"""Describes the values of withheld records that were not parsed, without values that may be private."""

from collections.abc import Iterator

import polars as pl

from flows.pipeline.words_to_show import select_words_to_show
from flows.support.text import join_texts
from schemas.dataset import get_field

_MOST_FIELDS = 8
_MOST_VALUES = 3


def describe_withheld_values(unread: pl.DataFrame) -> Iterator[str]:
    """Yields a line for each field, the field with the most values first.

    Args:
        unread: field, value and records, from `count_withheld_values`.
    """
    totals = unread.group_by("field").agg(pl.col("records").sum()).sort("records", "field", descending=[True, False])
    for header, records in totals.head(_MOST_FIELDS).iter_rows():
        yield f"{records:>7}  {header} {_describe_values(header, unread.filter(pl.col('field') == header))}"
    if len(totals) > _MOST_FIELDS:
        yield f"{'':7}  and {len(totals) - _MOST_FIELDS} more fields"


def _describe_values(header: str, values: pl.DataFrame) -> str:
    if get_field(header).kind != "code":
        return "not a date that can be read"
    shown = select_words_to_show(values.select("value", "records")).sort("records", "value", descending=[True, False])
    if shown.is_empty():
        return "no matching code; the values are not shown, because they may be private"
    words = join_texts((f"{value!r} ({count})" for value, count in shown.iter_rows()), most=_MOST_VALUES)
    return f"no matching code: {words}"
