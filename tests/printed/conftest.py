"""The fixtures of the tests of what the command prints."""

import sys

import pytest
import typer.rich_utils
from syrupy.assertion import SnapshotAssertion

from tests.support.snapshots import TextFile


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """A comparison with a text file; `make snapshots` writes the files."""
    return snapshot.use_extension(TextFile)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of a hundred characters without colours, whatever this one is."""
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(typer.rich_utils, "MAX_WIDTH", 100)
    monkeypatch.setattr(typer.rich_utils, "FORCE_TERMINAL", False)
    monkeypatch.setattr(typer.rich_utils, "COLOR_SYSTEM", None)
    # Started as a module, the program would be called after it.
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None)
