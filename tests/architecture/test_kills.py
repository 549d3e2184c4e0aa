"""The line about kills at the end of a session counts each kill once, also one after which a check failed."""

from collections.abc import Sequence
from typing import Any

from tests.support.kills import describe_kills, record_kill, record_left


class Properties(list[tuple[str, Any]]):
    """What pytest keeps of the properties that tests record."""

    def record(self, name: str, value: object) -> None:
        self.append((name, value))


def kill_backups(states: Sequence[str | None]) -> Properties:
    """Records kills and what they left; None for one after which a check failed."""
    properties = Properties()
    for state in states:
        record_kill(properties.record, "backup")
        if state:
            record_left(properties.record, "backup", state)
    return properties


def test_every_kill_left_a_known_state() -> None:
    properties = kill_backups(["absent", "absent", "complete"])
    for _ in range(2):
        record_kill(properties.record, "backup", "steps")
        record_left(properties.record, "backup", "absent")
    assert list(describe_kills(properties)) == [
        "backup: killed at 3 moments and 2 steps; 4 absent, 1 complete, none half-done"
    ]


def test_a_kill_without_a_known_state_left_something_half_done() -> None:
    properties = kill_backups(["absent", None])
    properties.append(("another property", 1))
    assert list(describe_kills(properties)) == ["backup: killed at 2 moments; 1 absent, 1 half-done"]


def test_nothing_is_said_of_a_session_without_kills() -> None:
    assert list(describe_kills([])) == []
