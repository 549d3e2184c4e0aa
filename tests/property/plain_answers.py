"""Answers in three-valued logic as plain Python: True, False, or None for 'no answer'."""

from collections.abc import Iterable
from typing import Any

Answer = bool | None


def every(*answers: Answer) -> Answer:
    """False as soon as one is false; else no answer as soon as one has none."""
    return all_of(answers)


def some(*answers: Answer) -> Answer:
    """True as soon as one is true; else no answer as soon as one has none."""
    return any_of(answers)


def all_of(answers: Iterable[Answer]) -> Answer:
    found = set(answers)
    if False in found:
        return False
    return None if None in found else True


def any_of(answers: Iterable[Answer]) -> Answer:
    found = set(answers)
    if True in found:
        return True
    return None if None in found else False


def no(answer: Answer) -> Answer:
    return None if answer is None else not answer


def less(left: Any, right: Any) -> Answer:
    return None if left is None or right is None else left < right


def same(left: Any, right: Any) -> Answer:
    return None if left is None or right is None else left == right
