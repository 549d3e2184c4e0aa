"""Decides exactly one outcome per record, so that no record is lost from the counts."""

from collections.abc import Mapping
from enum import StrEnum

import polars as pl

from schemas.dataset import ENTITIES, Entity
from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records


class Outcome(StrEnum):
    """The outcome of a record (definitions, section 4: outcomes)."""

    DROPPED = "dropped"
    WITHHELD = "withheld"
    REJECTED = "rejected"
    OUT_OF_SCOPE = "out_of_scope"
    SENT = "sent"


OUTCOME = pl.Enum([outcome.value for outcome in Outcome])


class CountsDoNotMatch(RuntimeError):
    """Some records that were read have no outcome: the run must not land."""


def add_outcomes(records: Records) -> Records:
    """Adds `outcome` to every record, and `parent_is_lost` to those whose parent is rejected.

    Args:
        records: evaluated records, with `is_rejected`, `is_withheld` and `is_out_of_scope`.
    """
    client = records.client
    # A parent that is out of scope or withheld counts as such, even if it also breaks a rejecting rule.
    may_be_rejected = ~pl.col("is_out_of_scope") & ~pl.col("is_withheld")
    episode = _add_lost_parent(records.episode, client, "client_key", pl.col("is_rejected") & may_be_rejected)
    lost_episode = (pl.col("is_rejected") | pl.col("parent_is_lost")) & may_be_rejected
    intervention = _add_lost_parent(records.intervention, episode, "episode_key", lost_episode)
    own_or_parents = pl.col("is_rejected") | pl.col("parent_is_lost")
    intervention = intervention.with_columns(
        outcome=_choose_first(
            (Outcome.DROPPED, pl.col(IS_REPEAT)),
            (Outcome.OUT_OF_SCOPE, pl.col("is_out_of_scope")),
            (Outcome.WITHHELD, pl.col("is_withheld")),
            (Outcome.REJECTED, own_or_parents | ~pl.col("has_parent")),
            otherwise=Outcome.SENT,
        )
    )
    episode = episode.with_columns(
        outcome=_choose_first(
            (Outcome.DROPPED, pl.col(IS_REPEAT)),
            (Outcome.OUT_OF_SCOPE, pl.col("is_out_of_scope")),
            (Outcome.WITHHELD, pl.col("is_withheld")),
            (Outcome.REJECTED, own_or_parents | ~_has_child_with(intervention, "episode_key", Outcome.SENT)),
            otherwise=Outcome.SENT,
        )
    )
    # A client is sent if any of its episodes is, and withheld only if none is sent and one is withheld.
    client = client.with_columns(
        outcome=_choose_first(
            (Outcome.DROPPED, pl.col(IS_REPEAT)),
            (Outcome.OUT_OF_SCOPE, pl.col("is_out_of_scope")),
            (Outcome.REJECTED, pl.col("is_rejected")),
            (Outcome.SENT, _has_child_with(episode, "client_key", Outcome.SENT)),
            (Outcome.WITHHELD, _has_child_with(episode, "client_key", Outcome.WITHHELD)),
            otherwise=Outcome.REJECTED,
        )
    )
    return Records(client, episode, intervention)


def count_outcomes(records: Records) -> pl.DataFrame:
    """Counts the records per entity and outcome: entity, outcome, records."""
    counted = [
        records[entity]
        .group_by("outcome")
        .len("records")
        .select(entity=pl.lit(entity), outcome="outcome", records="records")
        for entity in ENTITIES
    ]
    return pl.concat(counted).sort("entity", "outcome")


def nest_outcomes(outcome_counts: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Returns what `count_outcomes` returns as records per outcome, by entity."""
    nested: dict[str, dict[str, int]] = {entity: {} for entity in ENTITIES}
    for entity, outcome, records in outcome_counts.iter_rows():
        nested[entity][outcome] = records
    return nested


def reconcile(read: dict[Entity, int], records: Records) -> None:
    """Compares the number of records read with the number of outcomes.

    Raises:
        CountsDoNotMatch: the numbers differ for an entity.
    """
    for entity in ENTITIES:
        known = records[entity]["outcome"].count()
        if known != read[entity]:
            raise CountsDoNotMatch(
                f"{read[entity]} {entity} records were read but {known} have an outcome; nothing is landed"
            )


def reconcile_kept(read: Mapping[Entity, int], outcomes: pl.DataFrame, sent: Mapping[Entity, pl.DataFrame]) -> None:
    """Compares the number of records read with the number of records the audit will store.

    Args:
        read: the number of records read per entity.
        outcomes: `entity` and `outcome` of every record that was not sent; may include others.
        sent: the sent values per entity.

    Raises:
        CountsDoNotMatch: the numbers differ for an entity.
    """
    not_sent = outcomes.filter(pl.col("outcome") != Outcome.SENT.value)["entity"].cast(pl.String)
    for entity in ENTITIES:
        kept = int((not_sent == entity).sum()) + len(sent[entity])
        if kept != read[entity]:
            raise CountsDoNotMatch(
                f"{read[entity]} {entity} records were read but {kept} would be kept; nothing is landed"
            )


def _choose_first(*cases: tuple[Outcome, pl.Expr], otherwise: Outcome) -> pl.Expr:
    # Each step wraps the expression so far, so the case that is wrapped last is tried first.
    expression = pl.lit(otherwise.value, dtype=OUTCOME)
    for outcome, condition in reversed(cases):
        expression = pl.when(condition).then(pl.lit(outcome.value, dtype=OUTCOME)).otherwise(expression)
    return expression


def _add_lost_parent(children: pl.DataFrame, parents: pl.DataFrame, key: str, lost: pl.Expr) -> pl.DataFrame:
    keys = parents.lazy().filter(~pl.col(IS_REPEAT) & lost).select(key).collect()[key].drop_nulls().unique()
    # A child without a parent id has no answer here; it lost no parent.
    is_lost = pl.col(key).is_in(keys.implode()).fill_null(value=False)
    return children.with_columns(parent_is_lost=is_lost)


def _has_child_with(children: pl.DataFrame, key: str, outcome: Outcome) -> pl.Expr:
    keys = children.select(key, "outcome").filter(pl.col("outcome") == outcome.value)[key].drop_nulls().unique()
    return pl.col(key).is_in(keys.implode()).fill_null(value=False)
