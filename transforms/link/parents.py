"""Lending: the values of a parent that rules of its children read."""

import polars as pl

from schemas.record_columns import ROW
from transforms.link.linkage import Records

# A parent whose key is in conflict is no single record and lends nothing: it has no `parent_row`.
_OF_CLIENT = ["DOB", "DOB.value"]
_OF_EPISODE = ["TRIAGED", "TRIAGED.value", "DISD", "DISD.value"]


def lend(records: Records) -> Records:
    """Gives episodes `client.DOB`, and interventions that and `episode.TRIAGED`, `episode.DISD`.

    Each with its `.value`; null where the parent is blank, unknown, or in conflict.
    """
    birth = records.client.select(ROW, pl.col(_OF_CLIENT).name.prefix("client."))
    episode = _beside_parent(records.episode, birth)
    lent = episode.select(ROW, pl.col(_OF_EPISODE).name.prefix("episode."), "client.DOB", "client.DOB.value")
    return Records(records.client, episode, _beside_parent(records.intervention, lent))


def _beside_parent(children: pl.DataFrame, parents: pl.DataFrame) -> pl.DataFrame:
    """A gather by row number, which costs less than a join by id."""
    rows = children["parent_row"]
    return children.with_columns(
        parents[name].gather(rows).alias(name) if len(parents) else pl.lit(None, dtype=parents.schema[name]).alias(name)
        for name in parents.columns
        if name != ROW
    )
