"""What is asked for: one submission, of a source, for a month and perhaps an agency."""

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.errors import InputRefused
from flows.source_mapping import SourceMapping, find_source
from schemas.period import Period

DEFAULT_HOME = "workspace"
_AGENCY = re.compile(r"[A-Z][0-9]{4}")


@dataclass(frozen=True)
class SubmissionRequest:
    """A submission to make.  `folder` is where the export's tables lie; `source` what the audit calls it."""

    mapping: SourceMapping
    folder: Path
    source: str
    period: Period
    agency: str | None
    extracted_on: date
    home: Path


def home_of(home: str | Path | None) -> Path:
    """The home that is meant: the one given, else NDTMS_HOME, else ./workspace."""
    return Path(home or os.environ.get("NDTMS_HOME") or DEFAULT_HOME).absolute()


def submission_request(
    source: str,
    period: str,
    *,
    agency: str | None = None,
    extracted_on: str | None = None,
    home: str | Path | None = None,
    input_folder: str | None = None,
) -> SubmissionRequest:
    """A request from what was typed.

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; empty is the last month that is over on `extracted_on`.
        agency: a capital letter and four digits, or None.
        extracted_on: YYYY-MM-DD; None is today, the only time the clock is read.
        home: where everything is kept.
        input_folder: where the export lies instead of where the mapping says.

    Raises:
        InputRefused: saying what was found and what is allowed.
    """
    day = _day(extracted_on)
    month = _period(period) if period else Period.before(day)
    if agency and not _AGENCY.fullmatch(agency):
        raise InputRefused(f"--agency is {agency!r}; a capital letter and four digits are allowed, as L0001")
    mapping, base = find_source(source)
    location = mapping.location.replace("{period}", str(month)).replace("{agency}", agency or "")
    folder = Path(input_folder) if input_folder else base / location
    if not folder.is_dir():
        raise InputRefused(f"{folder}: there is no such directory to read the export from")
    is_plain = mapping.clients.by_header
    return SubmissionRequest(
        mapping=mapping,
        folder=folder,
        source=str(folder.absolute()) if is_plain else mapping.name,
        period=month,
        agency=agency or None,
        extracted_on=day,
        home=home_of(home),
    )


def _period(text: str) -> Period:
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
