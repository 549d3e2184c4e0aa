"""The rows of the submission: one for each intervention sent, with its episode's and client's fields."""

import polars as pl

from schemas.dataset import Entity, Field, fields, fields_of
from schemas.record_columns import ROW, has_value_column
from transforms.outcomes import Outcome
from transforms.ties import Records

_SORTED_BY = ["CLIENTID", "EPISODID", "MODID"]


_ISO_DATE = "%Y-%m-%d"


def sent_values(records: Records, entity: Entity) -> pl.DataFrame:
    """What is sent of each record of an entity that is sent.

    Returns:
        `row`, `parent_row` (episodes and interventions) and the entity's fields as text, dates as
        YYYY-MM-DD; a value not understood is null, save in a list that is not published.
    """
    sent = records[entity].filter(pl.col("outcome") == Outcome.SENT.value)
    ties = [ROW] if entity == "client" else [ROW, "parent_row"]
    return sent.select(*ties, *(text_sent(each) for each in fields_of(entity)))


def submission_rows(client: pl.DataFrame, episode: pl.DataFrame, intervention: pl.DataFrame) -> pl.DataFrame:
    """The 70 columns in their order, sorted by client, episode and intervention id as text.

    Args:
        client: from `sent_values`, as the other two.
        episode: with `parent_row`, its client's row.
        intervention: with `parent_row`, its episode's row.
    """
    joined = intervention.join(
        episode.rename({ROW: "episode_row", "parent_row": "client_row"}),
        left_on="parent_row",
        right_on="episode_row",
    ).join(client, left_on="client_row", right_on=ROW)
    return joined.select(each.header for each in fields()).sort(_SORTED_BY)


def text_sent(each: Field) -> pl.Expr:
    """The text that would be sent of a field; null where it is sent as blank, dates as YYYY-MM-DD."""
    if each.kind == "code":
        return pl.col(f"{each.header}.sent").alias(each.header)
    if each.kind in ("date", "partial_date"):
        return pl.col(f"{each.header}.value").dt.strftime(_ISO_DATE).alias(each.header)
    if has_value_column(each.header):
        return pl.col(f"{each.header}.value").cast(pl.String).alias(each.header)
    return pl.col(each.header)


def with_date_format(rows: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """The rows with their dates written in another form."""
    if date_format == _ISO_DATE:
        return rows
    dates = [each.header for each in fields() if each.kind in ("date", "partial_date")]
    return rows.with_columns(pl.col(dates).str.to_date(_ISO_DATE).dt.strftime(date_format))
