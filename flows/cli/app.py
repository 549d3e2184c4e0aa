"""The command `ndtms`.  Data go to standard output, messages to standard error."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.progress import Progress

from flows.audit.compare import compare_runs
from flows.audit.previous import load_previous
from flows.audit.queries import absent_runs, ask, filters_asked, query
from flows.intake.draft_mapping import as_mapping, draft_tables, read_for_draft
from flows.landing.home import locked_home, put_in_order, refuse_unwritable
from flows.months.processes import judging_processes
from flows.months.replay import nothing_to_land, read_corrected, replay_request
from flows.months.result import BackfillResult, messages, outcome_table
from flows.months.run import BackfillRequest, left_unchanged, run_backfill
from flows.months.submit import SubmissionBlocked, Submitted
from flows.months.submit import submit as submit_directly
from flows.pipeline.assess import assess, load_reference_inputs, read_export, refuse_unpublished
from flows.pipeline.settings import read_settings
from flows.reference.code_list_files import read_sheet
from flows.reference.in_force import reference_in_force
from flows.reference.load import (
    differences,
    load_code_lists,
    read_postcodes,
    ready_to_load,
    store_postcodes,
    unload_code_lists,
    warning_of_few,
)
from flows.reports.catalogue import catalogue_page
from flows.reports.catalogue_tables import codes_table, rules_table
from flows.reports.describe_export import describe_export
from flows.reports.explain import RecordKey, explain_rule
from flows.reports.html import report
from flows.reports.summary import as_text, summarise
from flows.reports.tables import Format, show, write_out
from flows.sources.request import SubmissionRequest, find_home, submission_request
from flows.support.errors import InputRefused, RunFailed, without_values
from flows.support.interrupts import end_on_interrupt
from flows.support.native_output import hide_native_output
from flows.support.prefect_server import is_server_configured, prefect_server
from flows.support.private_files import private_files
from flows.support.progress import set_progress
from transforms.tables.printable import printable

FAILED, REFUSED, BLOCKED = 1, 2, 3
# As a shell reports a program that was ended by SIGPIPE or SIGINT.
PIPE_CLOSED, INTERRUPTED = 141, 130
_NOT_ORCHESTRATED = (
    "no Prefect server is configured, so nothing orchestrates this run; --orchestrate starts a server for it"
)

app = typer.Typer(
    help="From a clinical system's export to an NDTMS dataset R submission.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
reference_app = typer.Typer(help="Official code lists and the postcode directory.", no_args_is_help=True)
app.add_typer(reference_app, name="reference")
source_app = typer.Typer(help="Sources: what an export looks like, and drafts of mappings.", no_args_is_help=True)
app.add_typer(source_app, name="source")

Source = Annotated[str, typer.Option(help="A mapping's name or path, or the directory of a plain export.")]
Period = Annotated[str, typer.Option(help="The month, YYYY-MM.")]
Agency = Annotated[str | None, typer.Option(help="The agency it is for, as L0001.")]
FilterAgency = Annotated[str | None, typer.Option("--agency", help="Only this agency.")]
ExtractedOn = Annotated[str | None, typer.Option(help="The day of the extract, YYYY-MM-DD; today by default.")]
Home = Annotated[Path | None, typer.Option(help="Where everything is kept (or NDTMS_HOME; ./workspace).")]
Input = Annotated[str | None, typer.Option("--input", help="Where the export lies instead.")]
AsOf = Annotated[
    str | None, typer.Option(help="Judge by what holds today (or on a day, YYYY-MM-DD), not by what held then.")
]
AcceptShrunk = Annotated[
    str | None, typer.Option(metavar="REASON", help="Land a file that shrank by half; the audit keeps the reason.")
]
RequirePublished = Annotated[
    bool, typer.Option("--require-published", help="Refuse while a code list in use is not the official one.")
]
Orchestrate = Annotated[
    bool, typer.Option("--orchestrate", help="Run as a Prefect flow, on a server of its own where none is configured.")
]
FilterPeriod = Annotated[str | None, typer.Option("--period", help="Only this month, YYYY-MM.")]
FilterRun = Annotated[str | None, typer.Option("--run", help="Only this run, by its id.")]
Form = Annotated[Format, typer.Option("--format", help="How the table is written.")]
Out = Annotated[Path | None, typer.Option(help="A file instead of standard output.")]


def main() -> None:
    """The command as a process of its own: made ready, and then run."""
    hide_native_output()
    end_on_interrupt()
    run()


@private_files()
def run() -> None:
    """Runs the command; what goes wrong comes to one sentence and an exit code."""
    _report_warnings()
    try:
        app()
    except InputRefused as refusal:
        _leave(str(refusal), REFUSED)
    except RunFailed as failure:
        _leave(str(failure), FAILED)
    except BrokenPipeError:
        # Whoever read the output has seen enough.  Python would complain about what is still buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except SystemExit:
        raise
    except KeyboardInterrupt:
        _leave("stopped; what has landed stays, nothing is half done: run the command again", INTERRUPTED)
    except BaseException as error:
        # Also what is no Exception: a panic of polars.
        _leave(str(without_values(error)), FAILED)


class _Warnings(logging.Handler):
    """Writes warnings of the program to standard error, one sentence each."""

    def emit(self, record: logging.LogRecord) -> None:
        _note(record.getMessage())


def _report_warnings() -> None:
    log = logging.getLogger("ndtms")
    log.propagate = False
    log.handlers = [_Warnings()]


def _leave(message: str, code: int) -> None:
    _note(message)
    sys.exit(code)


def _note(text: str) -> None:
    """Writes a sentence to standard error, as long as there is one."""
    if text:
        sys.stderr.write(f"ndtms: {printable(text)}\n")


@contextmanager
def _busy(what: str) -> Iterator[None]:
    """Shows that something goes on, where somebody looks."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        yield


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar of how much is done, how long it may take yet, and what comes next, where somebody looks."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, now: bar.update(task, completed=done, total=total, description=f"{what} {now}")


