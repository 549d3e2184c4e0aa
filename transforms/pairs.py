"""Answers to 'some other record' and 'some intervention of the episode', for the rules that ask."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import polars as pl

from schemas.condition import Condition, RuleContext, SomeIntervention, SomeOther
from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import ROW
from schemas.rule import Rule
from transforms.beside import beside

_Question = TypeVar("_Question", bound=Condition)
_KEY_OF_ID = {"CLIENTID": "client_key", "EPISODID": "episode_key"}
# Pairs looked at in one go: bounds the memory where one id stands on very many records.
_PAIRS_AT_ONCE = 4_000_000
_OTHER = "other."


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
    for question in _questions(rules, SomeOther):
        key = _KEY_OF_ID[question.parent_id]
        portions = _paired(records, entity, key, question.pair.truth(context))
        answers = _kleene_any(portions, question.pair, question.column, context)
        records = _with_answers(records, answers, question.column, pl.col(key).is_not_null())
    return records


def answer_interventions(
    episodes: pl.DataFrame, interventions: pl.DataFrame, rules: Iterable[Rule], context: RuleContext
) -> pl.DataFrame:
    """Adds a Boolean column for each 'some intervention of the episode' that a rule asks about.

    Args and returns as `answer_others`; those in play are looked at.
    """
    questions = list(_questions(rules, SomeIntervention))
    children = interventions.filter("is_in_play").select(
        "episode_key", pl.col("MODAL", "MODAL.value", "MODST", "MODST.value", "MODEND", "MODEND.value")
        .name.prefix("child.")
    )  # fmt: skip
    asking = episodes.filter("is_in_play").select(ROW, "episode_key", "DISD", "DISD.value")
    asked = asking.join(children, on="episode_key")
    for question in questions:
        answers = _kleene_any([asked], question.child, question.column, context)
        episodes = _with_answers(episodes, answers, question.column, pl.col("episode_key").is_not_null())
    return episodes


def _questions(rules: Iterable[Rule], kind: type[_Question]) -> Iterator[_Question]:
    """The different questions of a kind that the rules ask, in the order they are asked."""
    clauses = (
        clause for rule in rules for part in (rule.statement.applies, rule.statement.holds) for clause in part.clauses()
    )
    yield from dict.fromkeys(clause for clause in clauses if isinstance(clause, kind))


def _paired(records: pl.DataFrame, entity: Entity, key: str, condition: pl.Expr) -> Iterator[pl.DataFrame]:
    """Every record in play beside each other one of the same key, in bounded portions.

    Only the columns that the condition reads are paired.  Two records that carry one id are the same
    thing twice, not one and another.
    """
    identifier = ID_FIELD[entity]
    read = set(condition.meta.root_names())
    own = sorted({name for name in read if not name.startswith(_OTHER)} | {identifier})
    others = sorted({name.removeprefix(_OTHER) for name in read if name.startswith(_OTHER)} | {identifier})
    in_play = records.select(ROW, key, "is_in_play", *dict.fromkeys([*own, *others])).filter("is_in_play")
    together = in_play.filter((pl.len().over(key) > 1) & pl.col(key).is_not_null())
    another = (pl.col(ROW) != pl.col(f"{_OTHER}{ROW}")) & (
        pl.col(identifier).ne_missing(pl.col(f"{_OTHER}{identifier}")) | pl.col(identifier).is_null()
    )
    other_side = together.select(key, pl.col(ROW, *others).name.prefix(_OTHER))
    for portion in _portions(together.select(ROW, key, *own), key):
        yield portion.join(other_side, on=key).filter(another)


def _portions(records: pl.DataFrame, key: str) -> Iterator[pl.DataFrame]:
    """The records in portions whose pairs stay below the bound."""
    if records.is_empty():
        return
    pairs_so_far = pl.len().over(key).cast(pl.Int64).cum_sum()
    yield from records.with_columns(portion=pairs_so_far // _PAIRS_AT_ONCE).partition_by("portion", include_key=False)


def _kleene_any(
    portions: Iterable[pl.DataFrame], condition: Condition, column: str, context: RuleContext
) -> pl.DataFrame:
    truth = condition.truth(context).any(ignore_nulls=False).alias(column)
    answered = [portion.group_by(ROW).agg(truth) for portion in portions]
    empty = pl.DataFrame(schema={ROW: pl.get_index_type(), column: pl.Boolean})
    return pl.concat([empty, *answered])


def _with_answers(records: pl.DataFrame, answers: pl.DataFrame, column: str, tied: pl.Expr) -> pl.DataFrame:
    """No pair at all is a no; a record that nothing ties has no answer."""
    asked = answers.with_columns(was_asked=pl.lit(value=True))
    answer = pl.when(pl.col("was_asked").is_null() & tied).then(pl.lit(value=False)).otherwise(pl.col(column))
    return beside(records, asked, ROW).with_columns(answer.alias(column)).drop("was_asked")
