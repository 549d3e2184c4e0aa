"""Snapshots: what the command writes, as text files in tests/snapshots, without what differs from run to run."""

import re
from collections.abc import Mapping
from pathlib import Path

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from tests.support.command import Ran

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "snapshots"

# A digest, the number of rules, a process that locks a home, and the version of the software in a manifest.
# Of a page, the style sheet and the script, which are files of their own, and the moment of the run.
_DIFFERS = (
    (re.compile(r"<(style|script)>.*?</\1>", re.DOTALL), r"<\1>...</\1>"),
    (re.compile(r"sha256-[A-Za-z0-9+/=]+"), "sha256-<digest>"),
    (re.compile(r"of [0-9]+ rules have"), "of <number> rules have"),
    (re.compile(r"ended [^,<]+ UTC, version [\w.+]+"), "ended <moment>, version <version>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
    (re.compile(r"process [0-9]+, since [0-9]{2}:[0-9]{2}"), "process <id>, since <time>"),
    (re.compile(r"(?<=<td>)[0-9]+(?= rules</td>)"), "<number>"),
    (re.compile(r"(?<=<td>software</td><td>)[^<]+"), "<version>"),
)


class TextFile(SingleFileSnapshotExtension):
    """A snapshot in a text file of its own, in a folder named after the test module."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Returns the folder of a test module's snapshots."""
        return str(FOLDER / test_location.basename)


def normalise(text: str, places: Mapping[Path, str]) -> str:
    """Returns a text without paths of this machine, digests, processes, versions and trailing spaces.

    Args:
        text: what a command wrote.
        places: what to write for each path, the longest path first.
    """
    for path, name in sorted({**places, ROOT: "<clone>"}.items(), key=lambda place: -len(str(place[0]))):
        text = text.replace(str(path), name)
    for pattern, name in _DIFFERS:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def describe_run(words: tuple[object, ...], ran: Ran, places: Mapping[Path, str]) -> str:
    """Returns a command, its exit code and what it wrote, as a snapshot shows them."""
    line = " ".join(map(_quote, ["ndtms", *map(str, words)]))
    parts = [f"$ {line}", f"exit code {ran.code}", *(["", ran.out.rstrip("\n")] if ran.out else [])]
    return normalise("\n".join([*parts, *(["", ran.err.rstrip("\n")] if ran.err else [])]), places)


def _quote(word: str) -> str:
    return f"'{word}'" if not word or re.search(r"[\s*;|?{}\[\]]", word) else word
