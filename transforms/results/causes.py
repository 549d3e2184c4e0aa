"""Finds the cause of each outcome: the record itself, or a parent."""

import polars as pl

from schemas.dataset import Entity
from schemas.record_columns import ENTITY, IS_REPEAT, ROW
from transforms.link.linkage import Records
from transforms.results.outcomes import Outcome
from transforms.tables.left_join import left_join_by_key


def add_causes(records: Records) -> Records:
    """Adds `cause_entity` and `cause_row` to every record that was not sent.

    A record that breaks a rejecting rule, is dropped or has no parent is its own cause. A record that was lost with a
    parent points to the parent that broke the rule, a withheld record to its episode, and a record out of scope to the
    record that supplies the other agency. Where the parent's id is in conflict, the cause is the first record with
    that id.
    """
    client = records.client.with_columns(cause_entity=pl.lit("client", dtype=ENTITY), cause_row=pl.col(ROW))
    rejected = _find_first_rows(client, "client_key", pl.col("is_rejected"), "client_that_rejects")
    scoped = _find_first_rows(client, "client_key", pl.col("is_out_of_scope"), "client_out_of_scope")
    episode = _join_parents(records.episode, "client_key", rejected, scoped).with_columns(
        # An episode that supplies another agency is out of scope by itself.
        client_out_of_scope=pl.when(~_supplies_other_agency()).then("client_out_of_scope")
    )
    own = _find_first_rows(episode, "episode_key", pl.col("is_rejected"), "episode_that_rejects")
    withheld = _find_first_rows(episode, "episode_key", pl.col("is_withheld"), "episode_withheld")
    outside = _find_first_rows(episode, "episode_key", _supplies_other_agency(), "episode_out_of_scope")
    causes = ("client_that_rejects", "client_out_of_scope")
    with_cause = episode.select("episode_key", *causes).filter(
        ~episode[IS_REPEAT] & pl.any_horizontal(pl.col(causes).is_not_null())
    )
    # An episode id in conflict has several records, so the first known cause among them counts.
    upward = with_cause.group_by("episode_key").agg(pl.col(causes).drop_nulls().first())
    intervention = _join_parents(records.intervention, "episode_key", own, withheld, outside, upward)
    by_client = [
        (pl.col("client_that_rejects"), "client", _is_lost_with_parent()),
        (pl.col("client_out_of_scope"), "client", pl.col("outcome") == Outcome.OUT_OF_SCOPE.value),
    ]
    by_episode = [
        (pl.col("episode_withheld"), "episode", pl.col("outcome") == Outcome.WITHHELD.value),
        (pl.col("episode_out_of_scope"), "episode", pl.col("outcome") == Outcome.OUT_OF_SCOPE.value),
        (pl.col("episode_that_rejects"), "episode", _is_lost_with_parent()),
    ]
    return Records(
        _clear_sent(client),
        _clear_sent(_choose(episode, "episode", by_client)),
        _clear_sent(_choose(intervention, "intervention", by_episode + by_client)),
    )


def _is_lost_with_parent() -> pl.Expr:
    return (pl.col("outcome") == Outcome.REJECTED.value) & ~pl.col("is_rejected") & pl.col("parent_is_lost")


def _supplies_other_agency() -> pl.Expr:
    return (pl.col("is_out_of_scope") & pl.col("agency_is_checked") & ~pl.col("is_of_the_agency")).fill_null(
        value=False
    )


def _find_first_rows(parents: pl.DataFrame, key: str, condition: pl.Expr, name: str) -> pl.DataFrame:
    matching = (
        parents.lazy().filter(condition & ~pl.col(IS_REPEAT) & pl.col(key).is_not_null()).select(key, ROW).collect()
    )
    return matching.group_by(key).agg(pl.col(ROW).min().alias(name))


def _join_parents(children: pl.DataFrame, key: str, *parents: pl.DataFrame) -> pl.DataFrame:
    for parent in parents:
        children = left_join_by_key(children, parent, key)
    return children


def _choose(records: pl.DataFrame, entity: Entity, causes: list[tuple[pl.Expr, str, pl.Expr]]) -> pl.DataFrame:
    """Sets the first cause that applies and exists; else the record itself."""
    cause_entity, cause_row = pl.lit(entity, dtype=ENTITY), pl.col(ROW)
    # Each step wraps the expression so far, so the cause that is wrapped last is tried first.
    for row, cause, applies in reversed(causes):
        is_cause = applies & row.is_not_null()
        cause_entity = pl.when(is_cause).then(pl.lit(cause, dtype=ENTITY)).otherwise(cause_entity)
        cause_row = pl.when(is_cause).then(row).otherwise(cause_row)
    names = [name for name in _TEMPORARY if name in records.columns]
    return records.with_columns(cause_entity=cause_entity, cause_row=cause_row).drop(names)


_TEMPORARY = (
    "client_that_rejects", "client_out_of_scope", "episode_that_rejects", "episode_withheld", "episode_out_of_scope"
)  # fmt: skip


def _clear_sent(records: pl.DataFrame) -> pl.DataFrame:
    not_sent = pl.col("outcome") != Outcome.SENT.value
    return records.with_columns(
        pl.when(not_sent).then("cause_entity").alias("cause_entity"),
        pl.when(not_sent).then("cause_row").alias("cause_row"),
    )
