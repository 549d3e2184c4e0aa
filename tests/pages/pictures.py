"""Takes the pictures of the report and the board in docs/pictures: python -m tests.pages.pictures.

The pages are those of the example, and every date is fixed. What differs from run to run is masked.
"""

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from flows.reports.board import build_page, load_board
from flows.reports.html import report
from tests.support.chromium import open_browser
from tests.support.report_pages import land_example
from tests.support.snapshots import ROOT

FOLDER = ROOT / "docs" / "pictures"
SOURCES = FOLDER / "sources.json"
_MONTHS = ("2023-04", "2023-05", "2023-06")
_AGENCIES = '[agencies]\nL0001 = "HMP Fairwater"\nL0002 = "HMP Stonebeck"\n'
# The second prison has not submitted June, for which there is still time on this day.
_DAY = date(2023, 7, 10)
# The moment of a run, the version of the software, and the digests of files that contain one of them.
_DIFFERS = (
    (re.compile(r"ended [^,<]+ UTC, version [^\s<]+"), "ended (moment), version (version)."),
    (re.compile(r"(?<=<td>software</td><td>)[^<]+"), "(version)"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "(digest)"),
)


@dataclass(frozen=True)
class Picture:
    """A picture: the page that it shows, and the width, height and colours of the window."""

    page: Literal["report", "board"]
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"


PICTURES = {
    "report.png": Picture("report", 1280, 1345),
    "report-phone-dark.png": Picture("report", 390, 844, "dark"),
    "board.png": Picture("board", 1280, 630),
}


def build_pages(folder: Path) -> Mapping[str, str]:
    """Returns the masked pages of the example: the report of June of the first prison, and the board of both."""
    home = folder / "home"
    home.mkdir()
    (home / "settings.toml").write_text(_AGENCIES, encoding="utf-8")
    for agency, months in (("L0001", _MONTHS), ("L0002", _MONTHS[:2])):
        land_example(home, agency, [(month, month) for month in months])
        for month in months:
            # The board links to the reports that exist.
            place = home / "reports" / agency / f"{month}.html"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    pages = {"report": report(home, "L0001-2023-06-1")[0], "board": build_page(load_board(home, _DAY))}
    return {name: _mask(page) for name, page in pages.items()}


def _mask(page: str) -> str:
    for pattern, words in _DIFFERS:
        page = pattern.sub(words, page)
    return page


def describe_sources(pages: Mapping[str, str]) -> str:
    """Returns the SHA-256 of the page that each picture shows, as JSON."""
    digests = {name: hashlib.sha256(pages[picture.page].encode()).hexdigest() for name, picture in PICTURES.items()}
    return json.dumps(digests, indent=2) + "\n"


def take_pictures(pages: Mapping[str, str], folder: Path) -> None:
    """Writes every picture, and last what they show."""
    FOLDER.mkdir(exist_ok=True)
    with open_browser() as browser:
        for name, picture in PICTURES.items():
            place = folder / f"{picture.page}.html"
            place.write_text(pages[picture.page], encoding="utf-8")
            _take_picture(browser, place, picture, FOLDER / name)
    SOURCES.write_text(describe_sources(pages), encoding="utf-8")


def _take_picture(browser: Browser, place: Path, picture: Picture, out: Path) -> None:
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height}, color_scheme=picture.scheme, device_scale_factor=1
    )
    page.goto(place.as_uri())
    page.screenshot(path=out)
    page.close()


def main() -> None:
    """Takes the pictures, and prints the size of each."""
    with tempfile.TemporaryDirectory() as name:
        take_pictures(build_pages(Path(name)), Path(name))
    for path in sorted(FOLDER.glob("*.png")):
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main()