@app.command()
def submit(
    source: Source,
    period: Period,
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_shrunk: AcceptShrunk = None,
    require_published: RequirePublished = False,
    orchestrate: Orchestrate = False,
) -> None:
    """Validate an export and land the submission."""
    request = submission_request(
        source,
        period,
        agency=agency,
        extracted_on=extracted_on,
        home=home,
        input_folder=input_folder,
        as_of=as_of,
        accept_shrunk=accept_shrunk,
    )
    refuse_unwritable(request.home)
    inputs = load_reference_inputs(request)
    if require_published:
        refuse_unpublished(inputs)
    _submit(
        f"submitting {agency or ''} {period}",
        request,
        orchestrate=orchestrate,
        source=source,
        period=period,
        agency=agency,
        extracted_on=str(request.extracted_on),
        home=str(request.home),
        input_folder=input_folder,
        as_of=str(request.judged_as_of) if as_of else None,
        accept_shrunk=accept_shrunk,
    )


def _submit(what: str, request: SubmissionRequest, *, orchestrate: bool, **parameters: Any) -> None:
    """Makes a submission, through Prefect where it is asked for or configured, and writes its summary."""
    with _busy(what):
        if orchestrate or is_server_configured():
            submitted = _submit_through_prefect(parameters)
        else:
            _note(_NOT_ORCHESTRATED)
            submitted = submit_directly(request)
    sys.stdout.write(as_text(submitted.summary) + "\n")
    if submitted.landed.status == "blocked":
        raise typer.Exit(BLOCKED)


def _submit_through_prefect(parameters: dict[str, Any]) -> Submitted:
    # Prefect logs a stack for every failure; here each comes to one sentence.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    # Prefect takes a second to load, which the other commands need not wait for.
    from flows.submission import run_submission  # noqa: PLC0415

    try:
        with prefect_server():
            return run_submission(parameters.pop("agency", None), parameters.pop("period", ""), **parameters)
    except SubmissionBlocked as blocked:
        return blocked.submitted


@app.command()
def check(
    source: Source,
    period: Period,
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_shrunk: AcceptShrunk = None,
    require_published: RequirePublished = False,
) -> None:
    """Validate an export and report; nothing is landed, nothing is written."""
    request = submission_request(
        source,
        period,
        agency=agency,
        extracted_on=extracted_on,
        home=home,
        input_folder=input_folder,
        as_of=as_of,
        accept_shrunk=accept_shrunk,
    )
    with _busy(f"checking {agency or ''} {period}"):
        inputs = load_reference_inputs(request)
        if require_published:
            refuse_unpublished(inputs)
        assessment = assess(request, inputs, read_export(request, inputs), load_previous(request))
    sys.stdout.write(as_text(summarise(assessment)) + "\n")
    if assessment.is_blocked:
        raise typer.Exit(BLOCKED)


