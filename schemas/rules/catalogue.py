"""Collects all rules: those of records and those of the file."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

import schemas.rules
from schemas.conditions.codes import find_meanings
from schemas.dataset import Entity, list_fields
from schemas.record_columns import get_referenced_field
from schemas.rule import Rule, RuleInfo, Stage
from schemas.rule_registry import REGISTRY, FileRule


@cache
def list_record_rules() -> tuple[Rule, ...]:
    """Returns every rule that checks the records of an export, in the order of the fields they blame."""
    _import_rules()
    position = {field.header: field.position for field in list_fields()}
    return tuple(sorted(REGISTRY.of_records.values(), key=lambda rule: (position[rule.field], rule.name)))


@cache
def list_file_rules() -> tuple[FileRule, ...]:
    """Returns every rule of the submission as a whole, by name."""
    _import_rules()
    return tuple(sorted(REGISTRY.of_file.values(), key=lambda rule: rule.name))


def list_rules() -> tuple[RuleInfo, ...]:
    """Returns every rule of the catalogue, with those of the file last."""
    return (*list_record_rules(), *list_file_rules())


@cache
def find_needed_meanings() -> dict[str, dict[str, list[str]]]:
    """Returns for each code list the concepts that rules need, and the rules that need them."""
    needed: dict[str, dict[str, list[str]]] = {}
    for rule in list_record_rules():
        for condition in (rule.statement.applies, rule.statement.holds):
            for meaning in find_meanings(condition):
                of_list = needed.setdefault(get_referenced_field(meaning.reference).code_list, {})
                for concept in meaning.concepts:
                    of_list.setdefault(concept, []).append(rule.name)
    return needed


def select_stage(rules: Iterable[Rule], stage: Stage, entity: Entity) -> list[Rule]:
    """Returns the rules of one stage that check one entity."""
    return [rule for rule in rules if rule.stage == stage and entity in (rule.entity, rule.also)]


def _import_rules() -> None:
    """Imports every module of this package, because a rule is registered when its module is imported."""
    for module in pkgutil.iter_modules(schemas.rules.__path__):
        if module.name != "catalogue":
            import_module(f"schemas.rules.{module.name}")
