"""The submission file: its content, in the dataset's file format."""

import io
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from schemas.dataset import ENTITIES, Entity, fields, fields_of
from schemas.submission_file import FileFormat
from schemas.written_days import format_dates
from transforms.parse.submitted_text import ISO_DATE
from transforms.results.submission_rows import SubmissionRows

# A temporary record end and a separator that splits nothing: ordinary text contains neither.
_RECORD_END, _NOT_THERE = "\x1e", "\x1f"
_LONG_END = "\x1e\x1d\x1c\x1d\x1e"


def content(rows: SubmissionRows, form: FileFormat, at_once: int = 100_000) -> Iterator[bytes]:
    """Yields the content of the submission file: its header, then `at_once` rows at a time."""
    yield _csv(pl.DataFrame(schema=[field.header for field in fields()]), form, form.line_end, header=True)
    # Each client and episode is formatted once, however many rows repeat it.
    lines = {entity: _as_lines(rows.sent[entity], entity, form) for entity in ENTITIES}
    for start in range(0, len(rows.order), at_once):
        places = rows.order.slice(start, at_once)
        portion = pl.DataFrame({entity: lines[entity].gather(places[f"{entity}_place"]) for entity in ENTITIES})
        yield _csv(portion, replace(form, quoting="never"), form.line_end)


def _as_lines(sent: pl.DataFrame, entity: Entity, form: FileFormat) -> pl.Series:
    """Returns one text per record of an entity, as in the file, without a line end."""
    frame = _with_date_format(sent.select(field.header for field in fields_of(entity)), form.date_format)
    encoded = _csv(frame, form, _RECORD_END)
    if encoded.count(_RECORD_END.encode()) == len(frame) and _NOT_THERE.encode() not in encoded:
        return _lines_of(encoded)
    # A field contains one of the two characters: split at a longer record end, which is slower.
    *texts, _ = _csv(frame, form, _LONG_END).split(_LONG_END.encode())
    if len(texts) != len(frame):
        raise RuntimeError(f"the {entity} records cannot be split at their ends")
    return pl.Series(texts, dtype=pl.Binary).cast(pl.String)


def _lines_of(encoded: bytes) -> pl.Series:
    if not encoded:
        return pl.Series(dtype=pl.String)
    # The CSV reader splits the text much faster than Python, with each record as one column.
    return pl.read_csv(
        encoded,
        has_header=False,
        separator=_NOT_THERE,
        quote_char=None,
        eol_char=_RECORD_END,
        infer_schema=False,
        new_columns=["line"],
    )["line"]


def _csv(frame: pl.DataFrame, form: FileFormat, line_end: str, *, header: bool = False) -> bytes:
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


def _with_date_format(sent: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """Returns the sent values with dates in another format."""
    if date_format == ISO_DATE:
        return sent
    dates = [
        field.header for field in fields() if field.kind in ("date", "partial_date") and field.header in sent.columns
    ]
    return sent.with_columns(format_dates(pl.col(name).str.to_date(ISO_DATE), date_format) for name in dates)
