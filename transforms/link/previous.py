"""Joins the records of an export with those of the agency's previous submission."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.code_lists import CodeLists
from schemas.conditions.condition import RuleContext
from schemas.dataset import ID_FIELD, Entity, Field, get_field, list_entity_fields
from schemas.period import Period
from schemas.record_columns import IS_REPEAT, ROW
from transforms.link.linkage import Records
from transforms.parse.submitted_text import format_sent_text
from transforms.tables.left_join import left_join_by_key

# An intervention that starts this many days after the discharge, or later, is not a return from court.
_TRANSFER_DAYS = 21
_PERSON = ("FINITIAL", "SINITIAL", "DOB", "SEX")
_STAY = ("RECPDT", "TRIAGED")
# The frames of `LastSubmission`, in order.
SUBMISSION_FRAMES = (
    "client", "episode", "intervention", "episode_interventions", "older_interventions", "latest_episode",
    "latest_intervention",
)  # fmt: skip


@dataclass(frozen=True)
class LastSubmission:
    """What an agency's earlier submissions sent: each record as the latest of them that contains it has it.

    `run_id`, `last_day` (of the period), `rows_sent` and `history` (a digest) describe the latest submission. `client`,
    `episode` (with CLIENTID) and `intervention` (with EPISODID) have the fields, as `store_as_categories` returns them,
    and `period`. `episode_interventions` are the interventions of each episode in the submission that last contained it
    (EPISODID, MODID, MODEND), and `older_interventions` all those (MODID, `period`) of the submissions, except the
    latest, that last contained one.
    `latest_episode` and `latest_intervention` are the records of the latest submission: their ids and, for episodes,
    what identifies the person and the stay.
    """

    run_id: str
    last_day: date
    rows_sent: int
    history: str
    client: pl.DataFrame
    episode: pl.DataFrame
    intervention: pl.DataFrame
    episode_interventions: pl.DataFrame
    older_interventions: pl.DataFrame
    latest_episode: pl.DataFrame
    latest_intervention: pl.DataFrame

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Returns all frames by name."""
        return {name: getattr(self, name) for name in SUBMISSION_FRAMES}

    def __getitem__(self, entity: Entity) -> pl.DataFrame:
        """Returns the frame of one entity."""
        frame: pl.DataFrame = getattr(self, entity)
        return frame


_TEXTS = ("CLIENTID", "EPISODID", "MODID", "period")


def store_as_categories(records: pl.DataFrame) -> pl.DataFrame:
    """Returns records with the texts of their fields, except ids, as categories, which take a quarter of the memory."""
    return records.with_columns(pl.col(pl.String).exclude(_TEXTS).cast(pl.Categorical))


# The columns that `add_reopening` adds, and those that it reads.
REOPENING = ("was_reopened", "was_closed_again", "restarted", "restarted_soon", "still_ended")
REOPENING_READS = ("last.DISD", "now.DISD", "last.EXITD", "now.EXITD")