@app.command()
def backfill(
    source: Source,
    first: Annotated[str, typer.Option("--from", help="The first month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="The last month, YYYY-MM.")],
    agency: Annotated[list[str] | None, typer.Option(help="An agency; again for more. All by default.")] = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many processes; one a core by default.")] = None,
    store: Annotated[str | None, typer.Option(help="Where workers share results: a path or URL.")] = None,
    distributed: Annotated[bool, typer.Option("--distributed", help="Let Dask's workers judge.")] = False,
    scheduler: Annotated[str | None, typer.Option(help="The address of a Dask scheduler.")] = None,
    orchestrate: Orchestrate = False,
) -> None:
    """Land every month a source has, oldest first; what is unchanged is left alone."""
    place = str(find_home(home))
    asked = BackfillRequest(source, first, last, tuple(agency or ()), extracted_on, place, input_folder, as_of, store)
    with _progress("months") as progress:
        set_progress(progress)
        done = left_unchanged(asked)
        if done is None and (orchestrate or distributed or scheduler or is_server_configured()):
            done = _backfill_through_prefect(asked, workers, scheduler, distributed=distributed)
        elif done is None:
            _note(_NOT_ORCHESTRATED)
            with judging_processes(workers or os.cpu_count() or 1) as judge:
                done = run_backfill(asked, judge, progress)
    show(outcome_table(done), Format.TABLE, None)
    for sentence in messages(done):
        _note(sentence)
    if done.with_status("failed"):
        raise typer.Exit(FAILED)
    if done.blocked:
        raise typer.Exit(BLOCKED)


def _backfill_through_prefect(
    asked: BackfillRequest, workers: int | None, scheduler: str | None, *, distributed: bool
) -> BackfillResult:
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    from flows.backfill import BackfillBlocked, BackfillStopped  # noqa: PLC0415
    from flows.backfill import backfill as flow  # noqa: PLC0415

    try:
        with prefect_server():
            done = flow(
                source=asked.source,
                first=asked.first,
                last=asked.last,
                agencies=list(asked.agencies),
                extracted_on=asked.extracted_on,
                home=asked.home,
                input_folder=asked.input_folder,
                as_of=asked.as_of,
                workers=workers,
                store=asked.store,
                distributed=distributed,
                scheduler=scheduler,
            )
    except (BackfillStopped, BackfillBlocked) as ended:
        return ended.backfilled
    return cast("BackfillResult", done)


@app.command()
def replay(
    run: Annotated[str, typer.Option("--run", help="The run whose rejected records are put right.")],
    input_folder: Annotated[Path, typer.Option("--input", help="The directory of the corrected records.")],
    source: Annotated[str | None, typer.Option(help="The mapping, where its name is not enough to find it.")] = None,
    orchestrate: Orchestrate = False,
    home: Home = None,
) -> None:
    """Land a run's month again with corrected records in the place of rejected ones."""
    place = find_home(home)
    put_in_order(place)
    request = replay_request(place, run, source, input_folder)
    inputs = load_reference_inputs(request)
    needless = nothing_to_land(request, inputs, read_corrected(request, inputs))
    if needless:
        sys.stdout.write(f"{run}: {needless}; nothing was landed\n")
        return
    refuse_unwritable(place)
    _submit(
        f"correcting {run}",
        request,
        orchestrate=orchestrate,
        source=source or request.source,
        home=str(place),
        corrects=run,
        corrections=str(input_folder),
    )


@app.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="RUN")],
    after: Annotated[str, typer.Argument(metavar="RUN")],
    form: Form = Format.TABLE,
    out: Out = None,
    home: Home = None,
) -> None:
    """Say which counts moved between two runs, and what of what went in is not the same."""
    show(compare_runs(find_home(home), before, after), form, out)


def _view_command(name: str, view: str, says: str) -> None:
    @app.command(name, help=says)
    def show_view(
        agency: FilterAgency = None,
        period: FilterPeriod = None,
        run: FilterRun = None,
        form: Form = Format.TABLE,
        out: Out = None,
        home: Home = None,
    ) -> None:
        place, filters = find_home(home), filters_asked(agency, period, run)
        rows = ask(place, view, filters)
        if rows.is_empty():
            _note(absent_runs(place, filters))
        show(rows, form, out)


_view_command("rejected", "rejected_rows", "Every record that was not sent, why, and what took it down.")
_view_command("runs", "runs", "Every run: what went in, what was sent, and where it lies.")
_view_command("findings", "findings", "Every finding, record by record.")
_view_command("mismatches", "mismatches", "What differs from the last submission.")
_view_command("completeness", "completeness", "How often each field is populated and understood.")
_view_command("unmapped", "unmapped", "Source values that fitted no code, and postcodes in no directory.")
_view_command("changes", "changes", "Findings that are new, persist or are resolved since the month before.")


@app.command("report")
def report_command(run: FilterRun = None, out: Out = None, home: Home = None) -> None:
    """Write a run's HTML report, the latest run's by default, to HOME/reports or to --out, and say where it lies."""
    place = find_home(home)
    page, run_id = report(place, run)
    file = out or place / "reports" / f"{run_id}.html"
    write_out(page.encode(), file, makes_folder=out is None)
    sys.stdout.write(f"{file}\n")


