"""The options and arguments of all commands, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

from flows.reports.tables import Format
from flows.support.software_version import read_build

# A submission and its export.
Source = Annotated[str, typer.Option(help="A mapping's name or path, or the directory of a plain export.")]
Period = Annotated[str, typer.Option(help="The month, YYYY-MM.")]
Agency = Annotated[str | None, typer.Option(help="The agency to submit for, such as L0001.")]
ExtractedOn = Annotated[str | None, typer.Option(help="The day of the extract, YYYY-MM-DD; today by default.")]
Input = Annotated[str | None, typer.Option("--input", help="Where the export is, if not where the mapping says.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="Use the rules and lists in force today (or on a day, YYYY-MM-DD), not those of the month."),
]
AcceptShrunk = Annotated[
    str | None,
    typer.Option(
        metavar="REASON", help="Land a file that is less than half the previous one; the audit stores the reason."
    ),
]
AcceptStale = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Land a file without a date of the month; the audit stores the reason."),
]
AcceptSameInput = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Land an export with the files of another month; the audit stores the reason."),
]
RequirePublished = Annotated[
    bool, typer.Option("--require-published", help="Refuse to run if a code list in use is not the official one.")
]

# How and where a command runs.
Home = Annotated[
    Path | None,
    typer.Option(help="The directory of the audit and submissions (default: NDTMS_HOME, else ./workspace)."),
]
Orchestrate = Annotated[
    bool, typer.Option("--orchestrate", help="Run as a Prefect flow; starts a server if none is configured.")
]

# A backfill.
FirstMonth = Annotated[str, typer.Option("--from", help="The first month, YYYY-MM.")]
LastMonth = Annotated[str, typer.Option("--to", help="The last month, YYYY-MM.")]
Agencies = Annotated[list[str] | None, typer.Option(help="An agency; repeat for more. All by default.")]
Workers = Annotated[int | None, typer.Option(min=1, help="The number of processes; one per core by default.")]
Store = Annotated[str | None, typer.Option(help="Where workers store results: a path or URL.")]
Distributed = Annotated[bool, typer.Option("--distributed", help="Assess months on Dask workers.")]
Scheduler = Annotated[str | None, typer.Option(help="The address of a Dask scheduler.")]

# A replay.
RejectingRun = Annotated[str, typer.Option("--run", help="The run whose rejected records are corrected.")]
CorrectedRecords = Annotated[
    Path, typer.Option("--input", help="The directory of the corrected records, or of whole files in export/.")
]
SourceOfRun = Annotated[str | None, typer.Option(help="The path of the mapping, if it cannot be found by its name.")]


def _print_version(is_asked: bool) -> None:
    if is_asked:
        # Eager, so that `ndtms --version` needs no command.
        typer.echo(f"ndtms {read_build()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
]

# Queries of the audit.
FilterAgency = Annotated[str | None, typer.Option("--agency", help="Only this agency.")]
FilterPeriod = Annotated[str | None, typer.Option("--period", help="Only this month, YYYY-MM.")]
FilterRun = Annotated[str | None, typer.Option("--run", help="Only this run, by its id.")]
FilterOutcome = Annotated[
    str | None, typer.Option("--outcome", help="Only this outcome: rejected, withheld, out_of_scope or dropped.")
]
FilterOwner = Annotated[
    str | None, typer.Option("--owner", help="Only what this owner can correct: entry, conversion or reference.")
]
OnlyOwn = Annotated[bool, typer.Option("--own", help="Only the agency's own records: none of another agency.")]
Months = Annotated[
    int,
    typer.Option(
        min=1,
        help="How many months to show, up to the last complete one; and older ones that must land (`first_period`).",
    ),
]
Today = Annotated[str | None, typer.Option(help="The day of the report, YYYY-MM-DD; today by default.")]
ComparedRun = Annotated[str, typer.Argument(metavar="RUN")]
Query = Annotated[str | None, typer.Argument(metavar="QUERY")]
Homes = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Query several homes as one: a home, or a pattern in quotes such as '/srv/ndtms/*'; repeat for more.",
    ),
]
QuestionName = Annotated[str | None, typer.Argument(metavar="[QUESTION]")]
QueryFile = Annotated[Path | None, typer.Option("--file", help="Read the query from a file.")]

# Lists of the latest landed runs.
ListDay = Annotated[
    str | None, typer.Option("--as-of", help="The day that the list describes (default: the last day of the month).")
]
ForSharing = Annotated[
    bool, typer.Option("--for-sharing", help="Show counts instead of records, and hide the small ones.")
]
ReportForSharing = Annotated[
    bool, typer.Option("--for-sharing", help="Write a report that may be sent to others: no value, no small count.")
]

# The format and the place of the output.
Form = Annotated[
    Format | None, typer.Option("--format", help="The format of the table (default: as --out ends, else table).")
]
Out = Annotated[Path | None, typer.Option(help="Write to a file instead of standard output.")]
FindingsOut = Annotated[
    Path | None, typer.Option("--out", help="Write the findings to a file: .csv, .xlsx, .json or .md.")
]

# A rule, and the record it is explained for.
RuleName = Annotated[str, typer.Argument(metavar="RULE")]
RecordEntity = Annotated[str | None, typer.Option(help="client, episode or intervention.")]
RecordLine = Annotated[int | None, typer.Option(help="The line of the source file where the record starts.")]

# Reference data.
CodeListName = Annotated[str | None, typer.Argument(metavar="[LIST]")]
CodeListNames = Annotated[list[str], typer.Argument(metavar="LIST...")]
Yes = Annotated[bool, typer.Option("--yes", help="Load the file as it was interpreted.")]
OnlyLists = Annotated[
    list[str] | None, typer.Option("--only", metavar="LIST", help="Load only this list of the file; repeatable.")
]

# A source and its mapping.
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE")]
CheckedPeriod = Annotated[str, typer.Option(help="The month, YYYY-MM; by default the last complete month.")]
ExportFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="EXPORT...", help="A folder (of one month, or with one for each month), a ZIP archive or files."
    ),
]
NewSourceName = Annotated[str, typer.Option(help="The name of the new source; by default that of --out.")]
NewSourceOut = Annotated[
    Path | None, typer.Option("--out", help="Write the mapping to a new file, and its SQL to a folder next to it.")
]

Notify = Annotated[str, typer.Option(help="A Prefect notification block, such as custom-webhook/ward.")]

# Deployments.
Prune = Annotated[
    bool, typer.Option("--prune", help="Remove the deployments of the work pool that are not in the file.")
]
DeployDryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be registered, and change nothing.")]

# What to forget.
Before = Annotated[str | None, typer.Option("--before", metavar="PERIOD", help="Forget the months before this one.")]
Superseded = Annotated[
    bool, typer.Option("--superseded", help="Forget the runs that a later run of their month has replaced.")
]
Client = Annotated[
    str | None,
    typer.Option("--client", metavar="ID", help="Forget a client, by CLIENTID; - reads the ID from standard input."),
]
ForgetReason = Annotated[str, typer.Option(metavar="TEXT", help="Why; the audit stores the reason. Name nobody.")]
NewKey = Annotated[
    bool, typer.Option("--new-key", help="Change the key from NDTMS_AUDIT_KEY to that in NDTMS_AUDIT_NEW_KEY.")
]
Decrypt = Annotated[bool, typer.Option("--remove", help="Write the audit without encryption.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")]

# A backup.
BackupPlace = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of all backups of this home.")]
Wait = Annotated[int, typer.Option(min=0, metavar="MINUTES", help="How long to wait for a run in progress.")]
