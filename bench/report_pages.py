"""Measures how long a browser takes to open the reports of runs: python -m bench.report_pages (needs chromium).

The reports are those of a first run, of a second month, of a blocked run, and of a run with 500,000 findings. Each
opens in less than 3 seconds.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from bench.figures import Figure, print_figures
from bench.medians import measure_median
from tests.support.chromium import open_browser
from tests.support.report_pages import write_example_pages, write_large_page

GOAL, ROUNDS = 3.0, 5
_EMPTY = "<!doctype html><title>empty</title>"
# Two frames after the page has loaded, what it shows has been drawn.
_DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def measure() -> Iterator[Figure]:
    """Yields a figure for each report."""
    with tempfile.TemporaryDirectory() as name, open_browser() as browser:
        folder = Path(name)
        empty = folder / "empty.html"
        empty.write_text(_EMPTY, encoding="utf-8")
        pages = {**write_example_pages(folder), "500,000 findings": write_large_page(folder)}
        bare = measure_median(lambda: _open_page(browser, empty), ROUNDS)
        for what, path in pages.items():
            taken = measure_median(lambda path=path: _open_page(browser, path), ROUNDS)  # type: ignore[misc]
            size = f"{path.stat().st_size / 1000:.0f} kB, {taken / bare:.1f} x an empty page"
            yield Figure(f"report, {what}, opens in", taken, "s", GOAL, size)


def _open_page(browser: Browser, path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    page.evaluate(_DRAWN)
    page.close()


if __name__ == "__main__":
    print_figures(measure())
