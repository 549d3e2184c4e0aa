"""What is asked for: one submission, of a source, for a month and perhaps an agency."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.files.locations import Place, place_of
from flows.sources.mapping import SourceMapping, find_source
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity
from schemas.period import Period

DEFAULT_HOME = "workspace"
_AGENCY = re.compile(r"[A-Z][0-9]{4}")


@dataclass(frozen=True)
class SubmissionRequest:
    """A submission to make.

    `folder` is where the export's tables lie, `source` what the audit calls it.  `judged_as_of` is None where
    the month is judged by what held in its time; `shrink_accepted` is why a shrunk file may be landed.
    """

    mapping: SourceMapping
    folder: Place
    source: str
    period: Period
    agency: str | None
    extracted_on: date
    home: Path
    judged_as_of: date | None = None
    shrink_accepted: str | None = None
    corrections: "Corrections | None" = None

    @property
    def judged_on(self) -> date:
        """The day whose rules, code lists and authorities the month is judged by: its last, unless asked otherwise."""
        return self.judged_as_of or self.period.last_day


@dataclass(frozen=True)
class Corrections:
    """Corrected records that stand in the place of rejected ones.

    `folder` holds them, in tables as the export's; `run_id` is the run that rejected, `lines` the lines
    of the records it did.
    """

    folder: Path
    run_id: str
    lines: Mapping[Entity, frozenset[int]]


def home_of(home: str | Path | None) -> Path:
    """The home that is meant: the one given, else NDTMS_HOME, else ./workspace.

    Raises:
        InputRefused: its path holds a question mark, which DuckDB takes for the start of a URL's query.
    """
    path = Path(home or os.environ.get("NDTMS_HOME") or DEFAULT_HOME).absolute()
    if "?" in str(path):
        raise InputRefused(f"{path}: the path of a home must not hold a question mark; choose another directory")
    return path


def submission_request(
    source: str,
    period: str,
    *,
    agency: str | None = None,
    extracted_on: str | None = None,
    home: str | Path | None = None,
    input_folder: str | None = None,
    as_of: str | None = None,
    accept_shrunk: str | None = None,
) -> SubmissionRequest:
    """A request from what was typed.

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; empty is the last month that is over on `extracted_on`.
        agency: a capital letter and four digits, or None.
        extracted_on: YYYY-MM-DD; None is today, the only time the clock is read.
        home: where everything is kept.
        input_folder: where the export lies instead of where the mapping says; it may name {agency} and {period} too.
        as_of: `today`, or a day: what the month is judged by instead of what held in its time.
        accept_shrunk: why a file that shrank may be landed; None where it may not.

    Raises:
        InputRefused: saying what was found and what is allowed.
    """
    day = _day(extracted_on)
    month = period_asked(period) if period else Period.before(day)
    agency = agency_asked(agency)
    mapping, base = find_source(source)
    location = input_folder or (mapping.location if "://" in mapping.location else str(base / mapping.location))
    folder = place_of(in_place(location, month, agency))
    if _needs_folder(mapping) and not folder.is_folder():
        raise InputRefused(f"{folder}: there is no such directory to read the export from")
    is_plain = mapping.clients.by_header
    return SubmissionRequest(
        mapping=mapping,
        folder=folder,
        source=str(Path(source).absolute()) if is_plain else mapping.name,
        period=month,
        agency=agency,
        extracted_on=day,
        home=home_of(home),
        judged_as_of=_judged_as_of(as_of),
        shrink_accepted=_reason(accept_shrunk),
    )


def _needs_folder(mapping: SourceMapping) -> bool:
    """Whether anything comes from files that lie together, rather than from queries or places of their own."""
    tables = [mapping.table(entity) for entity in ENTITIES]
    files = [each.file for table in tables for each in (table, *table.joins) if each.file]
    return any("://" not in file and not Path(file).is_absolute() for file in files)


def in_place(location: str, period: Period, agency: str | None) -> str:
    """A location with the month and the agency in their places."""
    return location.replace("{period}", str(period)).replace("{agency}", agency or "")


def _judged_as_of(text: str | None) -> date | None:
    if text is None or text == "today":
        return date.today() if text else None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"--as-of is {text!r}; today, or a day as YYYY-MM-DD, is allowed") from None


def _reason(text: str | None) -> str | None:
    if text is not None and not text.strip():
        raise InputRefused("--accept-shrunk is empty; the reason why so few rows are right is needed")
    return text.strip() if text else None


def agency_asked(text: str | None) -> str | None:
    """The agency that was typed; None where none was.  Raises InputRefused where it is no agency's code."""
    if text is not None and not _AGENCY.fullmatch(text):
        raise InputRefused(f"--agency is {text!r}; a capital letter and four digits are allowed, as L0001")
    return text


def period_asked(text: str) -> Period:
    """The month that was typed.  Raises InputRefused where it is none."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise InputRefused(f"--period: {error}") from None


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"--extracted-on is {text!r}; a day as YYYY-MM-DD is allowed") from None
