"""Builds the request for one submission: a source, a month and, optionally, an agency."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.files.locations import Location, parse_location
from flows.sources.days import parse_day
from flows.sources.mapping import SourceMapping
from flows.sources.mapping_files import find_source
from flows.sources.missing_exports import describe_missing_export, fill_placeholders
from flows.sources.query_parameters import QueryParameters
from flows.support.errors import InputRefused
from schemas.dataset import AGENCY, ENTITIES, Entity
from schemas.period import Period

DEFAULT_HOME = "workspace"
# Set for a run whose working directory exists only for the run, so that ./workspace would be lost with it.
NEEDS_HOME = "NDTMS_NEEDS_HOME"


@dataclass(frozen=True)
class SubmissionOptions:
    """The options of a submission, as text that is not checked yet; `build_request` checks it.

    The fields have the names and the order of the parameters of the flow `submission`.

    Args:
        source: a mapping's name or path, or the directory of a plain export; None uses the source of `corrects`.
        period: YYYY-MM; blank uses the last month completed on `extracted_on`.
        agency: one to three capital letters and three to five digits; None uses the only agency in the export.
        extracted_on: YYYY-MM-DD; None uses today.
        home: the directory of the audit and the submissions; None uses NDTMS_HOME or ./workspace.
        input_folder: overrides the mapping's location of the export; may also contain {agency} and {period}.
        as_of: `today` or a day: judges the month by what is in force on that day, not by what was at the time.
        accept_shrunk: the reason why a file that shrank may be landed; None does not allow it.
        accept_stale: the reason why a file without a date of the month may be landed; None does not allow it.
        accept_same_input: the reason why an export with the files of another month may be landed; None does not
            allow it.
        corrects: the id of a run whose rejected records are corrected.
        corrections: the directory of the corrected records.
    """

    source: str | None
    period: str = ""
    agency: str | None = None
    extracted_on: str | None = None
    home: str | Path | None = None
    input_folder: str | None = None
    as_of: str | None = None
    accept_shrunk: str | None = None
    accept_stale: str | None = None
    accept_same_input: str | None = None
    corrects: str | None = None
    corrections: str | None = None


@dataclass(frozen=True)
class SubmissionRequest:
    """Describes a submission to make.

    `folder` is where the export's tables are stored, `source` is the name that the audit records. `judged_as_of` is
    None if the month is judged by what was in force at the time; `shrink_accepted`, `stale_accepted` and
    `same_input_accepted` are the reasons why a file that shrank, a file without a date of the month, or an export with
    the files of another month may be landed.
    """

    mapping: SourceMapping
    folder: Location
    source: str
    period: Period
    agency: str | None
    extracted_on: date
    home: Path
    judged_as_of: date | None = None
    shrink_accepted: str | None = None
    stale_accepted: str | None = None
    same_input_accepted: str | None = None
    corrections: "Corrections | None" = None

    @property
    def about(self) -> dict[str, object]:
        """Returns the names that the events of this submission have; the path of a plain export is not one of them."""
        return {"agency": self.agency, "period": str(self.period), "source": self.mapping.name}

    @property
    def accepted(self) -> dict[str, str]:
        """Returns the rules of the file that do not block this submission, each with the reason."""
        reasons = {"FILE.shrunk": self.shrink_accepted, "FILE.stale": self.stale_accepted}
        return {rule: reason for rule, reason in reasons.items() if reason is not None}

    @property
    def query_parameters(self) -> QueryParameters:
        """Returns what the queries of the mapping may use."""
        return QueryParameters(self.period, self.extracted_on, self.agency)

    @property
    def judged_on(self) -> date:
        """Returns the day whose rules, code lists and authorities apply: by default the month's last day."""
        return self.judged_as_of or self.period.last_day


