"""Ties: which records belong together, by their ids."""

from dataclasses import dataclass, replace

import polars as pl

from schemas.dataset import Entity
from schemas.record_columns import IS_REPEAT, ROW
from transforms.parse.unique_values import is_first
from transforms.tables.left_join import beside


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
    client = _numbered(records.client.with_row_index(ROW), "CLIENTID", "client_key")
    episode = _numbered(records.episode.with_row_index(ROW), "EPISODID", "episode_key")
    intervention = _numbered(records.intervention.with_row_index(ROW), "MODID", "own_key").drop("own_key")
    episode = _with_parent(episode, client, "CLIENTID", "client_key")
    intervention = _with_parent(intervention, episode, "EPISODID", "episode_key")
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


def _numbered(records: pl.DataFrame, identifier: str, key: str) -> pl.DataFrame:
    """Numbers in place of ids, so that later joins are cheap: the place of the first record that carries the id.

    The first of those that carry one id is never a repeat.
    """
    bears_it_first = is_first(records[identifier]) & records[identifier].is_not_null()
    numbered = records.with_columns(pl.when(bears_it_first).then(ROW).alias(key), shares_its_id=pl.lit(value=False))
    later = records.select(ROW, identifier, IS_REPEAT).filter(~bears_it_first)
    again = later.join(numbered.select(identifier, key).filter(bears_it_first), on=identifier)
    if again.is_empty():
        return numbered
    in_conflict = again.filter(~pl.col(IS_REPEAT))[key].unique()
    return numbered.with_columns(numbered[key].scatter(again[ROW], again[key])).with_columns(
        shares_its_id=~pl.col(IS_REPEAT) & pl.col(key).is_in(in_conflict.implode()).fill_null(value=False)
    )


def _with_parent(children: pl.DataFrame, parents: pl.DataFrame, identifier: str, key: str) -> pl.DataFrame:
    """The number of the parent's id, whether there is a parent, and its place where just one record is it."""
    first = parents.select(identifier, key).filter(pl.col(key) == parents[ROW])
    numbered = _with_keys_of_orphans(beside(children, first, identifier), identifier, key, len(parents))
    in_conflict = parents[key].filter(parents["shares_its_id"]).unique()
    return numbered.with_columns(has_parent=(pl.col(key) < len(parents)).fill_null(value=False)).with_columns(
        parent_row=pl.when(pl.col("has_parent") & ~pl.col(key).is_in(in_conflict.implode())).then(key)
    )


def _with_keys_of_orphans(children: pl.DataFrame, identifier: str, key: str, first: int) -> pl.DataFrame:
    """Numbers for ids that no parent bears: those who share one belong together all the same."""
    orphans = children[identifier].filter(children[key].is_null() & children[identifier].is_not_null())
    if orphans.is_empty():
        return children
    names = orphans.unique(maintain_order=True)
    own = pl.DataFrame({identifier: names}).with_row_index("own key", offset=first)
    return beside(children, own, identifier).with_columns(pl.coalesce(key, "own key").alias(key)).drop("own key")


def _with_child_flag(parents: pl.DataFrame, children: pl.DataFrame, key: str) -> pl.DataFrame:
    return parents.with_columns(has_child=pl.col(key).is_in(children[key].drop_nulls().unique().implode()))
