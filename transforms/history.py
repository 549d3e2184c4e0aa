"""What was sent last, beside what would be sent now."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.code_lists import CodeLists
from schemas.condition import RuleContext, means
from schemas.dataset import ID_FIELD, Entity, Field, fields_of
from schemas.record_columns import ROW
from transforms.submission_rows import text_sent
from transforms.ties import Records

# An intervention that starts this many days after the discharge, or later, is no return from court.
_TRANSFER_DAYS = 21


@dataclass(frozen=True)
class LastSubmission:
    """What the last submission sent of each entity: its fields as text, and the ids of the parents.

    `run_id`, `last_day` (of its period), `rows_sent` and `sha256` (of its file) are the run's; episodes bear
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
        """The frame of one entity."""
        frame: pl.DataFrame = getattr(self, entity)
        return frame


def beside_last(in_play: pl.DataFrame, last: pl.DataFrame, entity: Entity, context: RuleContext) -> pl.DataFrame:
    """The records in play that were in the last submission.

    Args:
        in_play: the records of an entity that are examined.
        last: what was sent of that entity.
        entity: what they are.
        context: the code lists, which say what a code that was sent meant then.

    Returns:
        `row`, the id, `last.F` and `now.F` (text) for every field, and for coded fields `last.F.value`
        and `now.F.value`: the code where it has, or had then, a meaning.
    """
    identifier, headers = ID_FIELD[entity], fields_of(entity)
    now = in_play.lazy().filter(pl.col(identifier).is_in(last[identifier].implode())).select(
        ROW, identifier, *(text_sent(each).alias(f"now.{each.header}") for each in headers),
        *(pl.col(f"{each.header}.value").alias(f"now.{each.header}.value") for each in headers if each.kind == "code"),
    ).collect()  # fmt: skip
    then = last.select(
        identifier, *(pl.col(each.header).alias(f"last.{each.header}") for each in headers),
        *(_meaningful(each, context).alias(f"last.{each.header}.value") for each in headers if each.kind == "code"),
    )  # fmt: skip
    return now.join(then, on=identifier, maintain_order="left")


def with_reopening(
    episodes: pl.DataFrame, records: Records, last: LastSubmission, context: RuleContext
) -> pl.DataFrame:
    """Adds `was_reopened`, and `was_reopened_as_allowed` in three-valued logic (Appendix D).

    Args:
        episodes: from `beside_last`.
        records: the judged records with `is_in_play`.
        last: the last submission.
        context: the code lists, which say what a code that was sent meant then.
    """
    interventions = records.intervention.select(
        "EPISODID", "MODID", "MODST.value", "MODEND.value", "is_in_play"
    ).filter("is_in_play")
    ended = _still_ended(last.intervention, interventions)
    restarted = _restarted(episodes, interventions, last.intervention)
    was_released = means("last.EXITRSN", "released").truth(context)
    gone = [pl.col(f"last.{each}").is_not_null() & pl.col(f"now.{each}").is_null() for each in ("DISD", "EXITD")]
    return (
        episodes.join(ended, on="EPISODID", how="left", maintain_order="left")
        .join(restarted, on=ROW, how="left", maintain_order="left")
        .with_columns(
            was_reopened=gone[0] | gone[1],
            was_reopened_as_allowed=~was_released
            & pl.when("has_new").then("restarted").otherwise(pl.lit(value=False))
            & pl.col("still_ended").fill_null(value=True),
        )
    )


def dropped_from(last: LastSubmission, records: Records) -> Records:
    """The records of the last submission, marked with what became of them.

    Returns:
        Episodes and interventions of the last submission with `row`, the fields, `is_in_export`, and
        for interventions `episode_is_in_play`; no clients.
    """
    in_play = records.episode["EPISODID"].filter(records.episode["is_in_play"]).drop_nulls().unique().implode()
    episode = last.episode.with_row_index(ROW).with_columns(_is_in(records, "episode"))
    intervention = last.intervention.with_row_index(ROW).with_columns(
        _is_in(records, "intervention"), episode_is_in_play=pl.col("EPISODID").is_in(in_play)
    )
    return Records(last.client.clear().with_row_index(ROW), episode, intervention)


def same_areas(recoded: pl.DataFrame, lists: CodeLists) -> frozenset[tuple[str, str]]:
    """Pairs of UTLA codes that one area bears on different days, in both directions.

    Codes of one concept, and codes of two that follow each other.
    """
    codes: dict[str, list[str]] = {}
    for code in lists["UTLA"].codes:
        codes.setdefault(code.concept, []).append(code.code)
    followed = [*recoded.select("old", "new").iter_rows(), *((concept, concept) for concept in codes if concept)]
    pairs = {(one, other) for old, new in followed for one in codes.get(old, []) for other in codes.get(new, [])}
    return frozenset(pairs | {(new, old) for old, new in pairs})


def _meaningful(each: Field, context: RuleContext) -> pl.Expr:
    known = [code.code for code in context.list_of(f"last.{each.header}").codes]
    return pl.when(pl.col(each.header).is_in(known)).then(each.header)


def _is_in(records: Records, entity: Entity) -> pl.Expr:
    identifier = ID_FIELD[entity]
    present = records[entity][identifier].drop_nulls().unique().implode()
    return pl.col(identifier).is_in(present).alias("is_in_export")


def _still_ended(last: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """For each episode whether every intervention that had ended is in the export, and still ended."""
    # Of records in conflict every one must have its end, whichever comes first.
    ends = now.group_by("MODID").agg(ends_now=pl.col("MODEND.value").is_not_null().all())
    had_ended = last.filter(pl.col("MODEND").is_not_null()).select("EPISODID", "MODID")
    return (
        had_ended.join(ends, on="MODID", how="left")
        .group_by("EPISODID")
        .agg(still_ended=pl.col("ends_now").fill_null(value=False).all())
    )


def _restarted(episodes: pl.DataFrame, now: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """For each episode whether an intervention new since then starts within 21 days of the old discharge."""
    new = now.filter(pl.col("MODID").is_not_null() & ~pl.col("MODID").is_in(last["MODID"].implode()))
    discharged = pl.col("last.DISD").str.to_date("%Y-%m-%d", strict=False)
    days = (pl.col("MODST.value") - pl.col("discharged")).dt.total_days()
    return (
        episodes.select(ROW, "EPISODID", discharged=discharged)
        .join(new.select("EPISODID", "MODST.value"), on="EPISODID")
        .group_by(ROW)
        .agg(
            restarted=((days >= 0) & (days < _TRANSFER_DAYS)).any(ignore_nulls=False),
            has_new=pl.lit(value=True),
        )
    )
