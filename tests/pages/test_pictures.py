"""The pictures in docs/pictures show the report and the board as they are now, and README shows the pictures."""

import json
import re
import struct
from pathlib import Path

import pytest

from tests.pages.pictures import FOLDER, PICTURES, SOURCES, build_pages, describe_sources
from tests.support.snapshots import ROOT

_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_MOST_BYTES = 300_000


def read_width(path: Path) -> int:
    """Returns the width of a PNG in pixels."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return int(struct.unpack(">I", content[16:20])[0])


@pytest.mark.slow
def test_the_pictures_are_those_of_the_pages(tmp_path: Path) -> None:
    shown = json.loads(SOURCES.read_text(encoding="utf-8"))
    now = json.loads(describe_sources(build_pages(tmp_path)))
    changed = sorted(name for name in now if shown.get(name) != now[name])
    assert changed == [], "the report or the board has changed: run make pictures"
    assert shown.keys() == now.keys(), "run make pictures"


def test_every_picture_is_there_and_small() -> None:
    assert {path.name for path in FOLDER.glob("*.png")} == PICTURES.keys(), "run make pictures"
    for name, picture in PICTURES.items():
        assert read_width(FOLDER / name) == picture.width, "run make pictures"
        assert (FOLDER / name).stat().st_size < _MOST_BYTES


def test_the_readme_shows_every_picture_and_describes_it() -> None:
    shown = {path: words for words, path in _IMAGE.findall((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert {f"docs/pictures/{name}" for name in PICTURES} == shown.keys()
    assert min(len(words) for words in shown.values()) > 60
