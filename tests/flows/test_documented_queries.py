"""Every query that the README and the pages print is answered by the audit of the example."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.audit.queries import query
from flows.landing.commit import land
from flows.landing.home import locked_home
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
EMPTY = (
    "having count(*) <> r.clients_in",
    "where status = 'failed'",
    "where settings_changed is not null",
    "from quality",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the three months of the example, with the postcodes as shipped."""
    home = tmp_path_factory.mktemp("documented") / "home"
    for month, extracted_on in MONTHS.items():
        request = submission_request("orchard", month, agency="L0001", extracted_on=extracted_on, home=home)
        with locked_home(home):
            land(assess_request(request), datetime(2023, 7, 3, 9, tzinfo=UTC))
    return home


def test_the_pages_print_queries() -> None:
    assert len(PRINTED) > 30


@pytest.mark.parametrize("text", PRINTED)
def test_a_printed_query_is_answered(home: Path, text: str) -> None:
    assert query(home, text).is_empty() is any(part in text for part in EMPTY)
