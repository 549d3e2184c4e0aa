"""Reads advisories in the OSV format from a file: https://ossf.github.io/osv-schema/."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.support.errors import InputRefused

Record = dict[str, Any]


def read_advisories(path: Path) -> list[Record]:
    """Returns the advisories of a JSON file, a ZIP file or a directory of JSON files, without withdrawn ones.

    Raises:
        InputRefused: there is no such file, it cannot be read, it is not in the OSV format, or it has no advisory for
            PyPI: then nothing would be compared.
    """
    records = [record for name, text in _read_texts(path) for record in _parse_records(name, text)]
    if not any(affected["package"]["ecosystem"] == "PyPI" for record in records for affected in list_affected(record)):
        raise InputRefused(f"{path} has no advisory for packages of PyPI; download the file for PyPI from osv.dev.")
    return [record for record in records if "withdrawn" not in record]


def list_affected(record: Record) -> list[Record]:
    """Returns what a record is about, without entries that name a commit instead of a package."""
    return [affected for affected in record.get("affected", []) if "package" in affected]


def _read_texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yields the name and the content of each JSON file."""
    try:
        if path.is_dir():
            for file in sorted(path.rglob("*.json")):
                yield str(file), file.read_bytes()
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if name.endswith(".json"):
                        yield f"{path}, {name}", archive.read(name)
        else:
            yield str(path), path.read_bytes()
    except (OSError, zipfile.BadZipFile) as error:
        raise InputRefused(
            f"{path} cannot be read ({type(error).__name__}); allowed: a JSON file, a ZIP file or a directory of JSON "
            "files with advisories in the OSV format."
        ) from None


def _parse_records(name: str, text: bytes) -> list[Record]:
    try:
        parsed = json.loads(text)
    except ValueError:
        raise InputRefused(f"{name} is not JSON; allowed: one advisory in the OSV format, or a list of them.") from None
    records = parsed if isinstance(parsed, list) else [parsed]
    for number, record in enumerate(records, start=1):
        if not _is_record(record):
            raise InputRefused(
                f"{name}, record {number} is not an advisory in the OSV format: it needs an `id`, and each entry of "
                "`affected` a package with an ecosystem and a name, and ranges with events."
            )
    return records


def _is_record(record: object) -> bool:
    """Returns whether the parts of a record that are compared have the types of the format."""
    try:
        return (
            isinstance(record, dict) and isinstance(record["id"], str) and all(map(_is_affected, list_affected(record)))
        )
    except (KeyError, TypeError, AttributeError):
        return False


def _is_affected(affected: Record) -> bool:
    package = affected["package"]
    texts = [package["ecosystem"], package["name"], *affected.get("versions", [])]
    for span in affected.get("ranges", []):
        texts.append(span["type"])
        texts += [text for event in span["events"] for text in event.values()]
    return all(isinstance(text, str) for text in texts)
