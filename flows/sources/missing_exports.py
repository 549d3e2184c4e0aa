"""Describes an export that is not there: where it was expected, and what names that place."""

import os
from pathlib import Path

from flows.files.locations import redact_url
from flows.sources.named_mappings import list_named_mappings
from schemas.period import Period


def fill_placeholders(location: str, period: Period, agency: str | None) -> str:
    """Returns a location with its placeholders replaced by the month and the agency."""
    return location.replace("{period}", str(period)).replace("{agency}", agency or "")


def describe_missing_export(
    location: str, months: tuple[Period, Period], agency: str | None, source: str, place: str | None
) -> str:
    """Returns the sentence about exports that are not where they are expected.

    Args:
        location: where the exports are; may contain {agency} and {period}.
        months: the first and the last month, none of which has an export.
        agency: the agency; None if it may be any.
        source: the name or path of the mapping, or the directory of a plain export.
        place: the location that replaces the one of the mapping; None if there is none.
    """
    first, last = months
    filled = fill_placeholders(location, first, agency or "*")
    shown = redact_url(filled) if "://" in filled else os.path.normpath(filled)
    named = f"{first}; check the month" if first == last else f"{first} or a later month up to {last}; check the months"
    return f"{shown}: there is no export of {named}, and {_name_place(source, place)}"


def _name_place(source: str, place: str | None) -> str:
    """Returns what names the location of a source's exports."""
    if place:
        return "--input (`input_folder` of a deployment)"
    mapping = list_named_mappings().get(source, Path(source))
    if mapping.suffix == ".toml" and mapping.is_file():
        return f"the location of the mapping {mapping}"
    return "--source (`source` of a deployment)"
