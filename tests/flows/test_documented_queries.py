"""Every query that the README and the pages print is answered by the audit of the example, as printed."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.audit.queries import query
from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.reports.summary import as_text, summarise
from tests.support.command import Command
from tests.support.requests import submission_request
from tests.support.runs import assess_request

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_QUERY = re.compile(r'ndtms sql "([^"]+)"')
MONTHS = {"2023-04": "2023-05-03", "2023-05": "2023-06-03", "2023-06": "2023-07-03"}

PRINTED = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(_QUERY.findall(page.read_text(encoding="utf-8")), start=1)
]


# What is asked of a sound audit, and what only some sites have: no row is the answer.
EMPTY = ("having count(*) <> r.clients_in", "where status = 'failed'", "where settings_changed is not null")


def read_printed_answers() -> list[tuple[str, str]]:
    """Returns the queries of the README that are printed with their answer, and the answers."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = re.findall(r'^\$ \S*ndtms sql "([^"]+)"\n((?:(?!\$ |```).*\n)+)', text, re.MULTILINE)
    return [(query, _without_widths(answer)) for query, answer in parts]


def _without_widths(text: str) -> str:
    # The rule below the header is as long as the terminal of whoever printed it allowed.
    return re.sub("─+", "─", "\n".join(line.rstrip() for line in text.strip().splitlines()))


PRINTED_ANSWERS = read_printed_answers()


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home with the first month of the example, and one with its three months; with the postcodes as shipped."""
    folder = tmp_path_factory.mktemp("documented")
    first, home = folder / "first", folder / "home"
    for month, extracted_on in MONTHS.items():
        request = submission_request("orchard", month, agency="L0001", extracted_on=extracted_on, home=home)
        with locked_home(home):
            land(assess_request(request), datetime(2023, 7, 3, 9, tzinfo=UTC))
        if not first.exists():
            shutil.copytree(home, first)
    return first, home


def test_the_pages_print_queries() -> None:
    assert len(PRINTED) > 30
    assert len(PRINTED_ANSWERS) == 5


@pytest.mark.parametrize("text", PRINTED)
def test_a_printed_query_is_answered(homes: tuple[Path, Path], text: str) -> None:
    assert query(homes[1], text).is_empty() is any(part in text for part in EMPTY)


@pytest.mark.parametrize(("text", "answer"), PRINTED_ANSWERS)
def test_the_answers_in_the_readme_are_those_of_the_example(
    ndtms: Command, homes: tuple[Path, Path], text: str, answer: str
) -> None:
    ran = ndtms("sql", text, "--home", homes[0])
    assert (ran.code, ran.err) == (0, "")
    assert _without_widths(ran.out) == answer


def test_the_summary_in_the_readme_is_that_of_the_example(tmp_path: Path) -> None:
    request = submission_request(
        "orchard", "2023-04", agency="L0001", extracted_on=MONTHS["2023-04"], home=tmp_path / "workspace"
    )
    assessment = assess_request(request)
    with locked_home(request.home):
        landed = land(assessment, datetime(2023, 5, 3, 9, tzinfo=UTC))
    shown = as_text(summarise(assessment, landed)).replace(str(tmp_path), "<your clone>")
    assert shown in (ROOT / "README.md").read_text(encoding="utf-8")
