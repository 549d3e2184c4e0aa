"""Refusals: commands that are wrong, each with what has to be prepared for it."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.files.isolated_reading import REFUSED
from flows.files.reading_process import parse
from flows.landing.home import locked_home
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, TABLE
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

RUN = "L0001-2023-04-1"
MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


@dataclass(frozen=True)
class Place:
    """An empty folder in which a refusal is prepared."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    ndtms: Command

    @property
    def home(self) -> Path:
        """The path of the home."""
        return self.folder / "home"

    @property
    def export(self) -> Path:
        """The path of the export."""
        return self.folder / "export"

    @property
    def names(self) -> Mapping[Path, str]:
        """What to write for the paths."""
        return {self.home: "<home>", self.export: "<export>", self.folder: "<folder>"}

    def write(self, name: str, content: str | bytes) -> Path:
        """Writes a file in the folder and returns its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def write_export(self) -> Path:
        """Writes an export of two clients, the second of which is rejected."""
        return write_export(self.export, *TWO_CLIENTS)

    def make_home(self) -> Path:
        """Makes a home that loads at once."""
        return make_small_home(self.home)

    def make_audit(self) -> Path:
        """Makes a home with an audit of no run."""
        with locked_home(self.home):
            return self.home

    def land(self) -> Path:
        """Lands the export in the home, and returns the home."""
        land_export(self.write_export(), self.make_home())
        return self.home

    def run(self, *words: object) -> None:
        """Runs a command that has to succeed."""
        ran = self.ndtms(*words)
        assert ran.code == 0, ran.err

    def settings(self, text: str) -> Path:
        """Writes the settings of the home."""
        return self.write("home/settings.toml", text)

    def map_clients(self, table: str, top: str = "") -> tuple[object, ...]:
        """Writes a mapping whose clients are read as described, and returns the command that checks the source.

        Args:
            table: the keys of the table of clients, in TOML.
            top: the keys of the mapping.
        """
        others = "".join(
            f'[{TABLE[entity]}]\nby_header = true\nfile = "{TABLE[entity]}.csv"\n'
            for entity in ENTITIES
            if entity != "client"
        )
        mapping = self.write("mapping.toml", f'name = "mapping"\n{top}\n[clients]\n{table}\n{others}')
        return self.check(mapping)

    def map_file(self, name: str, content: str | bytes, table: str = "") -> tuple[object, ...]:
        """Writes a file of clients and its mapping, and returns the command that checks the source."""
        self.write(name, content)
        return self.map_clients(f'by_header = true\nfile = "{name}"\n{table}')

    def change(self, name: str, before: str, after: str) -> Path:
        """Replaces a text in a table of the export."""
        path = self.export / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        return path

    def check(self, source: object, *more: object) -> tuple[object, ...]:
        """Returns the command that checks a source."""
        return ("check", "--source", source, *MONTH, "--home", self.home, *more)

    def submit(self, source: object, *more: object) -> tuple[object, ...]:
        """Returns the command that submits a source."""
        return ("submit", "--source", source, *MONTH, "--home", self.home, *more)

    def patch_duckdb(self, error: duckdb.Error) -> None:
        """Lets DuckDB open no file."""

        def refuse(*_arguments: object, **_named: object) -> None:
            raise error

        self.monkeypatch.setattr(duckdb, "connect", refuse)


Prepare = Callable[[Place], tuple[object, ...]]
CASES: dict[str, Prepare] = {}
# The cases of one month of a backfill: the others go on, so the exit code is 1.
OF_A_MONTH: set[str] = set()


def refused_month(prepare: Prepare) -> Prepare:
    """Adds a case in which a month of a backfill is refused."""
    refused(prepare)
    OF_A_MONTH.add(next(reversed(CASES)))
    return prepare


def refused(prepare: Prepare) -> Prepare:
    """Adds a case; the function prepares the place and returns the words of the command."""
    name = prepare.__name__.replace("_", " ").strip()
    assert name not in CASES, name
    CASES[name] = prepare
    return prepare


def read_in_this_process(command: list[str], **named: Any) -> "subprocess.CompletedProcess[bytes]":
    """Reads a file as the process for workbooks, Parquet files and PDF documents does, without the process."""
    kind, name, *sheet = command[5:]
    content = named["input"]
    try:
        answer = parse(content, kind, name, sheet[0] if sheet else None)
    except InputRefused as refusal:
        return subprocess.CompletedProcess(command, REFUSED, str(refusal).encode())
    return subprocess.CompletedProcess(command, 0, bytes(answer))
