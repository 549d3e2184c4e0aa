"""Answers to 'some other record' and 'some intervention of the episode', for the rules that ask."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import polars as pl

from schemas.condition import Condition, RuleContext, SomeIntervention, SomeOther
from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import ROW
from schemas.rule import Rule

_Question = TypeVar("_Question", bound=Condition)
_KEY_OF_ID = {"CLIENTID": "client_key", "EPISODID": "episode_key"}
# Pairs looked at in one go: bounds the memory where one id stands on very many records.
_PAIRS_AT_ONCE = 4_000_000
_OTHER = "other."
_CHILD = "child."


def answer_others(records: pl.DataFrame, entity: Entity, rules: Iterable[Rule], context: RuleContext) -> pl.DataFrame:
    """Adds a Boolean column for each 'some other record' that a rule of the entity asks about.

    Args:
        records: the records, with their keys, `row`, `is_in_play` and the fields' columns.
        entity: what they are.
        rules: the rules that will look at them.
        context: the code lists and the day of the extract.

    Returns:
        The records with a column named by each question: true, false, or null where it has no
        answer (some pair had none and none was true, or the id that ties is blank).
    """
    by_key: dict[str, list[SomeOther]] = {}
    for question in _questions(rules, SomeOther):
        by_key.setdefault(_KEY_OF_ID[question.parent_id], []).append(question)
    for key, questions in by_key.items():
        truths = {question.column: question.pair.truth(context) for question in questions}
        records = _with_answers(records, _paired(records, entity, key, truths.values()), truths, key)
    return records


def answer_interventions(
    episodes: pl.DataFrame, interventions: pl.DataFrame, rules: Iterable[Rule], context: RuleContext
) -> pl.DataFrame:
    """Adds a Boolean column for each 'some intervention of the episode' that a rule asks about.

    Args and returns as `answer_others`; those in play are looked at.
    """
    truths = {question.column: question.child.truth(context) for question in _questions(rules, SomeIntervention)}
    read = {name for truth in truths.values() for name in truth.meta.root_names()}
    of_child = sorted(name.removeprefix(_CHILD) for name in read if name.startswith(_CHILD))
    of_episode = sorted(name for name in read if not name.startswith(_CHILD))
    children = (
        interventions.lazy().filter("is_in_play").select("episode_key", pl.col(of_child).name.prefix(_CHILD)).collect()
    )
    asking = episodes.lazy().filter("is_in_play").select(ROW, "episode_key", *of_episode).collect()
    return _with_answers(episodes, [asking.join(children, on="episode_key")], truths, "episode_key")


def _questions(rules: Iterable[Rule], kind: type[_Question]) -> Iterator[_Question]:
    """The different questions of a kind that the rules ask, in the order they are asked."""
    clauses = (
        clause for rule in rules for part in (rule.statement.applies, rule.statement.holds) for clause in part.clauses()
    )
    yield from dict.fromkeys(clause for clause in clauses if isinstance(clause, kind))


def _paired(records: pl.DataFrame, entity: Entity, key: str, conditions: Iterable[pl.Expr]) -> Iterator[pl.DataFrame]:
    """Every record in play beside each other one of the same key, in bounded portions.

    Only the columns that the conditions read are paired.  Two records that carry one id are the same
    thing twice, not one and another.
    """
    identifier = ID_FIELD[entity]
    read = {name for condition in conditions for name in condition.meta.root_names()}
    own = sorted({name for name in read if not name.startswith(_OTHER)} | {identifier})
    others = sorted({name.removeprefix(_OTHER) for name in read if name.startswith(_OTHER)} | {identifier})
    in_play = records.select(ROW, key, "is_in_play", *dict.fromkeys([*own, *others])).filter("is_in_play")
    together = in_play.with_columns(namesakes=pl.len().over(key)).filter(
        (pl.col("namesakes") > 1) & pl.col(key).is_not_null()
    )
    another = (pl.col(ROW) != pl.col(f"{_OTHER}{ROW}")) & (
        pl.col(identifier).ne_missing(pl.col(f"{_OTHER}{identifier}")) | pl.col(identifier).is_null()
    )
    other_side = together.select(key, pl.col(ROW, *others).name.prefix(_OTHER))
    for portion in _portions(together):
        yield portion.select(ROW, key, *own).join(other_side, on=key).filter(another)


def _portions(records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The records, with `namesakes` to be paired with, in portions whose pairs stay below the bound."""
    pairs_so_far = records["namesakes"].cast(pl.Int64).cum_sum()
    if records.is_empty() or pairs_so_far[-1] <= _PAIRS_AT_ONCE:
        yield records
    else:
        numbered = records.with_columns(portion=pairs_so_far // _PAIRS_AT_ONCE)
        yield from numbered.partition_by("portion", include_key=False)


def _with_answers(
    records: pl.DataFrame, portions: Iterable[pl.DataFrame], truths: Mapping[str, pl.Expr], key: str
) -> pl.DataFrame:
    """Adds for each condition whether some pair of a record meets it: true, no answer, or false.

    No pair at all is a no; a record that nothing ties has no answer.
    """
    met = {column: _nowhere(len(records)) for column in truths}
    unanswered = {column: _nowhere(len(records)) for column in truths}
    for portion in portions:
        # Lazily: what the conditions have in common is worked out once.
        answered = portion.lazy().select(ROW, *(truth.alias(column) for column, truth in truths.items())).collect()
        for column in truths:
            answer, rows = answered[column], answered[ROW]
            met[column].scatter(rows.filter(answer), True)
            unanswered[column].scatter(rows.filter(answer.is_null()), True)
    is_tied = records[key].is_not_null()
    return records.with_columns(
        pl.when(met[column]).then(pl.lit(value=True)).when(is_tied & ~unanswered[column]).then(pl.lit(value=False))
        .alias(column)
        for column in truths
    )  # fmt: skip


def _nowhere(length: int) -> pl.Series:
    return pl.repeat(value=False, n=length, dtype=pl.Boolean, eager=True)
