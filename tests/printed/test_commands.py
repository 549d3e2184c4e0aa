"""Every command that a page prints runs on the example, or is left out for a reason."""

import re
from pathlib import Path

import pytest

from tests.printed.pages import find_blocks, find_command_lines
from tests.support.command import Command
from tests.support.snapshots import ROOT

pytestmark = pytest.mark.slow

PAGES = (
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")), *sorted((ROOT / "docs").rglob("*.md"))
)  # fmt: skip

# Commands that this test does not run, by a part of their words.
LEFT_OUT = {
    r"^sql ": "tests/flows/test_documented_queries.py answers every query",
    r"mysystem|path/to/export|new export| exports ": "reads the reader's own export",
    r"\.\.\.": "is a part of a command",
    r"^alarms |^deploy": "needs a Prefect server; tests/served has one",
    r"^reference load .*\.pdf|^reference format |^reference postcodes ": "reads a file that the reader has to get",
    r"L0001-2021-04-2": "compares runs of the reader's own months",
    r"^backup |^verify --home /srv": "needs a directory of backups; tests/backup has one",
    r"^replay ": "needs corrected records; tests/flows/test_replay.py has them",
}
# Commands whose exit code reports what they found.
REPORTING = ("status", "source check", "verify")
MONTHS = {"2023-04": "2023-05-03", "2023-05": "2023-06-03", "2023-06": "2023-07-03"}


def find_commands() -> dict[str, list[str]]:
    """Returns the commands of all blocks that print no output; test_pages.py runs the others."""
    blocks = [
        block for page in PAGES for block in find_blocks(page.read_text(encoding="utf-8")) if not block.has_output
    ]
    return {" ".join(words): words for block in blocks for words in find_command_lines(block)}


COMMANDS = find_commands()
RUN = {text: words for text, words in COMMANDS.items() if not any(re.search(part, text) for part in LEFT_OUT)}


def test_each_reason_leaves_a_command_out() -> None:
    assert [part for part in LEFT_OUT if not any(re.search(part, text) for text in COMMANDS)] == []
    assert len(RUN) > 15


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the home of all commands."""
    return tmp_path_factory.mktemp("commands") / "home"


def test_every_command_runs(ndtms: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NDTMS_HOME", str(home))
    (tmp_path / "workspace").symlink_to(home)
    for month, extracted_on in MONTHS.items():
        landed = ndtms(
            "submit", "--source", "orchard", "--agency", "L0001", "--period", month, "--extracted-on", extracted_on
        )
        assert landed.code == 0
    failed = {
        text: ran.err for text, words in RUN.items() if (ran := ndtms(*words)).code and not text.startswith(REPORTING)
    }
    assert failed == {}
