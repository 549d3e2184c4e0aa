"""Source values that match no code, with the labels that are spelt most like them and the line for the mapping."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import tomlkit

from flows.reports.run_page.queries import Row
from schemas.code_lists import CodeList, CodeLists
from schemas.dataset import TABLE, get_field
from schemas.rule import Owner

_MOST_LABELS, _LEAST_LIKENESS, _LONGEST = 3, 0.6, 120
# A label is proposed for the mapping only if it is nearly the value, with the same numbers.
_LEAST_PROPOSED = 0.8
_NUMBER = re.compile("[0-9]+")
# A list that is longer than this is not searched for each value, because a report must not wait for it.
_LONGEST_LIST = 400


@dataclass(frozen=True)
class Unmatched:
    """A value of a field: its records, first month, who corrects it, nearest labels, and the lines for the mapping."""

    field: str
    title: str
    value: str
    records: int
    since: str
    owner: Owner
    labels: tuple[str, ...]
    table: str
    line: str


def list_unmatched(rows: list[Row], lists: CodeLists, not_official: Collection[str]) -> list[Unmatched]:
    """Returns the values of the view `unmapped` with what they may mean.

    Args:
        rows: the rows of the query `unmapped`.
        lists: the code lists of the month.
        not_official: the names of the lists that were not the official ones in the run.
    """
    return [_describe(row, lists, not_official) for row in rows]


def _describe(row: Row, lists: CodeLists, not_official: Collection[str]) -> Unmatched:
    field, value = get_field(row["field"]), str(row["value"])
    code_list = lists[field.code_list] if field.code_list else CodeList(field.header)
    labels = find_nearest_labels(value, code_list)
    # A postcode has no code; its sector is missing from the directory.
    has_line = field.kind == "code"
    return Unmatched(
        field.header,
        field.title,
        value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…",
        row["records"],
        row["since"],
        # The official list may have the value, and it shows what the mapping may map to.
        "conversion" if has_line and field.code_list not in not_official else "reference",
        labels,
        f"[{TABLE[field.entity]}.codes.{field.header}]" if has_line else "",
        _format_line(value, labels) if has_line else "",
    )


def find_nearest_labels(value: str, code_list: CodeList) -> tuple[str, ...]:
    """Returns up to three labels of a list that are spelt most like a value, the nearest first."""
    if len(code_list.codes) > _LONGEST_LIST or len(value) > _LONGEST:
        return ()
    likeness: Mapping[str, float] = {
        code.label: max(_compare(value, name) for name in code.names if name) for code in code_list.codes if code.label
    }
    near = [label for label, score in likeness.items() if score >= _LEAST_LIKENESS]
    return tuple(sorted(near, key=lambda label: (-likeness[label], label))[:_MOST_LABELS])


def _compare(value: str, name: str) -> float:
    """Returns how alike two texts are, from 0 to 1, without regard to case and to the order of words."""
    one, other = (" ".join(sorted(text.casefold().split())) for text in (value, name))
    matcher = SequenceMatcher(None, one, other)
    # The cheap upper bounds first: most labels are nothing like the value.
    is_like = matcher.real_quick_ratio() >= _LEAST_LIKENESS and matcher.quick_ratio() >= _LEAST_LIKENESS
    return matcher.ratio() if is_like else 0.0


def _format_line(value: str, labels: tuple[str, ...]) -> str:
    """Returns the line of a mapping for a value; a comment with the label left to fill in where none is the same."""
    key = tomlkit.string(value).as_string()
    if labels and _is_same(value, labels[0]):
        return f"{key} = {tomlkit.string(labels[0]).as_string()}"
    return f'# {key} = "the label that it means"'


def _is_same(value: str, label: str) -> bool:
    # '1 to 2 years' is spelt like '2 to 3 years' and means something else.
    return _compare(value, label) >= _LEAST_PROPOSED and _NUMBER.findall(value) == _NUMBER.findall(label)
