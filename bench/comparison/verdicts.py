"""Defines what a contestant finds, in the same form for all."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdicts:
    """How many rows break each rule, by the rule's name, and how many verdicts on a row were given in all."""

    broken: Mapping[str, int]
    given: int


def find_differences(verdicts: Mapping[str, Verdicts]) -> list[str]:
    """Returns a line per rule that contestants disagree on, with the rows that break it according to each.

    Args:
        verdicts: what each contestant found on the same rows, by its name.
    """
    names = dict.fromkeys(name for found in verdicts.values() for name in found.broken)
    counts = {name: {who: found.broken.get(name) for who, found in verdicts.items()} for name in names}
    return [
        f"{name}: " + ", ".join(f"{who} {'no count' if rows is None else rows}" for who, rows in of_rule.items())
        for name, of_rule in counts.items()
        if len(set(of_rule.values())) > 1
    ]
