"""Collects all rules: those of records and those of the file."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

import schemas.rules
from schemas.condition import meanings_in
from schemas.dataset import Entity, fields
from schemas.record_columns import field_named
from schemas.rule import Rule, RuleInfo, Stage
from schemas.rule_registry import REGISTRY, FileRule


@cache
def record_rules() -> tuple[Rule, ...]:
    """Returns every rule that checks the records of an export, in the order of the fields they blame."""
    _import_rules()
    position = {field.header: field.position for field in fields()}
    return tuple(sorted(REGISTRY.of_records.values(), key=lambda rule: (position[rule.field], rule.name)))


@cache
def file_rules() -> tuple[FileRule, ...]:
    """Returns every rule of the submission as a whole, by name."""
    _import_rules()
    return tuple(sorted(REGISTRY.of_file.values(), key=lambda rule: rule.name))


def all_rules() -> tuple[RuleInfo, ...]:
    """Returns every rule of the catalogue, with those of the file last."""
    return (*record_rules(), *file_rules())


@cache
def meanings_needed() -> dict[str, dict[str, list[str]]]:
    """Returns for each code list the concepts that rules need, and the rules that need them."""
    needed: dict[str, dict[str, list[str]]] = {}
    for rule in record_rules():
        for condition in (rule.statement.applies, rule.statement.holds):
            for meaning in meanings_in(condition):
                of_list = needed.setdefault(field_named(meaning.reference).code_list, {})
                for concept in meaning.concepts:
                    of_list.setdefault(concept, []).append(rule.name)
    return needed


def of_stage(rules: Iterable[Rule], stage: Stage, entity: Entity) -> list[Rule]:
    """Returns the rules of one stage that check one entity."""
    return [rule for rule in rules if rule.stage == stage and rule.entity == entity]


def _import_rules() -> None:
    """Imports every module of this package, because a rule is registered when its module is imported."""
    for module in pkgutil.iter_modules(schemas.rules.__path__):
        if module.name != "catalogue":
            import_module(f"schemas.rules.{module.name}")
