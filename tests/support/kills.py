"""Counts what was killed in a session of tests and what each kill left, for a line at its end."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

Recorder = Callable[[str, object], None]
Moment = Literal["moments", "steps"]
_KILLED, _LEFT = "killed", "left by the kill"


def record_kill(record: Recorder, part: str, at: Moment = "moments") -> None:
    """Records that a part of the program was killed; what it left is half-done until `record_left` is called.

    Args:
        record: pytest's `record_property`.
        part: what was killed, such as `backup`.
        at: whether at a random moment or at one of its steps.
    """
    record(_KILLED, [part, at])


def record_left(record: Recorder, part: str, state: str) -> None:
    """Records, after every check, which state a kill left, such as `absent` or `complete`."""
    record(_LEFT, [part, state])


def describe_kills(properties: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Yields a line for each part that was killed, from the properties that the tests recorded."""
    killed: dict[str, Counter[str]] = {}
    left: dict[str, Counter[str]] = {}
    for name, value in properties:
        if name in (_KILLED, _LEFT) and isinstance(value, list):
            part, kind = value
            (killed if name == _KILLED else left).setdefault(part, Counter())[kind] += 1
    for part, places in killed.items():
        yield _describe(part, places, left.get(part, Counter()))


def _describe(part: str, places: Mapping[str, int], states: Mapping[str, int]) -> str:
    half_done = sum(places.values()) - sum(states.values())
    at = " and ".join(f"{count:,} {kind}" for kind, count in sorted(places.items()))
    found = [f"{count:,} {state}" for state, count in sorted(states.items())] + [f"{half_done or 'none'} half-done"]
    return f"{part}: killed at {at}; {', '.join(found)}"
