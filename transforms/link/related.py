"""Answers 'some other record' and 'some intervention of the episode' for the rules that need them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import polars as pl

from schemas.condition import AnyIntervention, AnyOtherRecord, Condition, RuleContext
from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import ROW
from schemas.rule import Rule

_Question = TypeVar("_Question", bound=Condition)
_KEY_OF_ID = {"CLIENTID": "client_key", "EPISODID": "episode_key"}
# The pairs per key grow with the square of its records. This bounds the memory where many records share a key.
_PAIRS_AT_ONCE = 4_000_000
_OTHER = "other."
_CHILD = "child."


def add_related_answers(
    records: pl.DataFrame, entity: Entity, rules: Iterable[Rule], context: RuleContext
) -> pl.DataFrame:
    """Adds a Boolean column for each 'some other record' condition that a rule of the entity uses.

    Args:
        records: the records, with their keys, `row`, `is_in_play` and the columns of the fields.
        entity: the entity of the records.
        rules: the rules to run on them.
        context: the code lists and the day of the extract.

    Returns:
        The records with one column per condition: true, false, or null (no pair is true and some pair is null,
        or the parent id is blank).
    """
    by_key: dict[str, list[AnyOtherRecord]] = {}
    for question in _find_questions(rules, AnyOtherRecord):
        by_key.setdefault(_KEY_OF_ID[question.parent_id], []).append(question)
    for key, questions in by_key.items():
        truths = {question.column: question.pair.expression(context) for question in questions}
        records = _add_answers(records, _pair_records(records, entity, key, truths.values()), truths, key)
    return records


def answer_interventions(
    episodes: pl.DataFrame, interventions: pl.DataFrame, rules: Iterable[Rule], context: RuleContext
) -> pl.DataFrame:
    """Adds a Boolean column for each 'some intervention of the episode' condition that a rule uses.

    Reads only the records in play. Returns the same kind of columns as `add_related_answers`.
    """
    questions = _find_questions(rules, AnyIntervention)
    truths = {question.column: question.child.expression(context) for question in questions}
    read = {name for truth in truths.values() for name in truth.meta.root_names()}
    of_child = sorted(name.removeprefix(_CHILD) for name in read if name.startswith(_CHILD))
    of_episode = sorted(name for name in read if not name.startswith(_CHILD))
    children = (
        interventions.lazy().filter("is_in_play").select("episode_key", pl.col(of_child).name.prefix(_CHILD)).collect()
    )
    episodes_in_play = episodes.lazy().filter("is_in_play").select(ROW, "episode_key", *of_episode).collect()
    return _add_answers(episodes, [episodes_in_play.join(children, on="episode_key")], truths, "episode_key")


def _find_questions(rules: Iterable[Rule], kind: type[_Question]) -> Iterator[_Question]:
    """Yields the distinct conditions of one type that the rules use, in order of use."""
    clauses = (
        clause for rule in rules for part in (rule.statement.applies, rule.statement.holds) for clause in part.clauses()
    )
    yield from dict.fromkeys(clause for clause in clauses if isinstance(clause, kind))


def _pair_records(
    records: pl.DataFrame, entity: Entity, key: str, conditions: Iterable[pl.Expr]
) -> Iterator[pl.DataFrame]:
    """Yields pairs of records in play with the same key, in portions of bounded size.

    Selects only the columns that the conditions read. Two records with the same id do not form a pair, because
    they are duplicates of each other.
    """
    identifier = ID_FIELD[entity]
    read = {name for condition in conditions for name in condition.meta.root_names()}
    own = sorted({name for name in read if not name.startswith(_OTHER)} | {identifier})
    others = sorted({name.removeprefix(_OTHER) for name in read if name.startswith(_OTHER)} | {identifier})
    in_play = records.select(ROW, key, "is_in_play", *dict.fromkeys([*own, *others])).filter("is_in_play")
    sharing = in_play.with_columns(same_key_count=pl.len().over(key)).filter(
        (pl.col("same_key_count") > 1) & pl.col(key).is_not_null()
    )
    another = (pl.col(ROW) != pl.col(f"{_OTHER}{ROW}")) & (
        pl.col(identifier).ne_missing(pl.col(f"{_OTHER}{identifier}")) | pl.col(identifier).is_null()
    )
    other_side = sharing.select(key, pl.col(ROW, *others).name.prefix(_OTHER))
    for portion in _split_portions(sharing):
        yield portion.select(ROW, key, *own).join(other_side, on=key).filter(another)


def _split_portions(records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yields the records in portions of about `_PAIRS_AT_ONCE` pairs each."""
    # Each record is paired with every record of its key. The running total of pairs, divided by the bound, numbers
    # the portions. The other side of the join stays whole, so a key may span several portions.
    pairs_so_far = records["same_key_count"].cast(pl.Int64).cum_sum()
    if records.is_empty() or pairs_so_far[-1] <= _PAIRS_AT_ONCE:
        yield records
    else:
        numbered = records.with_columns(portion=pairs_so_far // _PAIRS_AT_ONCE)
        yield from numbered.partition_by("portion", include_key=False)


def _add_answers(
    records: pl.DataFrame, portions: Iterable[pl.DataFrame], truths: Mapping[str, pl.Expr], key: str
) -> pl.DataFrame:
    """Adds for each condition whether some pair of a record meets it: true, null, or false.

    A record without pairs gets false. A record with a null key gets null.
    """
    # One pair is never enough to decide on false, so collect true and null over all portions first.
    is_met = {column: _build_false(len(records)) for column in truths}
    unanswered = {column: _build_false(len(records)) for column in truths}
    for portion in portions:
        # A lazy query computes the expressions that the conditions share only once.
        answered = portion.lazy().select(ROW, *(truth.alias(column) for column, truth in truths.items())).collect()
        for column in truths:
            answer, rows = answered[column], answered[ROW]
            is_met[column].scatter(rows.filter(answer), True)
            unanswered[column].scatter(rows.filter(answer.is_null()), True)
    has_key = records[key].is_not_null()
    return records.with_columns(
        pl.when(is_met[column]).then(pl.lit(value=True)).when(has_key & ~unanswered[column]).then(pl.lit(value=False))
        .alias(column)
        for column in truths
    )  # fmt: skip


def _build_false(length: int) -> pl.Series:
    return pl.repeat(value=False, n=length, dtype=pl.Boolean, eager=True)
