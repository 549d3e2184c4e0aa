"""Compares packages with advisories: which version is affected, and which one is corrected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.supply.lock import Package
from tests.supply.osv_files import Record, list_affected

_EVENTS = ("introduced", "fixed", "last_affected")


@dataclass(frozen=True, order=True)
class Finding:
    """An advisory that affects a package of the lock.

    Attributes:
        package: the name of the package.
        version: its version in the lock.
        advisory: the id of the advisory.
        fixed: the first later version that is corrected, or why there is none.
    """

    package: str
    version: str
    advisory: str
    fixed: str


def find_affected(packages: Iterable[Package], advisories: Iterable[Record]) -> list[Finding]:
    """Returns each advisory that affects a package, sorted.

    A range that cannot be compared, because a version in it does not follow PEP 440, counts as affected: a person has
    to read the advisory.
    """
    by_name: dict[str, list[Package]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    found: set[Finding] = set()
    for record in advisories:
        for affected in list_affected(record):
            if affected["package"]["ecosystem"] == "PyPI":
                for package in by_name.get(canonicalize_name(affected["package"]["name"]), []):
                    found.update(_compare(package, record["id"], affected))
    return sorted(found)


def _compare(package: Package, advisory: str, affected: Record) -> Iterator[Finding]:
    ranges = [span["events"] for span in affected.get("ranges", []) if span["type"] == "ECOSYSTEM"]
    try:
        is_affected = _is_listed(package, affected) or any(
            _contains(events, package.parsed_version) for events in ranges
        )
        fixed = _first_fixed(ranges, package.parsed_version)
    except InvalidVersion:
        is_affected, fixed = True, "unknown: a version of the advisory cannot be compared, read it"
    if is_affected:
        yield Finding(package.name, package.version, advisory, fixed)


def _is_listed(package: Package, affected: Record) -> bool:
    """Returns whether the version is in the list of versions; 1.0 and 1.0.0 are the same."""
    for text in affected.get("versions", []):
        try:
            if Version(text) == package.parsed_version:
                return True
        except InvalidVersion:
            continue  # An exact version that is not one of PEP 440 cannot be in the lock.
    return False


def _contains(events: list[dict[str, str]], version: Version) -> bool:
    """Returns whether a version is affected after the events up to it, in the order of their versions."""
    steps = [(_parse(text), kind) for event in events for kind, text in event.items() if kind in _EVENTS]
    is_affected = False
    # Where a version ends one range and starts the next, the start comes last.
    for at, kind in sorted(steps, key=lambda step: (step[0], step[1] == "introduced")):
        if kind == "introduced" and at <= version:
            is_affected = True
        elif (kind == "fixed" and at <= version) or (kind == "last_affected" and at < version):
            is_affected = False
    return is_affected


def _first_fixed(ranges: list[list[dict[str, str]]], version: Version) -> str:
    fixed = [event["fixed"] for events in ranges for event in events if "fixed" in event]
    later = [text for text in fixed if _parse(text) > version]
    return min(later, key=_parse, default="none yet")


def _parse(text: str) -> Version:
    """Returns a version; `0` is before all others, also before those of development."""
    return Version("0.dev0") if text == "0" else Version(text)
