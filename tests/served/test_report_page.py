"""The report of a run in a browser: it makes no request, works with and without script, and is accessible."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from flows.reports.html import report_for_sharing
from tests.support.chromium import find_chromium, open_browser
from tests.support.report_pages import PAGES, write_example_pages, write_large_page

WIDTHS = (390, 1280, 1920)
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    pages = write_example_pages(folder)
    shared = folder / "shared.html"
    shared.write_text(report_for_sharing(folder / "home", PAGES["landed"])[0], encoding="utf-8")
    return {**pages, "large": write_large_page(folder), "shared": shared}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip("there is no chromium on this machine")
    with open_browser() as opened:
        yield opened


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a report, and fails at the end if it made a request or wrote to the console."""
    seen: list[str] = []

    def open_in(name: str = "landed", width: int = 1280, scheme: str = "light", *, has_script: bool = True) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=has_script,
        )
        address = pages[name].as_uri()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda made: None if made.url.split("#")[0] == address else seen.append(made.url))
        page.goto(address)
        return page

    yield open_in
    for context in browser.contexts:
        context.close()
    assert seen == []


@pytest.mark.parametrize("name", [*PAGES, "large"])
def test_every_page_is_small_and_opens_without_a_word(open_page: Open, pages: dict[str, Path], name: str) -> None:
    assert pages[name].stat().st_size < MOST_BYTES
    page = open_page(name)
    rows = page.locator("#rule-table tbody tr").count()
    # The script has run to its end.
    assert page.locator("#shown").inner_text() == f"{rows} of {rows} rules"
    assert rows > 50


@pytest.mark.parametrize("name", [*PAGES, "shared"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(open_page: Open, name: str, width: int) -> None:
    page = open_page(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text().startswith("L0001, ")


@pytest.mark.parametrize("name", [*PAGES, "shared"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Open, name: str, scheme: str) -> None:
    page = open_page(name, 390 if name == "landed" else 1280, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    violations = Axe().run(page).response["violations"]
    found = {
        broken["id"]: [node["html"] for node in broken["nodes"][:3]]
        for broken in violations
        if broken["impact"] in ("serious", "critical", "moderate")
    }
    assert found == {}


def test_rules_are_filtered(open_page: Open) -> None:
    page = open_page()
    rows = page.locator("#rule-table tbody tr")
    every = rows.count()
    page.select_option("#severity", "reject")
    rejecting = page.locator("#rule-table tbody tr:visible").count()
    assert 0 < rejecting < every
    assert page.locator("#shown").inner_text() == f"{rejecting} of {every} rules"
    page.select_option("#owner", "entry")
    page.fill("#find", "date  BIRTH")
    texts = page.locator("#rule-table tbody tr:visible").all_inner_texts()
    assert texts
    assert all("birth" in text and "Records clerk" in text for text in texts)
    page.fill("#find", "no rule has this")
    assert page.locator("#shown").inner_text() == f"0 of {every} rules"


def test_rules_are_sorted(open_page: Open) -> None:
    page = open_page()

    def read_findings() -> list[int]:
        cells = page.locator("#rule-table tbody td[data-label=Findings]").all_inner_texts()
        return [int(cell.replace(",", "")) for cell in cells]

    header = page.locator("#rule-table thead th", has_text="Findings")
    header.get_by_role("button").click()
    assert read_findings() == sorted(read_findings(), reverse=True)
    assert header.get_attribute("aria-sort") == "descending"
    header.get_by_role("button").press("Enter")
    assert read_findings() == sorted(read_findings())
    assert page.locator("#rule-table thead th[aria-sort]").count() == 1


def test_every_link_leads_to_a_part_of_the_page(open_page: Open) -> None:
    page = open_page()
    missing = page.evaluate(
        "[...document.querySelectorAll('a')].map(link => link.getAttribute('href'))"
        ".filter(to => !to.startsWith('#') || !document.getElementById(to.slice(1)))"
    )
    assert missing == []
    page.locator("#rule-table tbody tr a").first.click()
    opened = page.locator("article:target")
    opened.wait_for(state="visible")
    assert "Requires" in opened.inner_text()


def test_the_keyboard_reaches_the_content_first(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]


def test_the_page_is_whole_without_script(open_page: Open) -> None:
    page = open_page(has_script=False)
    assert page.locator("#rule-table tbody tr:visible").count() > 50
    assert page.locator("#tools:visible").count() == 0
    assert page.locator("#rule-table button").count() == 0


@pytest.mark.parametrize("name", ["first", "shared"])
def test_a_page_that_was_tampered_with_runs_nothing(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    changed = tmp_path / "changed.html"
    text = pages[name].read_text(encoding="utf-8")
    changed.write_text(text.replace("</main>", "<script>document.title = 'run'</script></main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(changed.as_uri())
    assert page.title() != "run"
    page.close()


def test_no_table_of_outcomes_is_cut_on_a_phone(open_page: Open) -> None:
    page = open_page("blocked", 390)
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(part => part.scrollWidth > part.clientWidth)"
        ".map(part => part.getAttribute('aria-labelledby'))"
    )
    # The heat map has a column for each month, and scrolls.
    assert set(wide) <= {"completeness", "manifest"}
    for part in ("outcomes", "months", "owners", "dropouts"):
        unnamed = page.locator(f"[aria-labelledby={part}].scroll td:visible:not([data-label])")
        assert unnamed.count() == 0, part


def test_a_paper_page_repeats_the_heads_and_has_no_controls(open_page: Open) -> None:
    page = open_page()
    page.emulate_media(media="print")
    assert page.locator("nav:visible, #tools:visible").count() == 0
    with pdfplumber.open(BytesIO(page.pdf(prefer_css_page_size=True))) as paper:
        texts = [sheet.extract_text() for sheet in paper.pages]
    with_rules = [text for text in texts if "from 0" in text]
    assert len(with_rules) > 3
    assert [text[:80] for text in with_rules if "Share failed" not in text] == []


def test_the_words_open_from_the_contents(open_page: Open) -> None:
    page = open_page()
    meanings = page.locator("dl.words")
    assert not meanings.is_visible()
    page.get_by_text("Record, intervention, row").click()
    assert "Withheld" in meanings.inner_text()
