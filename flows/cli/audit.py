"""The commands that ask the audit: a comparison of runs, named questions, and SQL."""

from pathlib import Path

import polars as pl

from flows.audit.compare import compare_runs
from flows.audit.queries import describe_missing_runs, parse_filters, query
from flows.audit.questions import ask as query_question
from flows.audit.questions import list_questions
from flows.audit.several_homes import query_homes
from flows.cli.options import (
    ComparedRun,
    FilterAgency,
    FilterPeriod,
    Form,
    Home,
    Homes,
    Out,
    Query,
    QueryFile,
    QuestionName,
)
from flows.cli.terminal import note, show_activity
from flows.landing.home import renew_snapshot
from flows.pipeline.settings import read_settings
from flows.reports.tables import show
from flows.sources.homes import find_homes
from flows.sources.request import find_home
from flows.support.errors import InputRefused
from flows.support.limits import choose_lowest

_QUERYING = "querying the audit"


def compare(before: ComparedRun, after: ComparedRun, form: Form = None, out: Out = None, home: Home = None) -> None:
    """Compare two runs: the counts that differ, and the inputs that differ."""
    with show_activity(_QUERYING):
        compared = compare_runs(find_home(home), before, after)
    show(compared, form, out)


def ask(
    question: QuestionName = None,
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Answer a question about the audit by its name; without a name, list the questions."""
    if question is None:
        questions = list_questions()
        show(pl.DataFrame({"name": [*questions], "question": [*questions.values()]}), form, out)
        return
    place, filters = find_home(home), parse_filters(agency, period, None)
    with show_activity(_QUERYING):
        answer = query_question(place, question, filters)
    if answer.is_empty():
        note(describe_missing_runs(place, question, filters) or "the answer has no rows")
    show(answer, form, out)


def sql(
    text: Query = None,
    file: QueryFile = None,
    form: Form = None,
    out: Out = None,
    homes: Homes = None,
    home: Home = None,
) -> None:
    """Query the audit in SQL; the audit is opened read-only."""
    if homes and home is not None:
        raise InputRefused("--home and --homes cannot be used together; repeat --homes to add a home")
    places = find_homes(homes) if homes else [find_home(home)]
    if (text is None) == (file is None):
        raise InputRefused("a query is needed: either as an argument in quotes, or in a file with --file")
    asked = _read_query(file) if text is None else text
    with show_activity(_QUERYING):
        ages = [renew_snapshot(place) for place in places]
        limits = choose_lowest([read_settings(place).limits for place in places])
        answer = query_homes(places, asked, limits) if homes else query(places[0], asked, limits)
    show(answer, form, out)
    for place, age in zip(places, ages, strict=True):
        if age:
            note(f"{place}: {age}")


def _read_query(file: Path | None) -> str:
    try:
        return Path(str(file)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputRefused(f"{file}: the query cannot be read ({reason}); check the path of --file") from None
