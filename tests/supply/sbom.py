"""Writes the bill of materials of an installation, a CycloneDX document: python -m tests.supply.sbom FILE.

The same lock and project give the same bytes: the document has no time and no random number, and its parts are sorted.
"""

import json
import sys
import tomllib
from pathlib import Path

from flows.support.errors import InputRefused
from tests.supply.licences import find_licences, read_licences
from tests.supply.lock import LOCK, Package, read_lock

ROOT = Path(__file__).parents[2]


def build_bill(packages: dict[Package, str], project: dict[str, str]) -> str:
    """Returns the bill of materials as JSON.

    Args:
        packages: the licence of each package.
        project: `name`, `version` and `license` of the project itself.
    """
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": "project", "type": "application", "name": project["name"], "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": [_describe(package, packages[package]) for package in sorted(packages)],
    }  # fmt: skip
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


def _describe(package: Package, licence: str) -> dict[str, object]:
    """Returns the component of a package.  Each hash is that of one of the files of the version."""
    address = f"pkg:pypi/{package.name}@{package.version}"
    described: dict[str, object] = {
        "bom-ref": address, "type": "library", "name": package.name, "version": package.version, "purl": address,
        "licenses": [{"expression": licence}],
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }  # fmt: skip
    if package.marker:
        described["properties"] = [{"name": "python:environment_marker", "value": package.marker}]
    return described


def main(arguments: list[str]) -> int:
    """Checks the licences and writes the bill of materials.  Returns 2 if a licence is refused."""
    [out] = map(Path, arguments)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        packages = find_licences(read_lock(LOCK), read_licences())
    except InputRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(build_bill(packages, project), encoding="utf-8")
    sys.stdout.write(f"{out}: {len(packages)} packages, every licence is allowed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
