"""Finds the agencies and months that a source has exports for, from its location or from the exports."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.files.locations import parse_location, redact_url
from flows.sources.mapping import SourceMapping, TableFile
from flows.sources.mapping_files import find_source
from flows.sources.missing_exports import describe_missing_export
from flows.sources.query_parameters import distinguishes_months as query_distinguishes_months
from flows.support.errors import InputRefused
from schemas.dataset import AGENCY, ENTITIES
from schemas.period import Period

# The layouts that are tried for a directory of plain exports that names no layout.
_LAYOUTS = ("{agency}/{period}", "{period}/{agency}", "{agency}-{period}", "{period}")
_PATTERNS = {"{agency}": f"(?P<agency>{AGENCY.pattern})", "{period}": "(?P<period>[0-9]{4}-(?:0[1-9]|1[0-2]))"}


@dataclass(frozen=True)
class SourceMonths:
    """Holds the exports of a source.

    `source` and `input_folder` are the arguments for a submission request of any of them. `agencies_by_month` lists the
    agencies of each month, oldest month first; if the location does not name agencies, each list holds the
    requested ones and may be empty.
    """

    source: str
    input_folder: str | None
    agencies_by_month: dict[Period, list[str]]


def find_months(
    source: str, input_folder: str | None, first: Period, last: Period, agencies: Sequence[str]
) -> SourceMonths:
    """Finds the months from first to last that a source has an export for.

    Args:
        source: a mapping's name or path, the directory of a plain export, or a directory of many plain exports.
        input_folder: overrides where the exports are stored; may contain {agency} and {period}.
        first: the first month.
        last: the last month.
        agencies: the requested agencies; an empty sequence requests all.

    Returns:
        The exports that were found.

    Raises:
        InputRefused: there is no such source, it has no export for these months, or it has one export for several.
    """
    asked = source
    mapping, source, location = _resolve_location(source, input_folder)
    if first < last and not distinguishes_months(mapping, location):
        raise InputRefused(
            f"{redact_url(location)}: each month from {first} to {last} would read the same export, because no table"
            " is read from a place that depends on the month; put {period} in the location or in --input, as in"
            " exports/{period}, or submit one month at a time with `ndtms submit`"
        )
    found = _group_by_month(location, agencies) if "{" in location else {}
    if "{period}" not in location:
        # Without {period}, one location has all the months.
        found = {month: found.get(None, list(agencies)) for month in first.until(last)}
    months = {month: found[month] for month in sorted(key for key in found if key is not None)}
    # Folders outside the requested months are not an error.
    within = {month: names for month, names in months.items() if first <= month <= last}
    if not within or not ("{period}" in location or parse_location(location).is_folder()):
        agency = agencies[0] if len(agencies) == 1 else None
        raise InputRefused(describe_missing_export(location, (first, last), agency, asked, input_folder))
    return SourceMonths(source, input_folder, within)


def distinguishes_months(mapping: SourceMapping, location: str) -> bool:
    """Returns whether any table of a source depends on the month: by its location, its file, its query or its SQL."""
    if mapping.sql_distinguishes_months:
        return True
    tables = [mapping.table(entity) for entity in ENTITIES]
    return any(_depends_on_month(part, location) for table in tables for part in (table, *table.joins))


def _depends_on_month(table: TableFile, location: str) -> bool:
    # The SQL of a table reads the files of the location.
    if not table.query and not table.file:
        return "{period}" in location
    if table.query:
        return query_distinguishes_months(table.query)
    # An absolute path or a URL replaces the location.
    is_in_location = "://" not in table.file and not Path(table.file).is_absolute()
    return "{period}" in table.file or (is_in_location and "{period}" in location)


def _resolve_location(source: str, input_folder: str | None) -> tuple[SourceMapping, str, str]:
    """Returns the mapping, the source to request, and the location of its exports with its {agency} and {period}."""
    mapping, base = find_source(source)
    if input_folder:
        return mapping, source, input_folder
    location = mapping.location if "://" in mapping.location else str(base / mapping.location)
    is_plain = mapping.clients.by_header and not mapping.clients.sql and Path(source).is_dir()
    # A directory that contains one of the tables is one export, whatever the names of its folders.
    if is_plain and not any((Path(location) / mapping.table(entity).file).exists() for entity in ENTITIES):
        layout = next((layout for layout in _LAYOUTS if _find_folders(f"{location}/{layout}")), _LAYOUTS[0])
        return mapping, f"{location}/{layout}", f"{location}/{layout}"
    return mapping, source, location


def _group_by_month(location: str, agencies: Sequence[str]) -> dict[Period | None, list[str]]:
    """Returns the agencies of each month that has a folder; all requested ones if folders do not name agencies."""
    agencies_by_month: dict[Period | None, list[str]] = {}
    for match in _find_folders(location):
        placeholders = match.groupdict()
        month = Period.parse(placeholders["period"]) if "period" in placeholders else None
        names = agencies_by_month.setdefault(month, [] if "agency" in placeholders else list(agencies))
        if "agency" in placeholders and (not agencies or placeholders["agency"] in agencies):
            names.append(placeholders["agency"])
    # A month whose folders are of other agencies only is left out.
    return {month: sorted(names) for month, names in agencies_by_month.items() if names or "{agency}" not in location}


def _find_folders(location: str) -> list[re.Match[str]]:
    """Returns the folders that match a location with {agency} and {period}."""
    parts = re.split(r"(\{agency\}|\{period\})", location)
    seen: set[str] = set()
    pattern = ""
    for part in parts:
        part_pattern = _PATTERNS.get(part, re.escape(part))
        # A repeated placeholder must match the same text as its first use.
        pattern += f"(?P={part[1:-1]})" if part in seen and part in _PATTERNS else part_pattern
        seen.add(part)
    if "://" in location:
        asterisks = re.sub(r"\{(agency|period)\}", "*", location)
        remote = (
            re.fullmatch(pattern, folder.url.rstrip("/")) for folder in parse_location(location).matching(asterisks)
        )
        return [match for match in remote if match]
    location_path = Path(location)
    # Only the part with placeholders becomes a pattern; the rest may contain characters that are wildcards.
    fixed = next(parent for parent in (location_path, *location_path.parents) if "{" not in str(parent))
    depth = "/".join(
        re.sub(r"\{(agency|period)\}", "*", glob.escape(part)) for part in location_path.relative_to(fixed).parts
    )
    matches = (re.fullmatch(pattern, str(path)) for path in sorted(fixed.glob(depth)) if path.is_dir())
    return [match for match in matches if match]
