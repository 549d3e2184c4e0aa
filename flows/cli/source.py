"""The commands about sources: what an export looks like, and drafts of mappings."""

import sys
from datetime import date
from pathlib import Path

import typer

from flows.cli.examples import show_example
from flows.cli.options import (
    Agency,
    CheckedPeriod,
    ExportFiles,
    ExtractedOn,
    Home,
    Input,
    NewSourceName,
    NewSourceOut,
    SourceArgument,
)
from flows.cli.terminal import FAILED, show_activity
from flows.intake.draft.draft import MappingDraft, draft_mapping
from flows.pipeline.assess import load_reference_inputs
from flows.reference.in_force import load_reference_in_force
from flows.reports.describe_draft import describe_draft
from flows.reports.describe_export import describe_export
from flows.reports.tables import write_out
from flows.sources.request import SubmissionOptions, build_request, find_home
from flows.support.errors import InputRefused
from transforms.tables.printable import printable

source_app = typer.Typer(
    help="Sources: what an export looks like, and drafts of mappings.",
    epilog=show_example("source"),
    no_args_is_help=True,
)


@source_app.command(epilog=show_example("source check"))
def check(
    source: SourceArgument,
    period: CheckedPeriod = "",
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
) -> None:
    """Describe an export: what is missing, tables, columns, codes, dates and agencies; no rule is run."""
    request = build_request(SubmissionOptions(source, period, agency, extracted_on, home, input_folder))
    with show_activity(f"reading {source}"):
        description = describe_export(request, load_reference_inputs(request))
    for line in description.lines:
        sys.stdout.write(f"{printable(line)}\n")
    if not description.can_be_sent:
        raise typer.Exit(FAILED)


@source_app.command(epilog=show_example("source new"))
def new(files: ExportFiles, name: NewSourceName = "", out: NewSourceOut = None, home: Home = None) -> None:
    """Draft a mapping from a folder, an archive or files, as columns or as SQL; codes are never guessed."""
    # A draft has no period, so it uses the codes that are valid today.
    with show_activity("reading the export"):
        lists = load_reference_in_force(find_home(home)).lists.on(date.today())
        draft = draft_mapping(files, lists, name or (out.stem if out else "new-source"), out.parent if out else Path())
    if out is None:
        _print_draft(draft)
        return
    _write_draft(draft, out)
    for line in describe_draft(draft, out):
        sys.stdout.write(f"{printable(line)}\n")


def _print_draft(draft: MappingDraft) -> None:
    mapping, *others = draft.files
    sys.stdout.write(draft.files[mapping])
    for other in others:
        sys.stdout.write(f"\n-- {other}\n{draft.files[other]}")


def _write_draft(draft: MappingDraft, out: Path) -> None:
    mapping, *others = draft.files
    paths = {out: draft.files[mapping], **{out.parent / other: draft.files[other] for other in others}}
    for path in paths:
        # The user may have spent an afternoon on it.
        if path.exists():
            raise InputRefused(
                f"{path}: the file exists already, and a draft does not replace it; choose another --out"
            )
    for path, text in paths.items():
        write_out(text.encode(), path, makes_folder=path != out)
