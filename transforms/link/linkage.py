"""Links the records of one export by their ids."""

from dataclasses import dataclass, replace

import polars as pl

from schemas.dataset import Entity
from schemas.record_columns import IS_REPEAT, ROW
from transforms.link.scope import mark_scope
from transforms.parse.unique_values import is_first
from transforms.tables.left_join import left_join_by_key


@dataclass(frozen=True)
class Records:
    """The records of one export, one frame per entity."""

    client: pl.DataFrame
    episode: pl.DataFrame
    intervention: pl.DataFrame

    def __getitem__(self, entity: Entity) -> pl.DataFrame:
        """Returns the frame of one entity."""
        frame: pl.DataFrame = getattr(self, entity)
        return frame

    def put(self, entity: Entity, frame: pl.DataFrame) -> "Records":
        """Returns the same records with the frame of one entity replaced."""
        return replace(self, **{entity: frame})


def link_records(records: Records, agency: str | None) -> Records:
    """Decides the scope of every record, and links it to its parent and to the records that share its id.

    A blank id links to nothing. Only records in scope are linked. See the definitions, section 4.

    Args:
        records: frames with the id fields, `AGNCY` and `AGNCY.value` (clients, episodes) and `is_exact_repeat`.
        agency: the agency of the submission; None where there is no single one.

    Returns:
        The frames with `row` (the position in the frame), the columns of `transforms.link.scope.mark_scope` and
        - `shares_its_id`: another record in scope with the same id is not an exact repeat;
        - `client_key`, `episode_key`, `intervention_key`: integers in place of CLIENTID, EPISODID and MODID; null where
          the id is blank;
        - episodes and interventions: `has_parent`, and `parent_row` where exactly one record is the parent;
        - clients and episodes: `has_child`.
    """
    client = _add_key(records.client.with_row_index(ROW), "CLIENTID", "client_key")
    episode = _add_key(records.episode.with_row_index(ROW), "EPISODID", "episode_key")
    intervention = _add_key(records.intervention.with_row_index(ROW), "MODID", "intervention_key")
    episode = _add_parent_key(episode, client, "CLIENTID", "client_key")
    intervention = _add_parent_key(intervention, episode, "EPISODID", "episode_key")
    client, episode, intervention = mark_scope(client, episode, intervention, agency)
    if any(frame["is_out_of_scope"].any() for frame in (client, episode, intervention)):
        client, episode, intervention = (
            _find_conflicts_in_scope(frame, key)
            for frame, key in ((client, "client_key"), (episode, "episode_key"), (intervention, "intervention_key"))
        )
    episode = _add_parent_row(episode, client, "client_key")
    intervention = _add_parent_row(intervention, episode, "episode_key")
    client = _add_child_flag(client, episode, "client_key")
    return Records(client, _add_child_flag(episode, intervention, "episode_key"), intervention)


def find_well_formed_agencies(clients: pl.DataFrame) -> list[str]:
    """Returns the well-formed agencies of client or episode records, sorted."""
    return clients["AGNCY.value"].drop_nulls().unique().sort().to_list()


def _add_key(records: pl.DataFrame, identifier: str, key: str) -> pl.DataFrame:
    """Adds `key`, the row number of the first record with the same id, and `shares_its_id`.

    Later joins on integers cost less than joins on text. A key is also a row number, so a child's key is the
    position of its parent.
    """
    # The first record with an id is never an exact repeat, so it can provide the key.
    is_first_with_id = is_first(records[identifier]) & records[identifier].is_not_null()
    numbered = records.with_columns(pl.when(is_first_with_id).then(ROW).alias(key), shares_its_id=pl.lit(value=False))
    later = records.select(ROW, identifier, IS_REPEAT).filter(~is_first_with_id)
    # Most ids are unique, so only the few later records with a known id are joined.
    repeated = later.join(numbered.select(identifier, key).filter(is_first_with_id), on=identifier)
    if repeated.is_empty():
        return numbered
    # Exact repeats get the same key but put no id in conflict.
    in_conflict = repeated.filter(~pl.col(IS_REPEAT))[key].unique()
    return numbered.with_columns(numbered[key].scatter(repeated[ROW], repeated[key])).with_columns(
        shares_its_id=~pl.col(IS_REPEAT) & pl.col(key).is_in(in_conflict.implode()).fill_null(value=False)
    )


def _find_conflicts_in_scope(records: pl.DataFrame, key: str) -> pl.DataFrame:
    """Marks the records in scope that share their id with another record in scope."""
    counts = ~pl.col(IS_REPEAT) & ~pl.col("is_out_of_scope") & pl.col(key).is_not_null()
    several = counts.sum().over(key) > 1
    return records.with_columns(shares_its_id=counts & several)


def _add_parent_key(children: pl.DataFrame, parents: pl.DataFrame, identifier: str, key: str) -> pl.DataFrame:
    """Adds the key of the parent's id."""
    # Keep only the first record per id, so that the join returns at most one row per child.
    first = parents.select(identifier, key).filter(pl.col(key) == parents[ROW])
    return _add_orphan_keys(left_join_by_key(children, first, identifier), identifier, key, len(parents))


def _add_parent_row(children: pl.DataFrame, parents: pl.DataFrame, key: str) -> pl.DataFrame:
    """Adds `has_parent`, and `parent_row` where exactly one record in scope is the parent."""
    if not parents["is_out_of_scope"].any():
        in_conflict = parents[key].filter(parents["shares_its_id"]).unique()
        # Keys of parents are row numbers; orphans get larger keys. So a key below len(parents) means a parent exists.
        return children.with_columns(has_parent=(pl.col(key) < len(parents)).fill_null(value=False)).with_columns(
            parent_row=pl.when(pl.col("has_parent") & ~pl.col(key).is_in(in_conflict.implode())).then(key)
        )
    in_scope = parents.lazy().filter(~pl.col(IS_REPEAT) & ~pl.col("is_out_of_scope") & pl.col(key).is_not_null())
    found = in_scope.group_by(key).agg(parents_in_scope=pl.len(), first_parent=pl.col(ROW).first()).collect()
    joined = children.join(found, on=key, how="left", maintain_order="left")
    is_in_scope = ~pl.col("is_out_of_scope")
    return joined.with_columns(
        has_parent=is_in_scope & pl.col("parents_in_scope").is_not_null(),
        parent_row=pl.when(is_in_scope & (pl.col("parents_in_scope") == 1)).then("first_parent"),
    ).drop("parents_in_scope", "first_parent")


def _add_orphan_keys(children: pl.DataFrame, identifier: str, key: str, first: int) -> pl.DataFrame:
    """Numbers the ids that no parent has, so that children with the same id still share a key."""
    orphans = children[identifier].filter(children[key].is_null() & children[identifier].is_not_null())
    if orphans.is_empty():
        return children
    # Start after the last row number of the parents: no key of an orphan can equal that of a parent.
    names = orphans.unique(maintain_order=True)
    own = pl.DataFrame({identifier: names}).with_row_index("own key", offset=first)
    return (
        left_join_by_key(children, own, identifier).with_columns(pl.coalesce(key, "own key").alias(key)).drop("own key")
    )


def _add_child_flag(parents: pl.DataFrame, children: pl.DataFrame, key: str) -> pl.DataFrame:
    in_scope = children.lazy().filter(~pl.col("is_out_of_scope")).select(key).collect()[key]
    return parents.with_columns(has_child=pl.col(key).is_in(in_scope.drop_nulls().unique().implode()))
