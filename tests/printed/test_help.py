"""The help of the program and of each command, each with an example that the command understands."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from syrupy.assertion import SnapshotAssertion

from flows.cli import build_app
from flows.cli.examples import EXAMPLES
from tests.support.command import Command
from tests.support.snapshots import normalise


def list_commands(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the words of a command and of all commands below it."""
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from list_commands(below, (*words, name))


COMMANDS = list(list_commands(typer.main.get_command(build_app())))


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) > 25
    assert ("reference", "load") in COMMANDS


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(["ndtms", *words]))
def test_help(ndtms: Command, snapshot: SnapshotAssertion, words: tuple[str, ...]) -> None:
    ran = ndtms(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert normalise(ran.out, {}) == snapshot


def test_every_command_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(" ".join(words) for words in COMMANDS)


@pytest.mark.parametrize("words", EXAMPLES)
def test_the_example_of_a_command_is_one_of_it_and_is_understood(words: str) -> None:
    program, *rest = shlex.split(EXAMPLES[words])
    assert program == "ndtms"
    command: Any = typer.main.get_command(build_app())
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    assert EXAMPLES[words].startswith(f"ndtms {words}".strip())
    # Raises an error for an unknown option, a missing one, and a value of the wrong type.
    command.make_context(words, rest)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(["ndtms", *words]))
def test_the_example_is_in_the_help(ndtms: Command, words: tuple[str, ...]) -> None:
    assert f" Example: {EXAMPLES[' '.join(words)]}\n" in "\n".join(
        [*(line.rstrip() for line in ndtms(*words, "--help").out.splitlines()), ""]
    )


def test_without_a_command_and_without_a_run_the_help_is_shown(
    ndtms: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ndtms() == ndtms("--help")
    assert list(tmp_path.iterdir()) == []


def test_a_shell_completes_commands_and_options(ndtms: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_NDTMS_COMPLETE", "complete_bash")
    for typed, completed in (("ndtms sub", "submit"), ("ndtms submit --extr", "--extracted-on")):
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
        assert ndtms().out.split() == [completed]
