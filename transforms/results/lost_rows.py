"""Finds what keeps each rejected intervention from being sent: every rule, not only the first cause."""

from collections.abc import Collection, Mapping

import polars as pl

from schemas.dataset import Entity
from schemas.record_columns import ENTITY, IS_REPEAT, ROW
from transforms.link.linkage import Records
from transforms.results.outcomes import Outcome

LOST_ROWS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32, "rule": pl.String, "cause_entity": ENTITY, "cause_row": pl.UInt32
}  # fmt: skip


def find_lost_rows(records: Records, findings: pl.DataFrame, rejecting: Collection[str]) -> pl.DataFrame:
    """Returns, for each rejected intervention, each rejecting rule that it, its episode or its client breaks.

    An intervention with one rule would be sent if that fault were corrected. Where records share the id of a parent,
    the cause is the first of them that breaks the rule.

    Args:
        records: the records with their outcomes.
        findings: entity, row and rule.
        rejecting: the names of the rules that reject.

    Returns:
        The columns of `LOST_ROWS`: the row of the intervention, the rule, and the record that breaks it.
    """
    lost = (
        records.intervention.lazy()
        .filter(pl.col("outcome") == Outcome.REJECTED.value)
        .select(ROW, "episode_key")
        .collect()
    )
    broken = findings.filter(pl.col("rule").is_in(list(rejecting)))
    keys = lost["episode_key"].drop_nulls().unique().implode()
    ties = records.episode.lazy().filter(_may_lose_children()).select(ROW, "episode_key", "client_key")
    episodes = ties.filter(pl.col("episode_key").is_in(keys)).collect()
    clients = records.client.lazy().filter(_may_lose_children()).select(ROW, "client_key").collect()
    of_client = _find_first_causes(clients, "client_key", broken, "client")
    # An episode id in conflict can have the clients of several records.
    of_client = episodes.select("episode_key", "client_key").unique().join(of_client, on="client_key")
    of_client = of_client.group_by("episode_key", "rule", "cause_entity").agg(pl.col("cause_row").min())
    of_episode = _find_first_causes(episodes, "episode_key", broken, "episode")
    own = _select_broken(lost, broken, "intervention").select(
        ROW, "rule", cause_entity=pl.lit("intervention", dtype=ENTITY), cause_row=ROW
    )
    columns = ["episode_key", "rule", "cause_entity", "cause_row"]
    of_parents = lost.join(pl.concat([of_client.select(columns), of_episode.select(columns)]), on="episode_key")
    found = pl.concat([own, of_parents.select(own.columns)])
    return found.select(pl.col(name).cast(dtype) for name, dtype in LOST_ROWS.items()).sort([*LOST_ROWS])


def _may_lose_children() -> pl.Expr:
    """Returns an expression: whether a rejected record takes its children with it (see `add_outcomes`)."""
    return ~pl.col(IS_REPEAT) & ~pl.col("is_out_of_scope") & ~pl.col("is_withheld")


def _select_broken(records: pl.DataFrame, broken: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    of_entity = broken.lazy().filter(pl.col("entity") == entity).select(pl.col("row").cast(records[ROW].dtype), "rule")
    return records.join(of_entity.collect(), left_on=ROW, right_on="row")


def _find_first_causes(parents: pl.DataFrame, key: str, broken: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Returns for each key and rule the first record with that key that breaks the rule."""
    # One row per key and rule: otherwise very many records with one id would be joined with very many children.
    first = _select_broken(parents, broken, entity).group_by(key, "rule").agg(cause_row=pl.col(ROW).min())
    return first.with_columns(cause_entity=pl.lit(entity, dtype=ENTITY))
