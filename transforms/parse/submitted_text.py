"""The text that is sent of a field."""

import polars as pl

from schemas.dataset import Field
from schemas.record_columns import has_value_column
from schemas.written_days import written

ISO_DATE = "%Y-%m-%d"


def text_sent(each: Field) -> pl.Expr:
    """The text that would be sent of a field; null where it is sent as blank, dates as YYYY-MM-DD."""
    if each.kind == "code":
        return pl.col(f"{each.header}.sent").alias(each.header)
    if each.kind in ("date", "partial_date"):
        return written(pl.col(f"{each.header}.value"), ISO_DATE).alias(each.header)
    if has_value_column(each.header):
        return pl.col(f"{each.header}.value").cast(pl.String).alias(each.header)
    return pl.col(each.header)
