"""The commands that read the audit: its views, comparisons, reports and SQL."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.audit.compare import compare_runs
from flows.audit.queries import describe_missing_runs, parse_filters, query, query_view
from flows.audit.questions import ask as query_question
from flows.audit.questions import list_questions
from flows.cli.options import (
    ComparedRun,
    FilterAgency,
    FilterOutcome,
    FilterOwner,
    FilterPeriod,
    FilterRun,
    Form,
    Home,
    OnlyOwn,
    Out,
    Query,
    QueryFile,
    QuestionName,
    ReportForSharing,
)
from flows.cli.terminal import note, show_activity
from flows.pipeline.settings import read_settings
from flows.reports import html
from flows.reports.tables import show, write_out
from flows.sources.request import find_home
from flows.support.errors import InputRefused

_QUERYING = "querying the audit"


@dataclass(frozen=True)
class View:
    """A command that shows a view of the audit."""

    command: str
    view: str
    help: str
    filters: tuple[str, ...] = ()


VIEWS = (
    View(
        "rejected",
        "rejected_rows",
        "Every record that was not sent, with the reason and its cause.",
        ("outcome", "owner", "own"),
    ),
    View("runs", "runs", "Every run: its inputs, what was sent, and where the file is."),
    View("findings", "findings", "Every finding, record by record.", ("owner", "own")),
    View("mismatches", "mismatches", "What differs from the last submission.", ("owner",)),
    View("completeness", "completeness", "How often each field is filled in and parsed."),
    View("unmapped", "unmapped", "Source values that match no code, and postcodes that are not in the directory."),
    View("quality", "quality", "What is unusual about a month, compared with the agency's months before it."),
    View(
        "changes", "changes", "Findings that are new, persist or are resolved since the previous run.", ("owner", "own")
    ),
)


def build_view_command(view: View) -> Callable[..., None]:
    """Returns the command that shows a view."""

    # Typer reads the options of a command from the signature of its function.
    def show_view(
        agency: FilterAgency = None,
        period: FilterPeriod = None,
        run: FilterRun = None,
        outcome: FilterOutcome = None,
        owner: FilterOwner = None,
        own: OnlyOwn = False,
        form: Form = None,
        out: Out = None,
        home: Home = None,
    ) -> None:
        place = find_home(home)
        filters = parse_filters(agency, period, run, outcome=outcome, owner=owner, is_own=own)
        with show_activity(_QUERYING):
            rows = query_view(place, view.view, filters)
        if rows.is_empty():
            note(describe_missing_runs(place, filters))
        show(rows, form, out)

    signature = inspect.signature(show_view)
    left_out = {"outcome", "owner", "own"} - {*view.filters}
    kept = [option for name, option in signature.parameters.items() if name not in left_out]
    # A view without a column has no option for it.
    show_view.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return show_view


def compare(before: ComparedRun, after: ComparedRun, form: Form = None, out: Out = None, home: Home = None) -> None:
    """Compare two runs: the counts that differ, and the inputs that differ."""
    with show_activity(_QUERYING):
        compared = compare_runs(find_home(home), before, after)
    show(compared, form, out)


def report(run: FilterRun = None, for_sharing: ReportForSharing = False, out: Out = None, home: Home = None) -> None:
    """Write the HTML report of a run (by default the latest) to HOME/reports or --out, and print its path."""
    place = find_home(home)
    with show_activity("writing the report"):
        page, run_id = (html.report_for_sharing if for_sharing else html.report)(place, run)
    file = out or place / "reports" / (f"{run_id}-for-sharing.html" if for_sharing else f"{run_id}.html")
    write_out(page.encode(), file, makes_folder=out is None)
    sys.stdout.write(f"{file}\n")
    if for_sharing:
        note("share one report of a month only, because the difference of two shows what was corrected in between")


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
        note(describe_missing_runs(place, filters) or "no row is the answer")
    show(answer, form, out)


def sql(text: Query = None, file: QueryFile = None, form: Form = None, out: Out = None, home: Home = None) -> None:
    """Query the audit in SQL; the audit is opened read-only."""
    place = find_home(home)
    if (text is None) == (file is None):
        raise InputRefused("a query is needed: either as an argument in quotes, or in a file with --file")
    asked = _read_query(file) if text is None else text
    with show_activity(_QUERYING):
        answer = query(place, asked, read_settings(place).limits)
    show(answer, form, out)


def _read_query(file: Path | None) -> str:
    try:
        return Path(str(file)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputRefused(f"{file}: the query cannot be read ({reason}); check the path of --file") from None