def match_previous(records: pl.DataFrame, last: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Finds the records in play that were in the previous submission.

    Args:
        records: the records of an entity, with `is_in_play`; `row` is their position.
        last: the records of that entity in the previous submission, each id once.
        entity: the entity of the records.

    Returns:
        `row` of each such record, in order, and `place`, the position of its earlier values in `last`.
    """
    identifier = ID_FIELD[entity]
    places = last.select(identifier).with_row_index("place")
    in_play = records.lazy().filter("is_in_play").select(ROW, identifier).collect()
    return in_play.join(places, on=identifier, maintain_order="left").select(ROW, "place")


def join_previous(
    records: pl.DataFrame,
    last: pl.DataFrame,
    matched: pl.DataFrame,
    entity: Entity,
    context: RuleContext,
    reads: Collection[str],
) -> pl.DataFrame:
    """Joins the records in play with their values in the previous submission.

    Args:
        records: the records of an entity; `row` is their position.
        last: the records of that entity in the previous submission, each id once.
        matched: which of them are the same, from `match_previous`.
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
    of_last = {f"last.{field.header}": pl.col(field.header).cast(pl.String) for field in headers}
    parent = {"episode": "CLIENTID", "intervention": "EPISODID"}.get(entity)
    if parent:
        of_now[f"now.{parent}"] = of_last[f"last.{parent}"] = pl.col(parent)
    periods = last["period"].unique().to_list()
    of_last |= {
        name: _keep_known_code(field, context, periods)
        for field in coded
        if (name := f"last.{field.header}.value") in reads
    }
    now = records.select(ROW, identifier, *_select_read(of_now, reads))
    then = last.select(_select_read(of_last, reads))
    return pl.concat([now[matched[ROW]], then[matched["place"]]], how="horizontal")


def _select_read(columns: Mapping[str, pl.Expr], reads: Collection[str]) -> list[pl.Expr]:
    return [expression.alias(name) for name, expression in columns.items() if name in reads]


def add_reopening(episodes: pl.DataFrame, records: Records, last: LastSubmission) -> pl.DataFrame:
    """Adds what rules ask about episodes that were re-opened, or closed again (Appendix D).

    Args:
        episodes: from `join_previous`, with the columns of `REOPENING_READS`.
        records: the evaluated records with `is_in_play`.
        last: the earlier submissions.

    Returns:
        The episodes with `was_reopened`, `was_closed_again` and, in three-valued logic, `restarted` (a new intervention
        starts on or after the old discharge), `restarted_soon` (within 21 days) and `still_ended` (the interventions
        that had ended are there and ended).
    """
    cleared = [
        pl.col(f"last.{header}").is_not_null() & pl.col(f"now.{header}").is_null() for header in ("DISD", "EXITD")
    ]
    # Both are YYYY-MM-DD, so the order of the texts is that of the days.
    later = (pl.col("now.DISD") > pl.col("last.DISD")).fill_null(value=False)
    marked = episodes.with_columns(was_reopened=cleared[0] | cleared[1], was_closed_again=later)
    # Few episodes are re-opened, and no rule needs the answers for the others.
    asked = marked.lazy().filter(pl.col("was_reopened") | later).select(ROW, "EPISODID", *REOPENING_READS).collect()
    if asked.is_empty():
        unknown = pl.lit(None, dtype=pl.Boolean)
        return marked.with_columns(restarted=unknown, restarted_soon=unknown, still_ended=unknown)
    no = pl.lit(value=False)
    ended = ~pl.col("EPISODID").is_in(_find_no_longer_ended(asked, records, last).implode())
    answers = asked.join(_find_restarted(asked, records, last), on=ROW, how="left", maintain_order="left").select(
        ROW,
        restarted=pl.when("has_new").then("restarted").otherwise(no),
        restarted_soon=pl.when("has_new").then("restarted_soon").otherwise(no),
        still_ended=ended,
    )
    return left_join_by_key(marked, answers, ROW)


def find_replaced_episodes(last: LastSubmission | None, records: Records) -> pl.Series:
    """Returns for each episode whether it replaces one of the latest submission that is no longer in the export.

    The id is new, and an episode that is gone has the same person, reception and triage, all populated.
    """
    episode = records.episode
    if last is None:
        return pl.repeat(value=False, n=len(episode), dtype=pl.Boolean, eager=True)
    present = episode["EPISODID"].drop_nulls().unique()
    gone = last.latest_episode.filter(~pl.col("EPISODID").is_in(present.implode())).drop_nulls(_PERSON + _STAY)
    if gone.is_empty():
        return pl.repeat(value=False, n=len(episode), dtype=pl.Boolean, eager=True)
    client = records.client.select(ROW, *(format_sent_text(get_field(header)).alias(header) for header in _PERSON))
    stays = (
        episode.lazy()
        .filter("is_in_play")
        .select(ROW, "EPISODID", "parent_row", *(format_sent_text(get_field(header)).alias(header) for header in _STAY))
        .collect()
    )
    new = stays.filter(~pl.col("EPISODID").is_in(last.episode["EPISODID"].implode()))
    persons = new.join(client, left_on="parent_row", right_on=ROW)
    replaced = persons.join(gone.select(*_PERSON, *_STAY).unique(), on=[*_PERSON, *_STAY], how="semi")
    return pl.select(pl.int_range(len(episode), dtype=pl.get_index_type()).is_in(replaced[ROW].implode())).to_series()


def find_dropped(last: LastSubmission, records: Records) -> Records:
    """Marks which records of the previous submission are still in the export.

    Returns:
        The episodes and interventions of the previous submission with `row`, their ids, `is_in_export` and, for
        interventions, `episode_is_in_play`; no clients.
    """
    in_play = records.episode["EPISODID"].filter(records.episode["is_in_play"]).drop_nulls().unique().implode()
    episode = last.latest_episode.select("CLIENTID", "EPISODID").with_row_index(ROW)
    intervention = last.latest_intervention.select("CLIENTID", "EPISODID", "MODID").with_row_index(ROW)
    return Records(
        pl.DataFrame(schema={ROW: pl.get_index_type(), "CLIENTID": pl.String}),
        episode.with_columns(_mark_in_export(records, "episode")),
        intervention.with_columns(
            _mark_in_export(records, "intervention"), episode_is_in_play=pl.col("EPISODID").is_in(in_play)
        ),
    )


def mark_latest(records: Records, last: LastSubmission | None) -> Records:
    """Adds what the rules after the outcomes ask (definitions, section 4: order).

    Args:
        records: the records with their outcome.
        last: the earlier submissions; None where there is none.

    Returns:
        Episodes and interventions in scope that are not exact repeats, with `was_in_latest`, `is_sent`, and
        `has_rejected_intervention` (episodes) or `episode_is_sent` (interventions); no clients.
    """
    is_sent, in_scope = pl.col("outcome") == "sent", ~pl.col("is_out_of_scope") & ~pl.col(IS_REPEAT)
    episode_ids = last.latest_episode["EPISODID"] if last else pl.Series([], dtype=pl.String)
    intervention_ids = last.latest_intervention["MODID"] if last else pl.Series([], dtype=pl.String)
    rejected = (
        records.intervention.lazy().filter(in_scope & (pl.col("outcome") == "rejected")).select("episode_key").collect()
    )["episode_key"]
    sent_episodes = records.episode.lazy().filter(in_scope & is_sent).select("episode_key").collect()["episode_key"]
    episode = records.episode.lazy().filter(in_scope).select(
        ROW, "CLIENTID", "EPISODID", was_in_latest=pl.col("EPISODID").is_in(episode_ids.implode()), is_sent=is_sent,
        has_rejected_intervention=pl.col("episode_key").is_in(rejected.drop_nulls().unique().implode())
        .fill_null(value=False),
    )  # fmt: skip
    intervention = records.intervention.lazy().filter(in_scope).select(
        ROW, "EPISODID", "MODID", was_in_latest=pl.col("MODID").is_in(intervention_ids.implode()), is_sent=is_sent,
        episode_is_sent=pl.col("episode_key").is_in(sent_episodes.drop_nulls().unique().implode())
        .fill_null(value=False),
    )  # fmt: skip
    nobody = pl.DataFrame(schema={ROW: pl.get_index_type(), "CLIENTID": pl.String})
    return Records(nobody, episode.collect(), intervention.collect())


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


def find_same_concepts(recoded: pl.DataFrame) -> frozenset[tuple[str, str]]:
    """Returns the pairs of concepts that are one area on different days, in both directions."""
    pairs = set(recoded.select("old", "new").iter_rows())
    return frozenset(pairs | {(new, old) for old, new in pairs})


def _keep_known_code(field: Field, context: RuleContext, periods: Iterable[str]) -> pl.Expr:
    """Returns the code that was sent, if it was in the code list of its period."""
    code_list = context.list_of(f"last.{field.header}")
    known, code = pl.lit(value=False), pl.col(field.header).cast(pl.String)
    for period in sorted(periods):
        valid = code_list if context.judged_as_of else code_list.on(Period.parse(period).last_day)
        codes = [listed.code for listed in valid.codes]
        known = pl.when(pl.col("period") == period).then(code.is_in(codes)).otherwise(known)
    return pl.when(known).then(code)


def _mark_in_export(records: Records, entity: Entity) -> pl.Expr:
    identifier = ID_FIELD[entity]
    present = records[entity][identifier].drop_nulls().unique().implode()
    return pl.col(identifier).is_in(present).alias("is_in_export")


def _find_no_longer_ended(reopened: pl.DataFrame, records: Records, last: LastSubmission) -> pl.Series:
    """Returns the re-opened episodes with an intervention that had ended and is now missing or open."""
    had_ended = (
        last.episode_interventions.lazy()
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


def _find_restarted(reopened: pl.DataFrame, records: Records, last: LastSubmission) -> pl.DataFrame:
    """Returns for each episode whether a new intervention starts on or after the old discharge, or within 21 days.

    An intervention is new if the submission that last contained the episode did not contain it.
    """
    of_reopened = (
        records.intervention.lazy()
        .filter(pl.col("is_in_play") & pl.col("EPISODID").is_in(reopened["EPISODID"].implode()))
        .select("EPISODID", "MODID", "MODST.value")
        .collect()
    )
    # An intervention that was sent in that submission under another episode is not new either.
    known = pl.concat([last.intervention.select("MODID", "period"), last.older_interventions.select("MODID", "period")])
    new = (
        of_reopened.filter(pl.col("MODID").is_not_null())
        .join(last.episode.select("EPISODID", "period"), on="EPISODID", how="left")
        .join(known, on=["MODID", "period"], how="anti")
    )
    discharged = pl.col("last.DISD").str.to_date("%Y-%m-%d", strict=False)
    days = (pl.col("MODST.value") - pl.col("discharged")).dt.total_days()
    return (
        reopened.select(ROW, "EPISODID", discharged=discharged)
        .join(new.select("EPISODID", "MODST.value"), on="EPISODID")
        .group_by(ROW)
        .agg(
            restarted=(days >= 0).any(ignore_nulls=False),
            restarted_soon=((days >= 0) & (days < _TRANSFER_DAYS)).any(ignore_nulls=False),
            has_new=pl.lit(value=True),
        )
    )
