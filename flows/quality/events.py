"""Selects what happened in a month: the tables that the queries in sql/quality/counts/ read."""

from collections.abc import Mapping

import polars as pl

from schemas.dataset import Entity, list_fields
from schemas.period import Period
from transforms.tables.left_join import left_join_by_key

# All dates of the file, whenever they are.
_DATES: Mapping[Entity, tuple[str, ...]] = {
    "client": ("DOB",),
    "episode": ("RECPDT", "TRIAGED", "DISD", "EXITD"),
    "intervention": ("MODST", "MODEND"),
}
_PERSON = ("FINITIAL", "SINITIAL", "DOB", "SEX")
_DRUGS = ("DRUG1", "DRUG2", "DRUG3")


def select_events(sent: Mapping[Entity, pl.DataFrame], period: Period) -> dict[str, pl.DataFrame]:
    """Returns the events of a month as tables.

    Args:
        sent: the sent values by entity, as text, with `row`; episodes and interventions have `parent_row`.
        period: the month.

    Returns:
        By name: `triaged`, `discharged` and `exited` (episodes with that event in the month; `triaged` with the
        client's fields), `started` and `ended` (interventions; `started` with the episode's TRIAGED and drugs),
        `closing` (episode_row and MODEND of the interventions of `discharged`), `dates` (field, day and how many
        records have it, for the whole file), `clients` (the four fields that identify a person) and `file` (its rows).
    """
    clients, episodes, interventions = sent["client"], sent["episode"], sent["intervention"]

    def in_month(header: str) -> pl.Expr:
        return pl.col(header).is_between(pl.lit(str(period.first_day)), pl.lit(str(period.last_day)))

    triaged = episodes.filter(in_month("TRIAGED"))
    of_client = clients.select("row", *(field.header for field in list_fields() if field.entity == "client"))
    started = interventions.filter(in_month("MODST")).select("parent_row", "MODAL", "MODST")
    discharged = episodes.filter(in_month("DISD")).select("row", "EPISODID", "DISD", "DISRSN")
    closing = interventions.select(episode_row="parent_row", MODEND="MODEND")
    return {
        "triaged": left_join_by_key(
            triaged.drop("row", "source_file", "source_line", strict=False),
            of_client.rename({"row": "parent_row"}),
            "parent_row",
        ).drop("parent_row"),
        "discharged": discharged,
        "exited": episodes.filter(in_month("EXITD")).drop("source_file", "source_line", strict=False),
        "started": left_join_by_key(
            started, episodes.select("TRIAGED", *_DRUGS, parent_row="row"), "parent_row"
        ).rename({"parent_row": "episode_row"}),
        "ended": interventions.filter(in_month("MODEND")).select("MODEND"),
        "closing": closing.join(discharged.select(episode_row="row"), on="episode_row", how="semi"),
        "dates": _count_dates(sent),
        "clients": clients.select(*_PERSON),
        "file": pl.DataFrame({"rows_sent": [interventions.height]}),
    }


def _count_dates(sent: Mapping[Entity, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(
        sent[entity].select(day=pl.col(header)).drop_nulls().group_by("day").agg(records=pl.len())
        .select(pl.lit(header).alias("field"), "day", "records")
        for entity, headers in _DATES.items()
        for header in headers
    )  # fmt: skip
