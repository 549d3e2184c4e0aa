"""Lists what is in force for a home, and where each value comes from: settings, variables, sources, reference data.

A variable that may be secret is shown as `set`. `ndtms settings` prints the list.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from flows.files.locations import redact_url
from flows.pipeline.settings import SETTINGS_FILE, merge_settings, read_settings, read_settings_file
from flows.reference.in_force import SHIPPED_LISTS, load_reference_in_force, read_loaded_lists
from flows.reference.numbered_files import find_newest
from flows.sources.deployments import find_deployment_file
from flows.sources.mapping_files import find_extended
from flows.sources.named_mappings import SOURCES_DIRECTORY, find_site_sources, list_named_mappings
from flows.support.errors import InputRefused
from flows.support.fingerprint_key import KEY_FILE
from flows.support.prefect_server import find_server_url
from flows.support.site import VARIABLE as SITE_VARIABLE
from flows.support.site import find_site
from schemas.dataset import DATASET_DIRECTORY

DEFAULT = "default"
_SET = "set"
# The variables whose value is no secret. Those of file systems, keys and databases are shown as `set`.
_SHOWN_VARIABLES = (
    "NDTMS_HOME", SITE_VARIABLE, "NDTMS_LOG", "NDTMS_METRICS", "NDTMS_SNAPSHOT", "PREFECT_HOME",
    "PREFECT_SERVER_API_HOST", "PREFECT_SERVER_API_PORT",
)  # fmt: skip
_PREFIXES = ("NDTMS_", "PREFECT_")
_Row = tuple[str, str, str]


def list_in_force(home: Path, home_origin: str) -> pl.DataFrame:
    """Returns a row for each setting: its name, its value as text, and its origin.

    Args:
        home: the home whose settings and reference data are listed.
        home_origin: where the path of the home comes from, such as `NDTMS_HOME`.

    Raises:
        InputRefused: the site, a file of settings or the reference data is wrong.
    """
    site = find_site()
    rows: list[_Row] = [
        ("home", str(home), home_origin),
        ("site", str(site) if site else "", SITE_VARIABLE if site else DEFAULT),
        *_list_settings(home, site),
        *_list_sources(),
        ("deployments", _show_file(find_deployment_file()), "site" if site else "project"),
        *_list_reference(home),
        ("fingerprint key", _SET if (home / KEY_FILE).is_file() else "not set", str(home / KEY_FILE)),
        _describe_server(),
        *_list_variables(),
    ]
    return pl.DataFrame(rows, schema=["setting", "value", "origin"], orient="row")


def _list_settings(home: Path, site: Path | None) -> Iterator[_Row]:
    """Yields the settings, one row for each key of a table."""
    origins: dict[str, str] = {}
    for path in filter(None, (site and site / SETTINGS_FILE, home / SETTINGS_FILE)):
        # Later files replace what earlier ones set.
        origins |= dict.fromkeys(_flatten(read_settings_file(path)), str(path))
    given = set(_flatten(merge_settings(home)))
    for name, value in _flatten(read_settings(home).model_dump(mode="json")).items():
        yield name, _show_value(value), origins[name] if name in given else DEFAULT


def _flatten(content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the keys of nested tables as `table.key`; a table without keys stays a key."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, dict) and value:
            flat |= {f"{name}.{key}": member for key, member in value.items()}
        else:
            flat[name] = value
    return flat


def _show_value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "none" if value == {} else str(value)


def _list_sources() -> Iterator[_Row]:
    """Yields the mappings that can be named, each with its file."""
    site = find_site_sources()
    for name, path in list_named_mappings().items():
        is_of_site = path.parent == site
        is_doubled = is_of_site and (SOURCES_DIRECTORY / path.name).is_file()
        origin = "site" if is_of_site else "project"
        yield f"source {name}", str(path), origin + _describe_relation(path, is_doubled=is_doubled)


def _describe_relation(path: Path, *, is_doubled: bool) -> str:
    """Returns whether a mapping extends another one or replaces a shipped one; blank if it does neither."""
    try:
        extended = find_extended(path)
    except InputRefused:
        # The other settings are shown nevertheless.
        return ", has a mistake"
    if extended:
        return f", extends {extended}"
    return ", replaces the one of the project" if is_doubled else ""


def _list_reference(home: Path) -> Iterator[_Row]:
    """Yields the reference data in force, each with the file it comes from."""
    reference, loaded = load_reference_in_force(home), read_loaded_lists(home)
    lists_file = find_newest(home, "code-lists", ".json")
    own = [name for name in sorted(loaded) if name in reference.list_digests]
    yield "code lists of the project", str(len(reference.list_digests) - len(own)), str(SHIPPED_LISTS)
    if own and lists_file:
        yield "code lists that were loaded", ", ".join(own), str(lists_file)
    yield "postcode directory", reference.directory_name, str(reference.directory_path)
    form = find_newest(home, "file-format", ".json") or DATASET_DIRECTORY / "file-format.toml"
    yield "file format", reference.file_format.name, str(form)


def _describe_server() -> _Row:
    """Returns the address of Prefect's server without a user, a password or a query."""
    url, origin = find_server_url()
    return "Prefect server", redact_url(url), origin or DEFAULT


def _list_variables() -> Iterator[_Row]:
    """Yields the variables of the environment that change what the program or Prefect does."""
    for name in sorted(os.environ):
        if name.startswith(_PREFIXES) and name != "PREFECT_API_URL":
            yield f"variable {name}", os.environ[name] if name in _SHOWN_VARIABLES else _SET, "environment"


def _show_file(path: Path) -> str:
    return str(path) if path.is_file() else ""
