"""Answers what rules ask about the other records of a client or an episode.

Each answer is true, false or null: null where it depends on a value that was not parsed. To tell false from null, each
question is asked twice: once with the known values alone, and once with every unknown value in favour of 'true'.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from schemas.condition import Condition, RuleContext
from schemas.dataset import ID_FIELD, Entity
from schemas.fields import CONSENT, DISRSN, EXITRSN, MODAL
from schemas.record_columns import ROW
from transforms.link.nearest import OPEN, Search, find_best_of_others

Answers = Callable[[pl.DataFrame, RuleContext, bool], pl.Series]
_NOTHING = pl.lit(0)


@dataclass(frozen=True)
class Question:
    """A question about other records: the column of its answer, and the columns it reads."""

    column: str
    reads: tuple[str, ...]
    answer: Answers


def answer_questions(
    records: pl.DataFrame, entity: Entity, key: str, questions: Iterable[Question], context: RuleContext, seen: pl.Expr
) -> pl.DataFrame:
    """Adds a Boolean column for each question.

    Args:
        records: the records, with `row`, their keys and the columns that the questions read.
        entity: the entity of the records.
        key: the column that groups the records: `client_key` or `episode_key`.
        questions: the questions to answer.
        context: the code lists and the day of the extract.
        seen: which records count as other records.

    Returns:
        The records with one column per question: true, false, or null (unknown, or the key is null).
    """
    identifier = ID_FIELD[entity]
    reads = sorted({column for question in questions for column in question.reads})
    grouped = (
        records.lazy()
        .filter(seen & pl.col(key).is_not_null())
        .select(ROW, key, identifier, *(column for column in reads if column != identifier))
        .filter(pl.len().over(key) > 1)
        .collect()
    )
    # Records with one id are one record. A blank id is no id, so each such record is a record of its own.
    ids = grouped[identifier].rank("dense").cast(pl.Int64)
    own = -1 - grouped[ROW].cast(pl.Int64)
    grouped = grouped.with_columns(group=pl.col(key).cast(pl.Int64), id=pl.select(pl.coalesce(ids, own)).to_series())
    has_key = records[key].is_not_null()
    for question in questions:
        certain = question.answer(grouped, context, False).fill_null(value=False)
        possible = question.answer(grouped, context, True).fill_null(value=False)
        answer = pl.select(
            pl.when(certain).then(pl.lit(value=True)).when(~possible).then(pl.lit(value=False))
        ).to_series()
        column = pl.select(pl.when(has_key).then(pl.lit(value=False))).to_series()
        records = records.with_columns(column.scatter(grouped[ROW], answer).alias(question.column))
    return records


def _day(header: str, unknown: int | None = None) -> pl.Expr:
    """Returns a date as a number of days; `unknown` where it is blank or was not parsed."""
    days = pl.col(f"{header}.value").to_physical().cast(pl.Int64)
    return days if unknown is None else days.fill_null(unknown)


def _end(header: str, optimistic: bool) -> pl.Expr:
    """Returns the day of an end; open where it is blank. An end that was not parsed is unknown."""
    end = pl.when(pl.col(header).is_null()).then(OPEN).otherwise(_day(header))
    return end.fill_null(OPEN) if optimistic else end


def _where(condition: Condition, context: RuleContext, optimistic: bool) -> pl.Expr:
    """Returns 0 where a condition on the other record is true, or may be."""
    return pl.when(condition.expression(context).fill_null(value=optimistic)).then(_NOTHING)


def _bound(optimistic: bool, value: int) -> int | None:
    return value if optimistic else None


def _sort_by_start(records: pl.DataFrame, start: str, identifier: str, optimistic: bool) -> pl.DataFrame:
    """Adds the position of each record in the order of its start, by id where the starts are equal.

    `place_of_other` is its position as the other record, `place_of_this` its position as this record: a blank id
    precedes nothing on the same day.
    """
    started = records.with_columns(start=_day(start, _bound(optimistic, -OPEN)))
    order = started.select("group", "start", pl.col(identifier), ROW).with_row_index("place")
    order = order.sort("group", "start", identifier, ROW, nulls_last=True).with_row_index("position")
    first_of_day = pl.when(pl.col(identifier).is_null()).then(pl.col("position").min().over("group", "start"))
    places = order.with_columns(place_of_this=pl.coalesce(first_of_day, "position")).sort("place")
    known = pl.col("start").is_not_null()
    return started.with_columns(
        place_of_other=places["position"].cast(pl.Int64), place_of_this=places["place_of_this"].cast(pl.Int64)
    ).with_columns(pl.when(known).then(pl.col("place_of_other", "place_of_this")))


def _earlier_goes_on(start: str, end: str, identifier: str) -> Answers:
    """An earlier record has no end, or an end after this start."""

    def answer(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
        placed = _sort_by_start(records, start, identifier, optimistic)
        unknown = pl.col(f"{start}.value").is_null()
        upto = pl.when(unknown & optimistic).then(OPEN).otherwise("place_of_this")
        best = find_best_of_others(placed, Search(pl.col("place_of_other"), _end(end, optimistic), upto))
        return _is_after(best, records, start, optimistic)

    return answer


def _is_after(best: pl.Series, records: pl.DataFrame, header: str, optimistic: bool) -> pl.Series:
    return best > records.select(day=_day(header, _bound(optimistic, -OPEN)))["day"]


def _other_open_at_exit(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    is_open = pl.when(pl.col("DISD").is_null() | pl.col("DISRSN").is_null()).then(_NOTHING)
    at, upto = _day("TRIAGED", _bound(optimistic, -OPEN)), _day("EXITD", _bound(optimistic, OPEN))
    return find_best_of_others(records, Search(at, is_open, upto, inclusive=True)).is_not_null()


def _later_reception_before_exit(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    # Days count backwards, so that the best of the later receptions is the next one.
    reception = -_day("RECPDT", _bound(optimistic, OPEN))
    upto = -_day("RECPDT", _bound(optimistic, -OPEN))
    # A reception on an unknown day may be on any day after this one, and so before any exit.
    latest = -_day("RECPDT", _bound(optimistic, -OPEN))
    next_reception = find_best_of_others(records, Search(reception, latest, upto))
    return next_reception > records.select(exit=-_end("EXITD", optimistic))["exit"]


def _exits_differ_in_one_stay(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    stays = records.with_columns(group=pl.struct("group", "RECPDT.value").rank("dense").cast(pl.Int64)).filter(
        pl.col("RECPDT.value").is_not_null()
    )
    latest = find_best_of_others(stays, Search(_NOTHING, _day("EXITD"), _NOTHING, inclusive=True))
    # The latest exit of the others on another day: after this exit, or otherwise the latest before it.
    before = find_best_of_others(stays, Search(_day("EXITD"), _day("EXITD"), _day("EXITD")))
    judged = stays.select(ROW, "EXITD", "EXITD.value", exit=_day("EXITD"), triaged=_day("TRIAGED")).with_columns(
        latest=latest, differing=pl.when(latest > pl.col("exit")).then(latest).otherwise(before)
    )
    other_exit = (
        pl.when(pl.col("EXITD").is_null()).then("latest").when(pl.col("EXITD.value").is_not_null()).then("differing")
    )
    answered = judged.select(ROW, answer=other_exit >= pl.col("triaged"))
    if optimistic:
        # Any of the four dates may be unknown; then the records of the client may be of one stay.
        unknown = pl.any_horizontal(
            pl.col(header).is_not_null() & pl.col(f"{header}.value").is_null()
            for header in ("RECPDT", "EXITD", "TRIAGED")
        )
        may = records.select(ROW, may=unknown.any().over("group"))
        return (
            may.join(answered, on=ROW, how="left", maintain_order="left")
            .select(pl.col("may") | pl.col("answer").fill_null(value=False))
            .to_series()
        )
    return records.select(ROW).join(answered, on=ROW, how="left", maintain_order="left")["answer"]


def _belongs_to_an_earlier_stay(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    ended = _where(EXITRSN.means("released", "absconded"), context, optimistic)
    exit_day = _day("EXITD") + ended
    at = (
        pl.when(pl.col("EXITD.value").is_null() & pl.col("EXITD").is_not_null() & optimistic)
        .then(-OPEN)
        .otherwise(exit_day)
    )
    best = pl.when(at == -OPEN).then(OPEN).otherwise(exit_day)
    latest = find_best_of_others(records, Search(at, best, _day("TRIAGED", _bound(optimistic, OPEN))))
    return latest >= records.select(day=_day("RECPDT", _bound(optimistic, -OPEN)))["day"]


def _other_died_before(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    died = _where(EXITRSN.means("died") | DISRSN.means("died"), context, optimistic)
    day = pl.when(pl.col("EXITD").is_null()).then(_day("DISD")).otherwise(_day("EXITD"))
    if optimistic:
        day = day.fill_null(-OPEN)
    upto = _day("TRIAGED", _bound(optimistic, OPEN))
    return find_best_of_others(records, Search(day + died, _NOTHING, upto)).is_not_null()


def _later_episode_refuses(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    refused = _where(CONSENT.means("no"), context, optimistic)
    at = -_day("TRIAGED", _bound(optimistic, OPEN))
    return find_best_of_others(
        records, Search(at + refused, _NOTHING, -_day("TRIAGED", _bound(optimistic, -OPEN)))
    ).is_not_null()


def _goes_on_at_start(*concepts: str) -> Answers:
    """An intervention with one of these meanings started no later and has no end, or an end after this start."""

    def answer(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
        is_one = _where(MODAL.means(*concepts), context, optimistic)
        at = _day("MODST", _bound(optimistic, -OPEN)) + is_one
        upto = _day("MODST", _bound(optimistic, OPEN))
        best = find_best_of_others(records, Search(at, _end("MODEND", optimistic), upto, inclusive=True))
        return _is_after(best, records, "MODST", optimistic)

    return answer


def _same_type_goes_on(records: pl.DataFrame, context: RuleContext, optimistic: bool) -> pl.Series:
    group = pl.struct("group", "MODAL.sent").rank("dense").cast(pl.Int64)
    by_type = records.with_columns(group=group)
    known = by_type.filter(pl.col("MODAL.sent").is_not_null())
    answers = known.select(ROW).with_columns(
        answer=_earlier_goes_on("MODST", "MODEND", "MODID")(known, context, optimistic)
    )
    return records.select(ROW).join(answers, on=ROW, how="left", maintain_order="left")["answer"]


CONSENT_QUESTIONS = (
    Question("a_later_episode_refuses", ("CONSENT", "CONSENT.value", "TRIAGED.value"), _later_episode_refuses),
)
EPISODE_QUESTIONS = (
    Question(
        "an_earlier_episode_goes_on",
        ("EPISODID", "TRIAGED.value", "DISD", "DISD.value"),
        _earlier_goes_on("TRIAGED", "DISD", "EPISODID"),
    ),
    Question(
        "another_episode_is_open_at_exit",
        ("TRIAGED.value", "EXITD", "EXITD.value", "DISD", "DISRSN"),
        _other_open_at_exit,
    ),
    Question(
        "a_later_reception_precedes_the_exit", ("RECPDT.value", "EXITD", "EXITD.value"), _later_reception_before_exit
    ),
    Question(
        "another_episode_of_the_stay_exits_otherwise",
        ("RECPDT", "RECPDT.value", "EXITD", "EXITD.value", "TRIAGED", "TRIAGED.value"),
        _exits_differ_in_one_stay,
    ),
    Question(
        "reception_belongs_to_an_earlier_stay",
        ("RECPDT.value", "TRIAGED.value", "EXITD", "EXITD.value", "EXITRSN", "EXITRSN.value"),
        _belongs_to_an_earlier_stay,
    ),
    Question(
        "another_episode_ends_with_death_before",
        ("TRIAGED.value", "EXITD", "EXITD.value", "DISD", "DISD.value", "EXITRSN", "EXITRSN.value", "DISRSN",
         "DISRSN.value"),
        _other_died_before,
    ),
)  # fmt: skip
INTERVENTION_QUESTIONS = (
    Question(
        "an_earlier_one_of_the_type_goes_on",
        ("MODID", "MODAL.sent", "MODST.value", "MODEND", "MODEND.value"),
        _same_type_goes_on,
    ),
    Question(
        "maintenance_goes_on",
        ("MODAL", "MODAL.value", "MODST.value", "MODEND", "MODEND.value"),
        _goes_on_at_start("opioid_maintenance"),
    ),
    Question(
        "reduction_goes_on",
        ("MODAL", "MODAL.value", "MODST.value", "MODEND", "MODEND.value"),
        _goes_on_at_start("opioid_reduction"),
    ),
)
