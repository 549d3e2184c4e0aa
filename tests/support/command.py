"""The command `ndtms`, called in this process."""

import sys
from dataclasses import dataclass

import pytest

from flows import cli


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """The command as it is called; the fixture `ndtms` is one."""

    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ran:
        self.monkeypatch.setattr(sys, "argv", ["ndtms", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.run()
        sys.stdout.flush()
        written = self.capfd.readouterr()
        return Ran(int(left.value.code or 0), written.out, written.err)
