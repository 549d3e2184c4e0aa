"""Recognises the headings of lists and of columns in a published document; never by resemblance."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from schemas.dataset import OTHER_HEADERS, list_fields

# Common names for the columns of a published table, in order of preference.
CODE_NAMES = ("code", "value", "permissible value", "reference code", "id")
LABEL_NAMES = ("label", "description", "text", "reference data", "meaning", "name", "definition")
# Columns that are not read.
_OTHER_NAMES = ("comments", "comment", "definition", "definitions", "notes", "note", "guidance", "description")

_NUMBER = re.compile(r"^(?:(?:appendix|annex|section|table)\s+)?(?:[a-z]|[0-9]+(?:\.[0-9]+)*)(?:\s*[:.)–—-]\s*|\s+)")
_IN_BRACKETS = re.compile(r"\(([A-Z][A-Z0-9]*)((?:\s*[/,]\s*[A-Z0-9]+)*)\)$")
_HEADER_FIRST = re.compile(r"^([A-Z][A-Z0-9]+)(?:\s*[:–—-]\s*(.+))?$")
_LAST_WORDS = re.compile(r"\s*(?:\(continued\)|definitions?|code list|codes?|reference data|list)$")


@dataclass(frozen=True)
class Columns:
    """The positions of the columns of a table of codes, counted from 0."""

    code: int
    label: int


def find_columns(headers: Sequence[str]) -> Columns | None:
    """Returns which columns of a table are the code and the text; None if either is missing."""
    names = [" ".join(header.lower().split()) for header in headers]
    code = next((names.index(name) for name in CODE_NAMES if name in names), None)
    label = next((names.index(name) for name in LABEL_NAMES if name in names), None)
    return None if code is None or label is None else Columns(code, label)


def is_column_name(name: str) -> bool:
    """Returns whether a text is a common name of a column of a published table."""
    return name.lower() in {*CODE_NAMES, *LABEL_NAMES, *_OTHER_NAMES}


def find_named_list(heading: str) -> str | None:
    """Returns the code list that a heading names by its header or its title; None if it names no list, or several.

    Recognised are `ETHNIC`, `Ethnicity`, `Ethnicity (ETHNIC)`, `ETHNIC - ethnicity`, `Appendix A: ethnicity
    definitions` and `What help do the children receive? (EHCS1/2/3)`.
    """
    text = re.sub(r"\s*\(continued\)$", "", " ".join(heading.split()).rstrip(" :."), flags=re.IGNORECASE)
    names: set[str | None] = set()
    if match := _IN_BRACKETS.search(text):
        # In `EHCS1/2/3` the parts after the first are only the ends of the headers.
        more = [part.strip() for part in re.split(r"[/,]", match[2]) if part.strip() and not part.strip().isdigit()]
        names |= {_find_by_header(header) for header in (match[1], *more)}
        text = text[: match.start()].strip()
        names |= _find_by_title(text)
    elif (match := _HEADER_FIRST.search(text)) and _find_by_header(match[1]):
        names.add(_find_by_header(match[1]))
        names |= _find_by_title(match[2] or "")
    else:
        names = {*_find_by_title(text)}
    return names.pop() if len(names) == 1 else None


def _find_by_header(header: str) -> str | None:
    lists = {field.header: field.code_list for field in list_fields()}
    return lists.get(OTHER_HEADERS.get(header, header)) or (header if header in lists.values() else None)


def _find_by_title(text: str) -> set[str]:
    """Returns the lists whose field has this title, or its plural, with or without `Appendix A:` or `definitions`."""
    lowered = text.lower()
    found: set[str] = set()
    for bare in (lowered, _NUMBER.sub("", lowered)):
        shorter = _LAST_WORDS.sub("", bare)
        titles = {bare, shorter, bare.removesuffix("s"), shorter.removesuffix("s")}
        found |= {name for title in titles for name in _list_by_title().get(title, ())}
    return found


@cache
def _list_by_title() -> dict[str, frozenset[str]]:
    """Returns the lists of each title; `disability 1` is also known as `disability`."""
    lists: dict[str, set[str]] = {}
    for field in list_fields():
        if field.code_list:
            title = field.title.lower()
            for name in {title, re.sub(r" [0-9]+$", "", title)}:
                lists.setdefault(name, set()).add(field.code_list)
    return {title: frozenset(names) for title, names in lists.items()}
