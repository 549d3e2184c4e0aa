"""Compares requirements.txt with a file of advisories, without a network: python -m tests.supply.advisories FILE.

Prints the package, its version, the advisory and the corrected version, and returns 1 if there are any.
"""

import sys
from pathlib import Path

from flows.support.errors import InputRefused
from tests.supply.affected import Finding, find_affected
from tests.supply.lock import LOCK, read_lock
from tests.supply.osv_files import read_advisories


def describe(finding: Finding) -> str:
    """Returns the line of a finding."""
    return f"{finding.package} {finding.version}: {finding.advisory}, corrected in: {finding.fixed}"


def _read_path(arguments: list[str]) -> Path:
    if len(arguments) != 1:
        raise InputRefused(
            "make audit needs a file of advisories in the OSV format, for example the one for PyPI from osv.dev: "
            "make audit FILE=all.zip"
        )
    return Path(arguments[0])


def main(arguments: list[str], lock: Path = LOCK) -> int:
    """Prints the findings.  Returns 1 if there are any, 2 if the file cannot be compared."""
    try:
        path = _read_path(arguments)
        packages, advisories = read_lock(lock), read_advisories(path)
    except InputRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    found = find_affected(packages, advisories)
    sys.stdout.write("".join(f"{describe(finding)}\n" for finding in found))
    sys.stdout.write(f"{len(packages)} packages, {len(advisories)} advisories: {len(found)} affect a package\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
