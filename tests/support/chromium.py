"""Starts the Chromium of this machine, without a window and without what it requests of its own accord."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def find_chromium() -> str | None:
    """Returns the path of Chromium; None if there is none."""
    return shutil.which("chromium")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Yields a browser.

    Raises:
        FileNotFoundError: there is no Chromium on this machine.
    """
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("there is no chromium on this machine")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser
        browser.close()
