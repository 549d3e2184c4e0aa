"""Loads the templates of a page: all values are escaped, and the page may use only its own style and script."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup, escape

from flows.reports.html_templates import load_templates
from flows.reports.run_page.wording import format_number, format_percent, name_month
from transforms.tables.printable import printable

_FOLDER = Path(__file__).parent
_BACKTICKS = re.compile("`([^`]*)`")


@cache
def load_template(name: str) -> Template:
    """Returns a template of this package."""
    environment = load_templates(_FOLDER)
    environment.filters |= {
        "number": format_number,
        "percent": format_percent,
        "month": name_month,
        "code": _mark_code,
        "capitalize_first": lambda text: f"{text[:1].upper()}{text[1:]}",
    }
    return environment.get_template(name)


@cache
def read_inline(name: str) -> Markup:
    """Returns a style sheet or a script of this package, which is not escaped."""
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))


def hash_inline(text: str) -> str:
    """Returns the hash by which the page allows its own style and script, and no other."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _mark_code(text: str) -> Markup:
    """Returns a sentence with what is between backticks as code; everything in it is escaped."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(printable(text)))))
