"""Every query that the README and the pages print has the answer of a snapshot, in the audit of the example."""

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from syrupy.assertion import SnapshotAssertion

from flows.audit.queries import Filters, query
from flows.audit.questions import ask, list_questions
from flows.audit.several_homes import query_homes
from flows.landing.commit import land
from flows.landing.home import locked_home
from tests.support.requests import submission_request
from tests.support.runs import assess_request
from tests.support.snapshots import TextFile, normalise

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_QUERY = re.compile(r'ndtms sql "([^"]+)"( --homes)?')
MONTHS = {"2023-04": "2023-05-03", "2023-05": "2023-06-03", "2023-06": "2023-07-03"}

PRINTED = [
    pytest.param(text, bool(of_homes), id=f"{page.stem}-{number}")
    for page in PAGES
    for number, (text, of_homes) in enumerate(_QUERY.findall(page.read_text(encoding="utf-8")), start=1)
]


# What is asked of a sound audit, and what only some sites have: the answer has no rows.
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


@pytest.mark.parametrize(("text", "of_homes"), PRINTED)
def test_a_printed_query_is_answered(home: Path, text: str, snapshot: SnapshotAssertion, *, of_homes: bool) -> None:
    answer = query_homes([home], text) if of_homes else query(home, text)
    assert answer.is_empty() is any(part in text for part in EMPTY)
    assert show_answer(home, text, answer) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("name", list_questions())
def test_a_question_of_the_cookbook_has_this_answer(home: Path, name: str, snapshot: SnapshotAssertion) -> None:
    answer = ask(home, name, Filters(period="2023-06"))
    assert show_answer(home, f"ndtms ask {name} --period 2023-06", answer) == snapshot(extension_class=TextFile)


def show_answer(home: Path, question: str, answer: pl.DataFrame) -> str:
    """Returns an answer as a snapshot shows it: at most thirty rows, sorted, without times and versions."""
    # The clock and the commit differ from run to run.
    of_the_run = [name for name in answer.columns if re.search("(_at|version)$|age_days", name)]
    rows = answer.drop(of_the_run).with_columns(pl.col(pl.List(pl.String)).list.join("; "))
    lines = rows.write_csv(None).splitlines()
    return normalise("\n".join([question, "", lines[0], *sorted(lines[1:])[:30]]), {home: "<home>"})
