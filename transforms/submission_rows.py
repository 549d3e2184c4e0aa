"""The rows of the submission: one for each intervention sent, with its episode's and client's fields."""

import polars as pl

from schemas.dataset import Entity, Field, fields, fields_of
from schemas.record_columns import ROW, has_value_column
from transforms.outcomes import Outcome
from transforms.ties import Records

_SORTED_BY = ["CLIENTID", "EPISODID", "MODID"]


def sent_values(records: Records, entity: Entity, date_format: str = "%Y-%m-%d") -> pl.DataFrame:
    """What is sent of each record of an entity that is sent.

    Returns:
        `row`, `parent_row` (episodes and interventions) and the entity's fields as text; a value not
        understood is null, save in a list that is not published.
    """
    sent = records[entity].filter(pl.col("outcome") == Outcome.SENT.value)
    ties = [ROW] if entity == "client" else [ROW, "parent_row"]
    return sent.select(*ties, *(_text_sent(each, date_format) for each in fields_of(entity)))


def submission_rows(client: pl.DataFrame, episode: pl.DataFrame, intervention: pl.DataFrame) -> pl.DataFrame:
    """The 70 columns in their order, sorted by client, episode and intervention id as text.

    Args:
        client, episode, intervention: from `sent_values`.
    """
    joined = intervention.join(
        episode.rename({ROW: "episode_row", "parent_row": "client_row"}),
        left_on="parent_row",
        right_on="episode_row",
    ).join(client, left_on="client_row", right_on=ROW)
    return joined.select(each.header for each in fields()).sort(_SORTED_BY)


def _text_sent(each: Field, date_format: str) -> pl.Expr:
    if each.kind == "code":
        return pl.col(f"{each.header}.sent").alias(each.header)
    if each.kind in ("date", "partial_date"):
        return pl.col(f"{each.header}.value").dt.strftime(date_format).alias(each.header)
    if has_value_column(each.header):
        return pl.col(f"{each.header}.value").cast(pl.String).alias(each.header)
    return pl.col(each.header)
