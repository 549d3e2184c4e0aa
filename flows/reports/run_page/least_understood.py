"""The fields whose values are understood least, which a reader of the cards would miss: most cost no intervention."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.reports.run_page.queries import Parts
from schemas.dataset import get_field

MOST_FIELDS = 3
# Below this share of the values that are filled in, a field is named.
_LEAST_SHARE = 0.9


@dataclass(frozen=True)
class LeastUnderstood:
    """A field: its header and title, the values that are filled in, and how many of them were understood."""

    header: str
    title: str
    populated: int
    understood: int


def list_least_understood(parts: Parts) -> list[LeastUnderstood]:
    """Returns up to three fields of the month whose values were understood least, the least first."""
    fields = sorted(_list_fields(parts), key=lambda field: (field.understood / field.populated, -field.populated))
    return [field for field in fields if field.understood < _LEAST_SHARE * field.populated][:MOST_FIELDS]


def _list_fields(parts: Parts) -> Iterator[LeastUnderstood]:
    period = parts["months"][-1]["period"]
    for row in parts["completeness"]:
        if row["period"] == period and row["populated"]:
            title = get_field(row["field"]).title
            yield LeastUnderstood(row["field"], title, row["populated"], row["understood"])
