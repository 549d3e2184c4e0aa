"""Joins the records of an export with those of the agency's previous submission."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.code_lists import CodeLists
from schemas.condition import RuleContext
from schemas.dataset import ID_FIELD, Entity, Field, list_entity_fields
from schemas.fields import EXITRSN
from schemas.record_columns import ROW
from transforms.link.linkage import Records
from transforms.parse.submitted_text import format_sent_text
from transforms.tables.left_join import left_join_by_key

# An intervention that starts this many days after the discharge, or later, is not a return from court.
_TRANSFER_DAYS = 21


@dataclass(frozen=True)
class LastSubmission:
    """The records of the previous submission: per entity its fields as text, and the ids of the parents.

    `run_id`, `last_day` (of the period), `rows_sent` and `sha256` (of the file) describe the run. Episodes have
    CLIENTID, interventions EPISODID.
    """

    run_id: str
    last_day: date
    rows_sent: int
    sha256: str
    client: pl.DataFrame
    episode: pl.DataFrame
    intervention: pl.DataFrame

    def __getitem__(self, entity: Entity) -> pl.DataFrame:
        """Returns the frame of one entity."""
        frame: pl.DataFrame = getattr(self, entity)
        return frame


# The columns that `with_reopening` reads.
REOPENING_READS = (
    "last.DISD", "now.DISD", "last.EXITD", "now.EXITD", "last.EXITRSN", "last.EXITRSN.value"
)  # fmt: skip


def join_previous(
    records: pl.DataFrame, last: pl.DataFrame, entity: Entity, context: RuleContext, reads: Collection[str]
) -> pl.DataFrame:
    """Joins the records in play with their values in the previous submission.

    Args:
        records: the records of an entity, with `is_in_play`.
        last: the records of that entity in the previous submission, each id once.
        entity: the entity of the records.
        context: the code lists, which define what a submitted code meant at the time.
        reads: the columns to return; the text of all fields would take too much memory.

    Returns:
        The records that are in both: `row`, the id and, of the columns in `reads`, `last.F` and `now.F` (text), and
        for coded fields `last.F.value` and `now.F.value` (the code, if it has or had a meaning).
    """
    identifier, headers = ID_FIELD[entity], list_entity_fields(entity)
    coded = [field for field in headers if field.kind == "code"]
    of_now = {f"now.{field.header}": format_sent_text(field) for field in headers}
    of_now |= {f"now.{field.header}.value": pl.col(f"{field.header}.value") for field in coded}
    of_last = {f"last.{field.header}": pl.col(field.header) for field in headers}
    of_last |= {f"last.{field.header}.value": _keep_known_code(field, context) for field in coded}
    was_sent = pl.col("is_in_play") & pl.col(identifier).is_in(last[identifier].implode())
    now = records.lazy().filter(was_sent).select(ROW, identifier, *_select_read(of_now, reads)).collect()
    positions_of_ids = last.select(identifier).with_row_index("place")
    positions = now.select(identifier).join(positions_of_ids, on=identifier, how="left", maintain_order="left")["place"]
    then = last.select(_select_read(of_last, reads))
    return now.with_columns(then[name].gather(positions).alias(name) for name in then.columns)


def _select_read(columns: Mapping[str, pl.Expr], reads: Collection[str]) -> list[pl.Expr]:
    return [expression.alias(name) for name, expression in columns.items() if name in reads]


def add_reopening(episodes: pl.DataFrame, records: Records, last: LastSubmission, context: RuleContext) -> pl.DataFrame:
    """Adds `was_reopened` and, for re-opened episodes, `was_reopened_as_allowed` (Appendix D).

    `was_reopened_as_allowed` follows three-valued logic.

    Args:
        episodes: from `join_previous`, with the columns of `REOPENING_READS`.
        records: the evaluated records with `is_in_play`.
        last: the previous submission.
        context: the code lists, which define what a submitted code meant at the time.
    """
    cleared = [
        pl.col(f"last.{header}").is_not_null() & pl.col(f"now.{header}").is_null() for header in ("DISD", "EXITD")
    ]
    marked = episodes.with_columns(was_reopened=cleared[0] | cleared[1])
    # Few episodes are re-opened, and no rule needs the answer for the others.
    reopened = marked.lazy().filter("was_reopened").select(ROW, "EPISODID", *REOPENING_READS).collect()
    if reopened.is_empty():
        return marked.with_columns(was_reopened_as_allowed=pl.lit(None, dtype=pl.Boolean))
    allowed = (
        reopened.join(_find_restarted(reopened, records, last.intervention), on=ROW, how="left", maintain_order="left")
        .with_columns(still_ended=~pl.col("EPISODID").is_in(_find_no_longer_ended(reopened, records, last).implode()))
        .select(
            ROW,
            was_reopened_as_allowed=~EXITRSN.sent_last.means("released").expression(context)
            & pl.when("has_new").then("restarted").otherwise(pl.lit(value=False))
            & pl.col("still_ended"),
        )
    )
    return left_join_by_key(marked, allowed, ROW)


def find_dropped(last: LastSubmission, records: Records) -> Records:
    """Marks which records of the previous submission are still in the export.

    Returns:
        The episodes and interventions of the previous submission with `row`, their ids, `is_in_export` and, for
        interventions, `episode_is_in_play`; no clients.
    """
    in_play = records.episode["EPISODID"].filter(records.episode["is_in_play"]).drop_nulls().unique().implode()
    episode = last.episode.select("CLIENTID", "EPISODID").with_row_index(ROW)
    intervention = last.intervention.select("CLIENTID", "EPISODID", "MODID").with_row_index(ROW)
    return Records(
        last.client.select("CLIENTID").clear().with_row_index(ROW),
        episode.with_columns(_mark_in_export(records, "episode")),
        intervention.with_columns(
            _mark_in_export(records, "intervention"), episode_is_in_play=pl.col("EPISODID").is_in(in_play)
        ),
    )


def find_same_areas(recoded: pl.DataFrame, lists: CodeLists) -> frozenset[tuple[str, str]]:
    """Returns the pairs of UTLA codes that belong to one area on different days, in both directions.

    Two codes are a pair if they have the same concept, or if one concept succeeds the other.
    """
    codes: dict[str, list[str]] = {}
    for code in lists["UTLA"].codes:
        codes.setdefault(code.concept, []).append(code.code)
    followed = [*recoded.select("old", "new").iter_rows(), *((concept, concept) for concept in codes if concept)]
    pairs = {(one, other) for old, new in followed for one in codes.get(old, []) for other in codes.get(new, [])}
    return frozenset(pairs | {(new, old) for old, new in pairs})


def _keep_known_code(field: Field, context: RuleContext) -> pl.Expr:
    known = [code.code for code in context.list_of(f"last.{field.header}").codes]
    return pl.when(pl.col(field.header).is_in(known)).then(field.header)


def _mark_in_export(records: Records, entity: Entity) -> pl.Expr:
    identifier = ID_FIELD[entity]
    present = records[entity][identifier].drop_nulls().unique().implode()
    return pl.col(identifier).is_in(present).alias("is_in_export")


def _find_no_longer_ended(reopened: pl.DataFrame, records: Records, last: LastSubmission) -> pl.Series:
    """Returns the re-opened episodes with an intervention that had ended and is now missing or open."""
    had_ended = (
        last.intervention.lazy()
        .filter(pl.col("MODEND").is_not_null() & pl.col("EPISODID").is_in(reopened["EPISODID"].implode()))
        .select("EPISODID", "MODID")
        .collect()
    )
    # Where records share a MODID, all of them must have an end, whatever their order.
    ends = (
        records.intervention.lazy()
        .filter(pl.col("is_in_play") & pl.col("MODID").is_in(had_ended["MODID"].implode()))
        .group_by("MODID")
        .agg(ends_now=pl.col("MODEND.value").is_not_null().all())
        .collect()
    )
    now = had_ended.join(ends, on="MODID", how="left")
    return now.filter(~pl.col("ends_now").fill_null(value=False))["EPISODID"].unique()


def _find_restarted(reopened: pl.DataFrame, records: Records, last: pl.DataFrame) -> pl.DataFrame:
    """Returns for each episode whether a new intervention starts within 21 days of the old discharge."""
    of_reopened = (
        records.intervention.lazy()
        .filter(pl.col("is_in_play") & pl.col("EPISODID").is_in(reopened["EPISODID"].implode()))
        .select("EPISODID", "MODID", "MODST.value")
        .collect()
    )
    new = of_reopened.filter(pl.col("MODID").is_not_null() & ~pl.col("MODID").is_in(last["MODID"].implode()))
    discharged = pl.col("last.DISD").str.to_date("%Y-%m-%d", strict=False)
    days = (pl.col("MODST.value") - pl.col("discharged")).dt.total_days()
    return (
        reopened.select(ROW, "EPISODID", discharged=discharged)
        .join(new.select("EPISODID", "MODST.value"), on="EPISODID")
        .group_by(ROW)
        .agg(
            restarted=((days >= 0) & (days < _TRANSFER_DAYS)).any(ignore_nulls=False),
            has_new=pl.lit(value=True),
        )
    )
