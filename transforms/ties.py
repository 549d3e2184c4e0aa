"""Ties: which records belong together, by their ids."""

from dataclasses import dataclass, replace

import polars as pl

from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import IS_REPEAT, ROW
from transforms.beside import beside
from transforms.distinct import is_duplicated


@dataclass(frozen=True)
class Records:
    """The records of one export, a frame for each entity."""

    client: pl.DataFrame
    episode: pl.DataFrame
    intervention: pl.DataFrame

    def __getitem__(self, entity: Entity) -> pl.DataFrame:
        """The frame of one entity."""
        frame: pl.DataFrame = getattr(self, entity)
        return frame

    def put(self, entity: Entity, frame: pl.DataFrame) -> "Records":
        """The same records with another frame for one entity."""
        return replace(self, **{entity: frame})


def tie(records: Records, agency: str | None) -> Records:
    """Ties every record to its parent and its namesakes.

    Args:
        records: frames with the id fields, `AGNCY.value` (clients) and `is_exact_repeat`.
        agency: the agency the submission is for; None where there is no single one.

    Returns:
        The frames with `row` (its place in the frame) and
        - `shares_its_id`: another record that is no exact repeat carries the same id;
        - `client_key`, `episode_key`: numbers standing for CLIENTID and EPISODID; null for blank;
        - episodes and interventions: `has_parent`, and `parent_row` where just one record is it;
        - clients and episodes: `has_child`;
        - clients: `is_of_the_agency` (null where either agency is not known).
        A blank id ties to nothing.  (Definitions of the outside, section 4.)
    """
    client, episode, intervention = (
        _with_namesakes(records[entity].with_row_index(ROW), ID_FIELD[entity])
        for entity in ("client", "episode", "intervention")
    )
    client, episode = _with_key(client, episode, "CLIENTID", "client_key")
    episode, intervention = _with_key(episode, intervention, "EPISODID", "episode_key")
    episode = _with_parent(episode, client, "client_key")
    intervention = _with_parent(intervention, episode, "episode_key")
    client = _with_child_flag(client, episode, "client_key").with_columns(
        is_of_the_agency=pl.col("AGNCY.value") == pl.lit(agency, dtype=pl.String)
    )
    return Records(client, _with_child_flag(episode, intervention, "episode_key"), intervention)


def single_agency(clients: pl.DataFrame) -> str | None:
    """The one well-formed agency that the client records carry; None where there are more or none."""
    agencies = well_formed_agencies(clients)
    return agencies[0] if len(agencies) == 1 else None


def well_formed_agencies(clients: pl.DataFrame) -> list[str]:
    """The well-formed agencies of the client records, in order."""
    return clients["AGNCY.value"].drop_nulls().unique().sort().to_list()


def _with_namesakes(records: pl.DataFrame, identifier: str) -> pl.DataFrame:
    standing = records.select(ROW, identifier, IS_REPEAT).filter(pl.col(identifier).is_not_null() & ~pl.col(IS_REPEAT))
    shared = standing.filter(is_duplicated(standing[identifier]))[ROW]
    if shared.is_empty():
        return records.with_columns(shares_its_id=pl.lit(value=False))
    return records.with_columns(shares_its_id=pl.col(ROW).is_in(shared.implode()))


def _with_key(
    parents: pl.DataFrame, children: pl.DataFrame, identifier: str, key: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Numbers in place of ids, so that later joins are cheap."""
    ids = parents[identifier]
    if ids.null_count() == 0 and ids.n_unique() == len(ids):
        # Each id once, as it should be: a parent's place is its number, and one join less is needed.
        numbered = parents.with_columns(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias(key))
        known = beside(children, numbered.select(identifier, key), identifier)
        return numbered, _with_keys_of_orphans(known, identifier, key, len(ids))
    names = pl.concat([ids, children[identifier]]).drop_nulls().unique(maintain_order=True)
    keys = pl.DataFrame({identifier: names}).with_row_index(key)
    return beside(parents, keys, identifier), beside(children, keys, identifier)


def _with_keys_of_orphans(children: pl.DataFrame, identifier: str, key: str, first: int) -> pl.DataFrame:
    """Numbers for ids that no parent bears: those who share one belong together all the same."""
    orphans = children.filter(pl.col(key).is_null() & pl.col(identifier).is_not_null())[identifier]
    if orphans.is_empty():
        return children
    names = orphans.unique(maintain_order=True)
    own = pl.DataFrame({identifier: names}).with_row_index("own key", offset=first)
    return beside(children, own, identifier).with_columns(pl.coalesce(key, "own key").alias(key)).drop("own key")


def _with_parent(children: pl.DataFrame, parents: pl.DataFrame, key: str) -> pl.DataFrame:
    standing = parents.filter(pl.col(key).is_not_null() & ~pl.col(IS_REPEAT))
    only = pl.when(pl.len() == 1).then(pl.col(ROW).first())
    found = standing.group_by(key).agg(parent_row=only, has_parent=pl.lit(value=True))
    return beside(children, found, key).with_columns(pl.col("has_parent").fill_null(value=False))


def _with_child_flag(parents: pl.DataFrame, children: pl.DataFrame, key: str) -> pl.DataFrame:
    return parents.with_columns(has_child=pl.col(key).is_in(children[key].drop_nulls().unique().implode()))
