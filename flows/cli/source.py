"""The commands about sources: what an export looks like, and drafts of mappings."""

import sys
from datetime import date

import typer

from flows.cli.options import (
    Agency,
    CheckedPeriod,
    ExportFiles,
    ExtractedOn,
    Home,
    Input,
    NewSourceName,
    Out,
    SourceArgument,
)
from flows.intake.draft_mapping import as_mapping, draft_tables, read_for_draft
from flows.pipeline.assess import load_reference_inputs
from flows.reference.in_force import load_reference_in_force
from flows.reports.describe_export import describe_export
from flows.reports.tables import write_out
from flows.sources.request import SubmissionOptions, build_request, find_home
from transforms.tables.printable import printable

source_app = typer.Typer(help="Sources: what an export looks like, and drafts of mappings.", no_args_is_help=True)


@source_app.command()
def check(
    source: SourceArgument,
    period: CheckedPeriod = "",
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
) -> None:
    """Describe an export: tables, columns, codes, dates and agencies; no rule is run."""
    request = build_request(SubmissionOptions(source, period, agency, extracted_on, home, input_folder))
    for line in describe_export(request, load_reference_inputs(request)):
        sys.stdout.write(f"{printable(line)}\n")


@source_app.command()
def new(files: ExportFiles, name: NewSourceName = "new-source", out: Out = None, home: Home = None) -> None:
    """Draft a mapping from the headers and values of a system's tables; codes are never guessed."""
    # A draft has no period, so it uses the codes that are valid today.
    lists = load_reference_in_force(find_home(home)).lists.on(date.today())
    tables = [table for file in files for table in read_for_draft(file)]
    write_out(as_mapping(draft_tables(tables, lists), lists, name).encode(), out)
