"""The rows of the submission: one for each intervention sent, with its episode's and client's fields."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from schemas.dataset import ENTITIES, Entity, Field, fields, fields_of
from schemas.record_columns import ROW, SOURCE_FILE, SOURCE_LINE, has_value_column
from schemas.submission_file import FileFormat
from schemas.written_days import written
from transforms.outcomes import Outcome
from transforms.ties import Records

_SORTED_BY = ["CLIENTID", "EPISODID", "MODID"]


_ISO_DATE = "%Y-%m-%d"
# What ends a record while it is not yet part of a row, and a character that is not in it: no text has them.
_RECORD_END, _NOT_THERE = "\x1e", "\x1f"
_LONG_END = "\x1e\x1d\x1c\x1d\x1e"


def sent_values(records: Records, entity: Entity) -> pl.DataFrame:
    """What is sent of each record of an entity that is sent.

    Returns:
        `row`, `parent_row` (episodes and interventions), where the record lies, and the entity's fields
        as text, dates as YYYY-MM-DD; a value not understood is null, save in a list that is not published.
    """
    ties = [ROW, SOURCE_FILE, SOURCE_LINE] if entity == "client" else [ROW, "parent_row", SOURCE_FILE, SOURCE_LINE]
    # Lazily, so that only the columns that are sent are filtered.
    sent = records[entity].lazy().filter(pl.col("outcome") == Outcome.SENT.value)
    return sent.select(*ties, *(text_sent(each) for each in fields_of(entity))).collect()


@dataclass(frozen=True)
class SubmissionRows:
    """The rows of a submission, in their order, put together a portion at a time.

    `sent` holds what is sent of each entity, once; `order` has for each row the places of its client,
    episode and intervention in those frames.
    """

    sent: Mapping[Entity, pl.DataFrame]
    order: pl.DataFrame

    def __len__(self) -> int:
        return len(self.order)

    def content(self, form: FileFormat, rows: int = 100_000) -> Iterator[bytes]:
        """The content of the submission file: its header, then so many rows at a time."""
        yield _csv(pl.DataFrame(schema=[each.header for each in fields()]), form, form.line_end, header=True)
        # What is sent of a client or an episode is written once, however many rows repeat it.
        lines = {entity: as_lines(self.sent[entity], entity, form) for entity in ENTITIES}
        for start in range(0, len(self.order), rows):
            places = self.order.slice(start, rows)
            portion = pl.DataFrame({entity: lines[entity].gather(places[f"{entity}_place"]) for entity in ENTITIES})
            yield _csv(portion, replace(form, quoting="never"), form.line_end)


def as_lines(sent: pl.DataFrame, entity: Entity, form: FileFormat) -> pl.Series:
    """What is sent of each record of an entity as the file has it, without an end of line."""
    frame = with_date_format(sent.select(each.header for each in fields_of(entity)), form.date_format)
    content = _csv(frame, form, _RECORD_END)
    if content.count(_RECORD_END.encode()) == len(frame) and _NOT_THERE.encode() not in content:
        return _lines_of(content)
    # A field holds one of the two: a longer end is looked for in place of the fast way.
    *texts, _ = _csv(frame, form, _LONG_END).split(_LONG_END.encode())
    if len(texts) != len(frame):
        raise RuntimeError(f"the {entity} records cannot be told apart by what ends them")
    return pl.Series(texts, dtype=pl.Binary).cast(pl.String)


def _lines_of(content: bytes) -> pl.Series:
    if not content:
        return pl.Series(dtype=pl.String)
    return pl.read_csv(
        content,
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


def submission_rows(sent: Mapping[Entity, pl.DataFrame]) -> SubmissionRows:
    """One row for each intervention sent, sorted by client, episode and intervention id as text.

    Args:
        sent: from `sent_values`, by entity; episodes and interventions with `parent_row`.
    """
    clients = sent["client"].select(client_row=ROW, CLIENTID="CLIENTID").with_row_index("client_place")
    episodes = sent["episode"].select(episode_row=ROW, client_row="parent_row", EPISODID="EPISODID")
    interventions = sent["intervention"].select(episode_row="parent_row", MODID="MODID")
    order = (
        interventions.with_row_index("intervention_place")
        .join(episodes.with_row_index("episode_place"), on="episode_row")
        .join(clients, on="client_row")
        .sort(_SORTED_BY)
    )
    return SubmissionRows(sent, order.select(f"{entity}_place" for entity in ENTITIES))


def text_sent(each: Field) -> pl.Expr:
    """The text that would be sent of a field; null where it is sent as blank, dates as YYYY-MM-DD."""
    if each.kind == "code":
        return pl.col(f"{each.header}.sent").alias(each.header)
    if each.kind in ("date", "partial_date"):
        return written(pl.col(f"{each.header}.value"), _ISO_DATE).alias(each.header)
    if has_value_column(each.header):
        return pl.col(f"{each.header}.value").cast(pl.String).alias(each.header)
    return pl.col(each.header)


def with_date_format(sent: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """What is sent with its dates written in another form."""
    if date_format == _ISO_DATE:
        return sent
    dates = [each.header for each in fields() if each.kind in ("date", "partial_date") and each.header in sent.columns]
    return sent.with_columns(written(pl.col(name).str.to_date(_ISO_DATE), date_format) for name in dates)