@dataclass(frozen=True)
class Corrections:
    """Holds the corrected records that replace rejected ones.

    `folder` contains them, in tables like those of the export. `run_id` is the run that rejected the records,
    `rejected` are the file and the line of each rejected record, and its id if other records are on the same line.
    """

    folder: Path
    run_id: str
    rejected: Mapping[Entity, frozenset[tuple[str, int, str | None]]]


def find_home(home: str | Path | None) -> Path:
    """Returns the home: the argument, or NDTMS_HOME, or ./workspace.

    Raises:
        InputRefused: the path contains a question mark, which DuckDB parses as the start of a URL's query, or a
            deployment has no home.
    """
    named = Path(home or os.environ.get("NDTMS_HOME") or DEFAULT_HOME)
    if os.environ.get(NEEDS_HOME) and not named.is_absolute():
        raise InputRefused(
            "the deployment has no home: set its parameter home, or NDTMS_HOME of the worker, to an absolute path"
        )
    path = named.absolute()
    if "?" in str(path):
        raise InputRefused(f"{path}: the path of a home must not contain a question mark; choose another directory")
    return path


def build_request(options: SubmissionOptions) -> SubmissionRequest:
    """Checks the options of a submission, and returns the request that they describe.

    Raises:
        InputRefused: an option is wrong; the text names what was found and what is allowed.
    """
    day = date.today() if options.extracted_on is None else parse_day(options.extracted_on, "--extracted-on")
    month = parse_period(options.period) if options.period else Period.before(day)
    agency = parse_agency(options.agency)
    source = options.source or ""
    mapping, base = find_source(source)
    location = options.input_folder or (mapping.location if "://" in mapping.location else str(base / mapping.location))
    folder = parse_location(fill_placeholders(location, month, agency))
    if _needs_folder(mapping) and not folder.is_folder():
        raise InputRefused(describe_missing_export(location, (month, month), agency, source, options.input_folder))
    is_plain = mapping.clients.by_header and not mapping.clients.sql
    return SubmissionRequest(
        mapping=mapping,
        folder=folder,
        source=str(Path(source).absolute()) if is_plain else mapping.name,
        period=month,
        agency=agency,
        extracted_on=day,
        home=find_home(options.home),
        judged_as_of=_parse_as_of(options.as_of),
        shrink_accepted=_parse_reason(options.accept_shrunk, "--accept-shrunk", "C wing closed on 3 April"),
        stale_accepted=_parse_reason(options.accept_stale, "--accept-stale", "no treatment in July"),
        same_input_accepted=_parse_reason(
            options.accept_same_input, "--accept-same-input", "nothing changed between April and May"
        ),
    )


def _needs_folder(mapping: SourceMapping) -> bool:
    """Returns whether any table comes from a file in the export's folder, not from a query, URL or absolute path."""
    tables = [mapping.table(entity) for entity in ENTITIES]
    if mapping.table_sql_files:
        return True
    files = [part.file for table in tables for part in (table, *table.joins) if part.file]
    return any("://" not in file and not Path(file).is_absolute() for file in files)


def _parse_as_of(text: str | None) -> date | None:
    if text is None or text == "today":
        return date.today() if text else None
    return parse_day(text, "--as-of", "allowed: today, or a day as YYYY-MM-DD")


def _parse_reason(text: str | None, option: str, example: str) -> str | None:
    if text is not None and not text.strip():
        raise InputRefused(f'{option} is empty; give a reason, such as "{example}"')
    return text.strip() if text else None


def parse_agency(text: str | None) -> str | None:
    """Returns the agency that the user typed, or None if the user typed none.

    Raises:
        InputRefused: the text is not an agency code.
    """
    if text is not None and not AGENCY.fullmatch(text):
        raise InputRefused(
            f"--agency is {text!r}; allowed: one to three capital letters and three to five digits, such as L0001"
        )
    return text


def parse_period(text: str) -> Period:
    """Returns the month that the user typed.

    Raises:
        InputRefused: the text is not a month.
    """
    try:
        return Period.parse(text)
    except ValueError as error:
        raise InputRefused(f"--period: {error}") from None
