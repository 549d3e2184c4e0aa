"""The submission file: its content, in the dataset's file format."""

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import polars as pl

from schemas.dataset import Entity, get_field, list_fields
from schemas.submission_file import FileFormat
from schemas.written_days import format_dates
from transforms.parse.submitted_text import ISO_DATE
from transforms.results.submission_rows import SubmissionRows

# A temporary record end, and a separator that never occurs, so that each record stays one column.
_RECORD_END, _UNUSED_SEPARATOR = "\x1e", "\x1f"
_LONG_END = "\x1e\x1d\x1c\x1d\x1e"


def format_submission(rows: SubmissionRows, form: FileFormat, chunk_size: int = 100_000) -> Iterator[bytes]:
    """Yields the content of the submission file: its header, then `chunk_size` rows at a time."""
    yield _format_csv(pl.DataFrame(schema=form.headers), form, form.line_end, header=True)
    # The fields of an entity are next to each other in every format.
    by_entity = {
        entity: list(headers) for entity, headers in groupby(form.headers, key=lambda header: get_field(header).entity)
    }
    # Each client and episode is formatted once, however many rows repeat it.
    lines = {entity: _format_lines(rows.sent[entity].select(by_entity[entity]), entity, form) for entity in by_entity}
    for start in range(0, len(rows.order), chunk_size):
        positions = rows.order.slice(start, chunk_size)
        # Each of the three columns is a finished part of the line, so the delimiter joins them without quotes.
        portion = pl.DataFrame({entity: lines[entity].gather(positions[f"{entity}_place"]) for entity in lines})
        yield _format_csv(portion, replace(form, quoting="never"), form.line_end)


def _format_lines(sent: pl.DataFrame, entity: Entity, form: FileFormat) -> pl.Series:
    """Returns one text per record of an entity, as in the file, without a line end."""
    frame = _reformat_dates(sent, form.date_format)
    encoded = _format_csv(frame, form, _RECORD_END)
    if encoded.count(_RECORD_END.encode()) == len(frame) and _UNUSED_SEPARATOR.encode() not in encoded:
        return _split_lines(encoded)
    # A field contains one of the two characters: split at a longer record end, which is slower.
    *texts, _ = _format_csv(frame, form, _LONG_END).split(_LONG_END.encode())
    if len(texts) != len(frame):
        raise RuntimeError(f"the {entity} records cannot be split at their ends")
    return pl.Series(texts, dtype=pl.Binary).cast(pl.String)


def _split_lines(encoded: bytes) -> pl.Series:
    if not encoded:
        return pl.Series(dtype=pl.String)
    # The CSV reader splits the text much faster than Python, with each record as one column.
    return pl.read_csv(
        encoded,
        has_header=False,
        separator=_UNUSED_SEPARATOR,
        quote_char=None,
        eol_char=_RECORD_END,
        infer_schema=False,
        new_columns=["line"],
    )["line"]


def _format_csv(frame: pl.DataFrame, form: FileFormat, line_end: str, *, header: bool = False) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(
        buffer,
        include_header=header,
        separator=form.delimiter,
        line_terminator=line_end,
        quote_style=form.quoting,
        null_value="",
    )
    return buffer.getvalue()


def _reformat_dates(sent: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """Returns the sent values with dates in another format."""
    if date_format == ISO_DATE:
        return sent
    dates = [
        field.header
        for field in list_fields()
        if field.kind in ("date", "partial_date") and field.header in sent.columns
    ]
    return sent.with_columns(format_dates(pl.col(name).str.to_date(ISO_DATE), date_format) for name in dates)
