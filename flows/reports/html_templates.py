"""Loads the templates of the HTML pages: every value is escaped, and a control character in it has no effect."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from transforms.tables.printable import printable


def load_templates(folder: Path) -> Environment:
    """Returns the templates of a folder.

    The values come from an export, so Jinja escapes all of them and fails on a name that is not defined.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _escape_controls(value: Any) -> Any:
    """Returns a text without control characters, and any other value unchanged."""
    # A subclass of str is markup of a template, which was escaped before.
    return printable(value) if type(value) is str else value
