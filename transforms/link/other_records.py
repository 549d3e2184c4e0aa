"""Answers what rules ask about the other records of a client or an episode.

Each answer is true, false or null: null where it depends on a value that was not parsed. To tell false from null, each
question is asked twice: once with the known values alone, and once with every unknown value in favour of 'true'.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from schemas.conditions.condition import Condition, RuleContext
from schemas.dataset import ID_FIELD, Entity
from schemas.fields import CONSENT, DISRSN, EXITRSN, MODAL
from schemas.record_columns import ROW
from transforms.link.nearest import OPEN, SPAN, Search, find_best_of_others
from transforms.tables.left_join import left_join_by_key
from transforms.tables.threads import map_in_threads

Answers = Callable[[pl.DataFrame, RuleContext, bool], pl.Series]
_NOTHING = pl.lit(0)


@dataclass(frozen=True)
class Question:
    """A question about other records: the column of its answer, the fields it reads, and how to answer it.

    Attributes:
        column: the column of the answer.
        required: fields of which a blank is as unknown as a value that was not parsed.
        optional: fields of which a blank is an answer, and only a value that was not parsed is unknown.
        answer: returns true where some other record certainly (or, if asked so, possibly) qualifies.
        of_this: what a record must meet for any rule to ask about it.
        of_other: what another record must meet to qualify, if the values of that record alone can tell.
        unknown: what else makes an answer uncertain.
    """

    column: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    answer: Answers
    of_this: Condition | None = None
    of_other: Condition | None = None
    unknown: pl.Expr | None = None

    @property
    def is_uncertain(self) -> pl.Expr:
        """Returns an expression: whether the values of a record leave the answers of its group uncertain."""
        required = [pl.col(f"{field}.value").is_null() for field in self.required]
        optional = [pl.col(field).is_not_null() & pl.col(f"{field}.value").is_null() for field in self.optional]
        return pl.any_horizontal(*required, *optional, *([] if self.unknown is None else [self.unknown]))


def answer_questions(
    records: pl.DataFrame, entity: Entity, key: str, questions: Iterable[Question], context: RuleContext, seen: pl.Expr
) -> pl.DataFrame:
    """Adds a Boolean column for each question.

    Args:
        records: the records, with `row`, their keys and the fields that the questions read.
        entity: the entity of the records.
        key: the column that groups the records: `client_key` or `episode_key`.
        questions: the questions to answer.
        context: the code lists and the day of the extract.
        seen: which records count as other records.

    Returns:
        The records with one column per question: true, false, or null (unknown, or the key is null).
    """
    questions = list(questions)
    identifier = ID_FIELD[entity]
    fields = sorted({field for question in questions for field in question.required + question.optional})
    reads = [*fields, *(f"{field}.value" for field in fields), *(["MODAL.sent"] if "MODAL" in fields else [])]
    grouped = (
        records.lazy()
        .filter(seen & pl.col(key).is_not_null())
        .filter(pl.col(key).is_duplicated())
        .select(
            ROW, identifier, *(column for column in reads if column != identifier), group=pl.col(key).cast(pl.Int64),
            # Records with one id are one record. A blank id is no id, so each such record is a record of its own.
            id=pl.coalesce(pl.col(f"{entity}_key").cast(pl.Int64), -1 - pl.col(ROW).cast(pl.Int64)),
        )
        .collect()
    )  # fmt: skip
    no_answer = records.select(pl.when(pl.col(key).is_not_null()).then(pl.lit(value=False))).to_series()
    answers = map_in_threads(lambda question: _answer(question, grouped, context), questions)
    return records.with_columns(
        # `scatter` changes the series itself.
        no_answer.clone().scatter(answer[ROW], answer["answer"]).alias(question.column)
        for question, answer in zip(questions, answers, strict=True)
    )


def _answer(question: Question, grouped: pl.DataFrame, context: RuleContext) -> pl.DataFrame:
    """Returns `row` and `answer` (true, or null where it is unknown) of the records for which it is not false."""
    for condition in (question.of_this, question.of_other):
        if condition is not None:
            grouped = _select_groups(grouped, condition.expression(context).fill_null(value=True))
    certain = _select_yes(question, grouped, context, optimistic=False)
    # An unknown value can only change the answers of its own group, so the other groups are not asked again.
    possible = _select_yes(question, _select_groups(grouped, question.is_uncertain), context, optimistic=True)
    if possible.is_empty():
        return certain
    unknown = possible.join(certain, on=ROW, how="anti").with_columns(answer=pl.lit(None, dtype=pl.Boolean))
    return pl.concat([certain, unknown])


def _select_yes(question: Question, grouped: pl.DataFrame, context: RuleContext, *, optimistic: bool) -> pl.DataFrame:
    """Returns `row` and `answer` of the records for which the answer is true."""
    if grouped.is_empty():
        return grouped.select(ROW, answer=pl.lit(value=True))
    return grouped.select(ROW, answer=question.answer(grouped, context, optimistic)).filter("answer")


def _select_groups(grouped: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    """Returns the records of the groups in which a record meets the condition."""
    groups = grouped.lazy().filter(condition).select("group").unique().collect()["group"]
    return grouped.filter(pl.col("group").is_in(groups.implode()))


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

    `place_of_other` is its position as the other record, `place_of_this` its position as this record. Whether a blank
    id precedes another id of the same day is unknown.
    """
    day = pl.col("group") * SPAN + _day(start, _bound(optimistic, -OPEN))
    known = records.select(ROW, identifier, day=day).filter(pl.col("day").is_not_null())
    in_order = known.sort("day").with_row_index("position").with_columns(pl.col("position").cast(pl.Int64))
    shares_day = (pl.col("day") == pl.col("day").shift()) | (pl.col("day") == pl.col("day").shift(-1))
    tied = in_order.filter(shares_day.fill_null(value=False))
    # Only ties are sorted by id: sorting texts takes far longer than sorting numbers.
    by_id = tied.select(ROW, identifier, "day").sort("day", identifier, ROW, nulls_last=True)
    by_id = by_id.with_columns(place_of_other=tied["position"])
    first, last = (pl.col("place_of_other").min().over("day"), pl.col("place_of_other").max().over("day"))
    is_blank = pl.col(identifier).is_null()
    # Places are even, so that an odd one is between two days.
    tied_places = by_id.select(
        ROW,
        place_of_other=pl.when(is_blank & optimistic).then(2 * first - 1).otherwise(2 * pl.col("place_of_other")),
        place_of_this=pl.when(is_blank)
        .then(2 * last + 1 if optimistic else 2 * first)
        .otherwise(2 * pl.col("place_of_other")),
    )
    places = in_order.select(ROW, place_of_other=2 * pl.col("position"), place_of_this=2 * pl.col("position"))
    return left_join_by_key(records, places.update(tied_places, on=ROW), ROW)


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
    stays = _split_groups(records, records.select(_day("RECPDT")).to_series())
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
    types = records["MODAL.sent"].cast(pl.Categorical).to_physical().cast(pl.Int64)
    of_type = _split_groups(records, types)
    answers = of_type.select(ROW).with_columns(
        answer=_earlier_goes_on("MODST", "MODEND", "MODID")(of_type, context, optimistic)
    )
    return records.select(ROW).join(answers, on=ROW, how="left", maintain_order="left")["answer"]


