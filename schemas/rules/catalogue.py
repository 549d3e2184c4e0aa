"""Collects all rules: those of records and those of the file."""

from collections.abc import Iterable
from functools import cache

from schemas.condition import meanings_in
from schemas.dataset import Entity
from schemas.record_columns import field_named
from schemas.rule import Rule, RuleInfo, Stage
from schemas.rules import (
    client,
    episode_details,
    episode_discharge,
    episode_exit,
    episode_reception,
    families,
    history,
    intervention,
)
from schemas.rules.submission_file import FILE_RULES

_MODULES = (client, episode_reception, episode_details, episode_discharge, episode_exit, intervention)


@cache
def record_rules() -> tuple[Rule, ...]:
    """Every rule that looks at the records of one export, each once.

    Raises ValueError where a name stands twice.
    """
    of_modules = (rule for module in _MODULES for rule in module.catalogue.rules)
    rules = (*families.family_rules(), *of_modules, *history.history_rules())
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"rules stand twice: {', '.join(twice)}")
    return rules


def all_rules() -> tuple[RuleInfo, ...]:
    """Every rule of the catalogue, those of the file last."""
    return (*record_rules(), *FILE_RULES)


@cache
def meanings_needed() -> dict[str, dict[str, list[str]]]:
    """For each code list the concepts that rules ask for, and the rules that do."""
    needed: dict[str, dict[str, list[str]]] = {}
    for rule in record_rules():
        for condition in (rule.statement.applies, rule.statement.holds):
            for meaning in meanings_in(condition):
                of_list = needed.setdefault(field_named(meaning.reference).code_list, {})
                for concept in meaning.concepts:
                    of_list.setdefault(concept, []).append(rule.name)
    return needed


def of_stage(rules: Iterable[Rule], stage: Stage, entity: Entity) -> list[Rule]:
    """The rules of one stage that look at one entity."""
    return [rule for rule in rules if rule.stage == stage and rule.entity == entity]
