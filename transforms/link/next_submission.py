"""Adds what a run sent to what earlier submissions sent, so that the next month can be compared with all of them."""

from collections.abc import Mapping

import polars as pl

from schemas.dataset import ID_FIELD, Entity, list_entity_fields
from schemas.period import Period
from schemas.record_columns import ROW
from transforms.link.previous import LastSubmission, store_as_categories

_PARENT_ROW = "parent_row"
_PERSON_AND_STAY = ["CLIENTID", "EPISODID", "FINITIAL", "SINITIAL", "DOB", "SEX", "RECPDT", "TRIAGED"]


def add_sent_records(
    before: LastSubmission | None, sent: Mapping[Entity, pl.DataFrame], period: Period
) -> dict[str, pl.DataFrame]:
    """Returns the frames of `LastSubmission` after a run, by name.

    Args:
        before: what the submissions before the run sent; None if there are none.
        sent: what the run sent, per entity: the fields as text, `row` and `parent_row`.
        period: the month of the run.
    """
    episode, intervention = _add_parent_ids(sent)
    # From the audit itself, the next month reads the same frames (`flows.audit.previous.load_submission`).
    now: dict[Entity, pl.DataFrame] = {"client": sent["client"], "episode": episode, "intervention": intervention}
    parents: dict[Entity, list[str]] = {"client": [], "episode": ["CLIENTID"], "intervention": ["EPISODID"]}
    latest: dict[Entity, pl.DataFrame] = {
        entity: store_as_categories(
            frame.select(
                *(field.header for field in list_entity_fields(entity)), *parents[entity], period=pl.lit(str(period))
            )
        )
        for entity, frame in now.items()
    }
    frames: dict[str, pl.DataFrame] = {
        entity: _replace(before[entity], frame, ID_FIELD[entity]) if before else frame
        for entity, frame in latest.items()
    }
    mods = intervention.select("EPISODID", "MODID", "MODEND")
    kept = before.episode_interventions.filter(_is_not_in(episode, "EPISODID")) if before else mods.clear()
    return {
        **frames,
        "episode_interventions": pl.concat([kept, mods]),
        "older_interventions": _list_older(before, frames["episode"], str(period)),
        "latest_episode": episode.join(sent["client"], on="CLIENTID", how="left", suffix=" of client").select(
            _PERSON_AND_STAY
        ),
        "latest_intervention": intervention.select("CLIENTID", "EPISODID", "MODID"),
    }


def _add_parent_ids(sent: Mapping[Entity, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the episodes with CLIENTID, and the interventions with EPISODID and CLIENTID."""
    clients = sent["client"].select(pl.col(ROW).alias(_PARENT_ROW), "CLIENTID")
    episode = sent["episode"].join(clients, on=_PARENT_ROW, how="inner")
    episodes = episode.select(pl.col(ROW).alias(_PARENT_ROW), "EPISODID", "CLIENTID")
    return episode, sent["intervention"].join(episodes, on=_PARENT_ROW, how="inner")


def _replace(before: pl.DataFrame, now: pl.DataFrame, identifier: str) -> pl.DataFrame:
    """Returns each record as the latest submission that contains it has it."""
    return pl.concat([before.filter(_is_not_in(now, identifier)), now.select(before.columns)])


def _is_not_in(now: pl.DataFrame, identifier: str) -> pl.Expr:
    return ~pl.col(identifier).is_in(now[identifier].implode())


def _list_older(before: LastSubmission | None, episode: pl.DataFrame, period: str) -> pl.DataFrame:
    """Returns MODID and `period` of the interventions of the other months that last contained an episode."""
    if before is None:
        return pl.DataFrame(schema={"MODID": pl.String, "period": pl.String})
    latest = before.latest_intervention.select("MODID", period=pl.lit(f"{before.last_day:%Y-%m}"))
    months = episode["period"].unique().implode()
    return pl.concat([before.older_interventions, latest]).filter(
        pl.col("period").is_in(months) & (pl.col("period") != period)
    )