def _split_groups(records: pl.DataFrame, values: pl.Series) -> pl.DataFrame:
    """Returns the records that share their group and a value with another record, each such set as a group.

    Args:
        records: `group` and other columns.
        values: a whole number below 2**25 for each record; null leaves the record out.
    """
    both = records.with_columns(group=pl.col("group") * SPAN + values).filter(pl.col("group").is_not_null())
    return both.filter(pl.col("group").is_duplicated()).with_columns(group=pl.col("group").rank("dense").cast(pl.Int64))


CONSENT_QUESTIONS = (
    Question(
        "a_later_episode_refuses", ("TRIAGED",), ("CONSENT",), _later_episode_refuses, of_other=CONSENT.means("no")
    ),
)
EPISODE_QUESTIONS = (
    Question(
        "an_earlier_episode_goes_on", ("TRIAGED",), ("DISD",), _earlier_goes_on("TRIAGED", "DISD", "EPISODID"),
        unknown=pl.col("EPISODID").is_null(),
    ),
    Question("another_episode_is_open_at_exit", ("TRIAGED",), ("EXITD", "DISD", "DISRSN"), _other_open_at_exit),
    Question("a_later_reception_precedes_the_exit", ("RECPDT",), ("EXITD",), _later_reception_before_exit),
    Question(
        "another_episode_of_the_stay_exits_otherwise", (), ("RECPDT", "EXITD", "TRIAGED"), _exits_differ_in_one_stay
    ),
    Question(
        "reception_belongs_to_an_earlier_stay", ("RECPDT", "TRIAGED"), ("EXITD", "EXITRSN"),
        _belongs_to_an_earlier_stay, of_other=EXITRSN.means("released", "absconded"),
    ),
    Question(
        "another_episode_ends_with_death_before", ("TRIAGED",), ("EXITD", "DISD", "EXITRSN", "DISRSN"),
        _other_died_before, of_other=EXITRSN.means("died") | DISRSN.means("died"),
        # A death without a date may have been on any day.
        unknown=pl.col("EXITD").is_null() & pl.col("DISD").is_null(),
    ),
)  # fmt: skip
INTERVENTION_QUESTIONS = (
    Question(
        "an_earlier_one_of_the_type_goes_on", ("MODST",), ("MODAL", "MODEND"), _same_type_goes_on,
        unknown=pl.col("MODID").is_null(),
    ),
    Question(
        "maintenance_goes_on", ("MODST",), ("MODAL", "MODEND"), _goes_on_at_start("opioid_maintenance"),
        of_this=MODAL.means("opioid_reduction"), of_other=MODAL.means("opioid_maintenance"),
    ),
    Question(
        "reduction_goes_on", ("MODST",), ("MODAL", "MODEND"), _goes_on_at_start("opioid_reduction"),
        of_this=MODAL.means("opioid_maintenance"), of_other=MODAL.means("opioid_reduction"),
    ),
)  # fmt: skip