@app.command()
def rules(form: Form = Format.TABLE, out: Out = None, home: Home = None) -> None:
    """List the catalogue of rules and the severities a home gives them; as Markdown it is the catalogue's page."""
    if form is Format.MARKDOWN:
        write_out(catalogue_page().encode(), out)
    else:
        show(rules_table(find_home(home)), form, out)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE")],
    run: FilterRun = None,
    entity: Annotated[str | None, typer.Option(help="client, episode or intervention.")] = None,
    line: Annotated[int | None, typer.Option(help="The line of the source file the record starts on.")] = None,
    home: Home = None,
) -> None:
    """Say a rule in words; with --run, --entity and --line, which of its clauses held for a record."""
    asked = RecordKey(run, entity, line) if run and entity and line else None
    if asked is None and (run or entity or line):
        raise InputRefused("--run, --entity and --line go together: they name one record")
    sys.stdout.write(printable(explain_rule(rule, asked, find_home(home)), keep="\n") + "\n")


@app.command()
def codes(
    name: Annotated[str | None, typer.Argument(metavar="[LIST]")] = None,
    form: Form = Format.TABLE,
    out: Out = None,
    home: Home = None,
) -> None:
    """List the code lists in force with their status, or the codes of one."""
    table = codes_table(find_home(home), name)
    if table.is_empty():
        _note(f"no code is known of the list {str(name).upper()}")
    show(table, form, out)


@app.command()
def sql(
    text: Annotated[str, typer.Argument(metavar="QUERY")],
    form: Form = Format.TABLE,
    out: Out = None,
    home: Home = None,
) -> None:
    """Ask the audit a question in SQL; it can only be read."""
    place = find_home(home)
    show(query(place, text, read_settings(place).limits), form, out)


@source_app.command("check")
def source_check(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    period: Annotated[str, typer.Option(help="The month, YYYY-MM; the last that is over by default.")] = "",
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
) -> None:
    """Say what an export looks like: tables, columns, codes, dates, agencies; nothing is judged."""
    request = submission_request(
        source, period, agency=agency, extracted_on=extracted_on, home=home, input_folder=input_folder
    )
    for line in describe_export(request, load_reference_inputs(request)):
        sys.stdout.write(f"{printable(line)}\n")


@source_app.command("new")
def source_new(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...")],
    name: Annotated[str, typer.Option(help="What the source will be called.")] = "new-source",
    out: Out = None,
    home: Home = None,
) -> None:
    """Draft a mapping from the headers and values of a system's tables; no code is ever guessed."""
    lists = reference_in_force(find_home(home)).lists.on(date.today())
    tables = [table for file in files for table in read_for_draft(file)]
    write_out(as_mapping(draft_tables(tables, lists), lists, name).encode(), out)


@app.command()
def alarms(
    notify: Annotated[str, typer.Option(help="A Prefect notification block, as custom-webhook/ward.")],
) -> None:
    """Put the alarms in force: failed, blocked, late, stuck, and months that are not landed yet."""
    from flows.alarms import set_alarms  # noqa: PLC0415

    sys.stdout.write("\n".join(set_alarms(notify)) + "\n")


@reference_app.command()
def load(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Let stand what was understood of a sheet.")] = False,
    home: Home = None,
) -> None:
    """Put official code lists (CSV or XLSX) in force, each replaced whole."""
    place, sheet = find_home(home), read_sheet(file)
    for notice in sheet.notices:
        _note(notice)
    if sheet.understood:
        sys.stderr.write(sheet.understood + "\n")
        if not yes:
            raise InputRefused("nothing was loaded; look at what was understood, and let it stand with --yes")
    lists = ready_to_load(place, sheet.lists)
    refuse_unwritable(place)
    with locked_home(place):
        replaced = load_code_lists(place, lists, date.today())
    sys.stdout.write("\n".join(replaced) + "\n")


@reference_app.command()
def unload(names: Annotated[list[str], typer.Argument(metavar="LIST...")], home: Home = None) -> None:
    """Go back to the shipped code lists."""
    place = find_home(home)
    with locked_home(place):
        lines = unload_code_lists(place, names)
    sys.stdout.write("\n".join(lines) + "\n")


@reference_app.command()
def diff(file: Path, form: Form = Format.TABLE, out: Out = None, home: Home = None) -> None:
    """Show what loading official code lists would change."""
    place, sheet = find_home(home), read_sheet(file)
    show(differences(place, ready_to_load(place, sheet.lists)), form, out)


@reference_app.command()
def postcodes(file: Path, home: Home = None) -> None:
    """Put a release of the ONS Postcode Directory or the NSPL in force."""
    place = find_home(home)
    with _progress(f"reading {file.name}") as progress:
        release = read_postcodes(file, lambda done, total: progress(done, total, ""))
    refuse_unwritable(place)
    _note(warning_of_few(place, release))
    with locked_home(place):
        text = store_postcodes(place, release)
    sys.stdout.write(text + "\n")
