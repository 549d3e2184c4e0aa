"""Figures: what was measured, next to its goal, and a profile where the goal is missed."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured number; smaller is better.

    `unit` follows the number, such as `x the floor`.  `goal` is the most that it may be; None if it is only shown.
    `note` has the numbers behind it, and `profile` the steps that take the time, for a goal that is missed.
    """

    what: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""
    profile: str = ""

    @property
    def is_missed(self) -> bool:
        """Returns whether there is a goal that the figure misses."""
        return self.goal is not None and self.value > self.goal


def format_figure(figure: Figure) -> str:
    """Returns a line such as `submit: 1.84 x check (goal: at most 2, met); 1.1 s`."""
    line = f"{figure.what}: {figure.value:.2f} {figure.unit}"
    if figure.goal is not None:
        line += f" (goal: at most {figure.goal:g}, {'missed' if figure.is_missed else 'met'})"
    return f"{line}; {figure.note}" if figure.note else line


def print_figures(figures: Iterable[Figure]) -> list[Figure]:
    """Prints a line per figure as soon as it is known, and returns them all."""
    shown = []
    for figure in figures:
        _print(format_figure(figure))
        shown.append(figure)
    return shown


def print_goals(figures: list[Figure]) -> None:
    """Prints how many goals are met, and each that is missed with its profile."""
    missed = [figure for figure in figures if figure.is_missed]
    goals = sum(figure.goal is not None for figure in figures)
    _print(f"\n{goals - len(missed)} of {goals} goals are met")
    for figure in missed:
        _print(f"\nmissed: {format_figure(figure)}")
        for line in figure.profile.splitlines():
            _print(f"    {line}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
