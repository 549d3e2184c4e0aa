"""The site that `make site` builds: every link leads somewhere, and a browser needs neither a server nor a network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.html_pages import HtmlPage, find_broken_links, is_external, read_site
from tests.support.snapshots import ROOT

pytestmark = pytest.mark.slow

_CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=30000", "--dump-dom",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    folder = tmp_path_factory.mktemp("site")
    words = ["make", "--assume-old", ".venv/.stamp", "site", f"BIN={Path(sys.executable).parent}"]
    ran = subprocess.run(
        [*words, f"BUILD={folder / 'build'}", f"SITE={folder / 'site'}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, HtmlPage]:
    """The pages of the site."""
    return read_site(site)


def test_the_pages_are_there(site: Path, pages: dict[Path, HtmlPage]) -> None:
    names = {str(path.relative_to(site.resolve())) for path in pages}
    assert {"index.html", "GLOSSARY.html", "SECURITY.html", "docs/rule-catalogue.html"} <= names
    sources = {f"docs/{path.stem}.html" for path in (ROOT / "docs").glob("*.md")}
    assert sources <= names


def test_every_link_leads_somewhere(pages: dict[Path, HtmlPage]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert find_broken_links(pages) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="#here">1</a> <a href="#there">2</a> <a href="b.html">3</a>')
    assert find_broken_links(read_site(tmp_path)) == [("a.html", "#there"), ("a.html", "b.html")]


def test_nothing_is_loaded_from_another_server(site: Path, pages: dict[Path, HtmlPage]) -> None:
    assert [address for page in pages.values() for address in page.loaded if is_external(address)] == []
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import\s*)[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == []
    # The theme would load the program for these from another server.
    assert [page.path for page in pages.values() if 'class="mermaid"' in page.path.read_text(encoding="utf-8")] == []


def test_the_search_works_without_a_server(site: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    done = subprocess.run(
        [chromium, *_CHROMIUM, f"--user-data-dir={tmp_path / 'chromium'}", f"{site.as_uri()}/index.html?q=backup"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert re.search(r'href="[^"]*docs/operating\.html[^"]*#backup', done.stdout)
