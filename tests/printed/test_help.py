"""The help of the program and of each command."""

from collections.abc import Iterator

import pytest
import typer.main
from syrupy.assertion import SnapshotAssertion

from flows.cli import app
from tests.support.command import Command
from tests.support.snapshots import normalise


def list_commands(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the words of a command and of all commands below it."""
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from list_commands(below, (*words, name))


COMMANDS = list(list_commands(typer.main.get_command(app)))


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) > 25
    assert ("reference", "load") in COMMANDS


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(["ndtms", *words]))
def test_help(ndtms: Command, snapshot: SnapshotAssertion, words: tuple[str, ...]) -> None:
    ran = ndtms(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert normalise(ran.out, {}) == snapshot
