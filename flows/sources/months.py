"""Which agencies and months a source has: its location names them, or its exports hold them."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.files.locations import place_of, shown_url
from flows.sources.mapping import find_source
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES
from schemas.period import Period

# How a directory of plain exports may be laid out, where nothing says how.
_LAYOUTS = ("{agency}/{period}", "{period}/{agency}", "{agency}-{period}", "{period}")
_HOLDS = {"{agency}": "(?P<agency>[A-Z][0-9]{4})", "{period}": "(?P<period>[0-9]{4}-(?:0[1-9]|1[0-2]))"}


@dataclass(frozen=True)
class SourceMonths:
    """The exports of a source.

    `source` and `input_folder` are what a submission of one of them is asked with; `agencies_of` has the
    agencies of each month, oldest first; none where the location does not tell them.
    """

    source: str
    input_folder: str | None
    agencies_of: dict[Period, list[str]]


def months_of(
    source: str, input_folder: str | None, first: Period, last: Period, agencies: Sequence[str]
) -> SourceMonths:
    """The months from first to last that a source has an export for.

    Args:
        source: a mapping's name or path, the directory of a plain export, or of many of them.
        input_folder: where the exports lie instead; it may name {agency} and {period}.
        first: the first month.
        last: the last month.
        agencies: those asked for; empty is all.

    Raises:
        InputRefused: there is no such source, or it has no export of these months.
    """
    source, location = _location(source, input_folder)
    found = _by_place(location, agencies) if "{" in location else {}
    if "{period}" not in location:
        found = {month: found.get(None, list(agencies)) for month in first.until(last)}
    months = {month: found[month] for month in sorted(each for each in found if each is not None)}
    within = {month: names for month, names in months.items() if first <= month <= last}
    if not within or not ("{period}" in location or place_of(location).is_folder()):
        raise InputRefused(f"{shown_url(location)}: there is no export of any month from {first} to {last}")
    return SourceMonths(source, input_folder, within)


def _location(source: str, input_folder: str | None) -> tuple[str, str]:
    """The source to ask for, and where its exports lie, with {agency} and {period} where it names them."""
    mapping, base = find_source(source)
    if input_folder:
        return source, input_folder
    location = mapping.location if "://" in mapping.location else str(base / mapping.location)
    is_plain = mapping.clients.by_header and Path(source).is_dir()
    if is_plain and not any((Path(location) / mapping.table(entity).file).exists() for entity in ENTITIES):
        layout = next((each for each in _LAYOUTS if _folders(f"{location}/{each}")), _LAYOUTS[0])
        return f"{location}/{layout}", f"{location}/{layout}"
    return source, location


def _by_place(location: str, agencies: Sequence[str]) -> dict[Period | None, list[str]]:
    """The agencies of each month that have a folder; all those asked for where folders do not tell agencies."""
    found: dict[Period | None, list[str]] = {}
    for match in _folders(location):
        named = match.groupdict()
        month = Period.parse(named["period"]) if "period" in named else None
        names = found.setdefault(month, [] if "agency" in named else list(agencies))
        if "agency" in named and (not agencies or named["agency"] in agencies):
            names.append(named["agency"])
    return {month: sorted(names) for month, names in found.items() if names or "{agency}" not in location}


def _folders(location: str) -> list[re.Match[str]]:
    """The folders that a location with {agency} and {period} stands for."""
    parts = re.split(r"(\{agency\}|\{period\})", location)
    seen: set[str] = set()
    pattern = ""
    for part in parts:
        held = _HOLDS.get(part, re.escape(part))
        # A name that comes again must be the same again.
        pattern += f"(?P={part[1:-1]})" if part in seen and part in _HOLDS else held
        seen.add(part)
    if "://" in location:
        asterisks = re.sub(r"\{(agency|period)\}", "*", location)
        remote = (re.fullmatch(pattern, place.url.rstrip("/")) for place in place_of(location).matching(asterisks))
        return [match for match in remote if match]
    place = Path(location)
    fixed = next(parent for parent in (place, *place.parents) if "{" not in str(parent))
    depth = "/".join(re.sub(r"\{(agency|period)\}", "*", glob.escape(part)) for part in place.relative_to(fixed).parts)
    found = (re.fullmatch(pattern, str(path)) for path in sorted(fixed.glob(depth)) if path.is_dir())
    return [match for match in found if match]
