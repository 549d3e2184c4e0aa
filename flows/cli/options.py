"""The options and arguments of all commands, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

from flows.reports.tables import Format

# A submission and its export.
Source = Annotated[str, typer.Option(help="A mapping's name or path, or the directory of a plain export.")]
Period = Annotated[str, typer.Option(help="The month, YYYY-MM.")]
Agency = Annotated[str | None, typer.Option(help="The agency it is for, as L0001.")]
ExtractedOn = Annotated[str | None, typer.Option(help="The day of the extract, YYYY-MM-DD; today by default.")]
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

# How and where a command runs.
Home = Annotated[Path | None, typer.Option(help="Where everything is kept (or NDTMS_HOME; ./workspace).")]
Orchestrate = Annotated[
    bool, typer.Option("--orchestrate", help="Run as a Prefect flow, on a server of its own where none is configured.")
]

# A backfill.
FirstMonth = Annotated[str, typer.Option("--from", help="The first month, YYYY-MM.")]
LastMonth = Annotated[str, typer.Option("--to", help="The last month, YYYY-MM.")]
Agencies = Annotated[list[str] | None, typer.Option(help="An agency; again for more. All by default.")]
Workers = Annotated[int | None, typer.Option(min=1, help="How many processes; one a core by default.")]
Store = Annotated[str | None, typer.Option(help="Where workers share results: a path or URL.")]
Distributed = Annotated[bool, typer.Option("--distributed", help="Let Dask's workers judge.")]
Scheduler = Annotated[str | None, typer.Option(help="The address of a Dask scheduler.")]

# A replay.
RejectingRun = Annotated[str, typer.Option("--run", help="The run whose rejected records are put right.")]
CorrectedRecords = Annotated[Path, typer.Option("--input", help="The directory of the corrected records.")]
SourceOfRun = Annotated[str | None, typer.Option(help="The mapping, where its name is not enough to find it.")]

# Questions to the audit.
FilterAgency = Annotated[str | None, typer.Option("--agency", help="Only this agency.")]
FilterPeriod = Annotated[str | None, typer.Option("--period", help="Only this month, YYYY-MM.")]
FilterRun = Annotated[str | None, typer.Option("--run", help="Only this run, by its id.")]
ComparedRun = Annotated[str, typer.Argument(metavar="RUN")]
Query = Annotated[str, typer.Argument(metavar="QUERY")]

# The form and the place of an answer.
Form = Annotated[Format, typer.Option("--format", help="How the table is written.")]
Out = Annotated[Path | None, typer.Option(help="A file instead of standard output.")]

# A rule, and the record it is explained for.
RuleName = Annotated[str, typer.Argument(metavar="RULE")]
RecordEntity = Annotated[str | None, typer.Option(help="client, episode or intervention.")]
RecordLine = Annotated[int | None, typer.Option(help="The line of the source file the record starts on.")]

# Reference data.
CodeListName = Annotated[str | None, typer.Argument(metavar="[LIST]")]
CodeListNames = Annotated[list[str], typer.Argument(metavar="LIST...")]
Yes = Annotated[bool, typer.Option("--yes", help="Let stand what was understood of a sheet.")]

# A source and its mapping.
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE")]
CheckedPeriod = Annotated[str, typer.Option(help="The month, YYYY-MM; the last that is over by default.")]
ExportFiles = Annotated[list[Path], typer.Argument(metavar="FILES...")]
NewSourceName = Annotated[str, typer.Option(help="What the source will be called.")]

Notify = Annotated[str, typer.Option(help="A Prefect notification block, as custom-webhook/ward.")]
