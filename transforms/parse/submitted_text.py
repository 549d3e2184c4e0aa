"""Formats the text of a field for the submission."""

import polars as pl

from schemas.dataset import SENT_OUT_OF_RANGE, WHOLE_NUMBER, Field
from schemas.record_columns import has_value_column
from schemas.written_days import format_dates

ISO_DATE = "%Y-%m-%d"


def format_sent_text(field: Field) -> pl.Expr:
    """Returns the text to send for a field; null where it is sent as blank. Dates are YYYY-MM-DD."""
    if field.kind == "code":
        return pl.col(f"{field.header}.sent").alias(field.header)
    if field.kind in ("date", "partial_date"):
        return format_dates(pl.col(f"{field.header}.value"), ISO_DATE).alias(field.header)
    if field.header == "AGNCY":
        # The agency of the episode, which may differ from that of the client record.
        return pl.col("AGNCY.sent").alias(field.header)
    if field.header in SENT_OUT_OF_RANGE:
        raw = pl.col(field.header)
        as_supplied = pl.when(raw.str.contains(WHOLE_NUMBER)).then(raw)
        return pl.coalesce(pl.col(f"{field.header}.value").cast(pl.String), as_supplied).alias(field.header)
    if has_value_column(field.header):
        return pl.col(f"{field.header}.value").cast(pl.String).alias(field.header)
    return pl.col(field.header)
