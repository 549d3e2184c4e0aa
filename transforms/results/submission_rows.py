"""Builds the rows of the submission: one per sent intervention, with the fields of its episode and client."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.dataset import ENTITIES, Entity, list_entity_fields
from schemas.record_columns import ROW, SOURCE_FILE, SOURCE_LINE
from transforms.parse.submitted_text import format_sent_text
from transforms.results.outcomes import Outcome


def select_sent_values(records: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Returns the values to send for the sent records of an entity.

    Args:
        records: the records of the entity, with their outcomes.
        entity: their entity.

    Returns:
        `row`, `parent_row` (episodes and interventions), the source file and line, and the entity's fields as text.
        Dates are YYYY-MM-DD. A value that was not parsed is null, except in a field whose list is not published.
    """
    links = [ROW, SOURCE_FILE, SOURCE_LINE] if entity == "client" else [ROW, "parent_row", SOURCE_FILE, SOURCE_LINE]
    # A lazy query filters only the columns to send.
    sent = records.lazy().filter(pl.col("outcome") == Outcome.SENT.value)
    return sent.select(*links, *(format_sent_text(field) for field in list_entity_fields(entity))).collect()


@dataclass(frozen=True)
class SubmissionRows:
    """The rows of a submission, in order.

    `sent` holds the sent values of each entity, each record once. `order` has for each row the positions of its client,
    episode and intervention in those frames.
    """

    sent: Mapping[Entity, pl.DataFrame]
    order: pl.DataFrame

    def __len__(self) -> int:
        return len(self.order)


def build_submission_rows(sent: Mapping[Entity, pl.DataFrame]) -> SubmissionRows:
    """Returns one row per sent intervention, sorted by client, episode and intervention id as text.

    Args:
        sent: from `select_sent_values`, by entity; episodes and interventions have `parent_row`.
    """
    clients = sent["client"].select(client_row=ROW, client_rank=pl.col("CLIENTID").rank("dense"))
    episodes = (
        sent["episode"]
        .select("EPISODID", episode_row=ROW, client_row="parent_row")
        .with_row_index("episode_place")
        .join(clients.with_row_index("client_place"), on="client_row")
        .sort("client_rank", "EPISODID")
    )
    is_other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in ("client_rank", "EPISODID"))
    # Numbers instead of ids, which are long to join and to sort, and positions instead of values: no value is copied
    # until the file is written.
    order = (
        sent["intervention"]
        .select("MODID", episode_row="parent_row")
        .with_row_index("intervention_place")
        .join(
            episodes.select("episode_row", "client_place", "episode_place", episode_rank=is_other.cum_sum()),
            on="episode_row",
        )
        .sort("episode_rank", "MODID")
    )
    return SubmissionRows(sent, order.select(f"{entity}_place" for entity in ENTITIES))
