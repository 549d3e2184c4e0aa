"""Code lists: which codes a field may hold, what they mean, and how much a list may be relied on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Status = Literal["published", "provisional", "partial"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Code:
    """One code of a list, its label, its meaning (concept) and the days it is valid on."""

    code: str
    label: str
    concept: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the code counts on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class CodeList:
    """The codes of one list that are in force, and the list's status and source.

    A list with no code at all checks nothing, whatever its status says.
    """

    name: str
    status: Status = "partial"
    source: str = ""
    codes: tuple[Code, ...] = ()
    loaded: str = field(default="", compare=False)

    def on(self, day: date) -> "CodeList":
        """The same list with the codes alone that are valid on this day."""
        valid = tuple(code for code in self.codes if code.is_valid_on(day))
        return CodeList(self.name, self.status, self.source, valid, self.loaded)

    def codes_meaning(self, concepts: Iterable[str]) -> tuple[str, ...]:
        """The codes whose concept is one of these."""
        wanted = frozenset(concepts)
        return tuple(code.code for code in self.codes if code.concept in wanted)

    @property
    def is_published(self) -> bool:
        """Whether a value outside the list is an error and is sent as blank."""
        return self.status == "published" and bool(self.codes)

    @property
    def checks(self) -> bool:
        """Whether a value outside the list is told at all."""
        return self.status != "partial" and bool(self.codes)


@dataclass(frozen=True)
class CodeLists:
    """All lists in force for one submission."""

    lists: Mapping[str, CodeList]

    def __getitem__(self, name: str) -> CodeList:
        """The list of this name; an empty one where there is none."""
        return self.lists.get(name, CodeList(name))

    def on(self, day: date) -> "CodeLists":
        """Every list as it is valid on this day (the last of the period)."""
        return CodeLists({name: each.on(day) for name, each in self.lists.items()})

    def not_published(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these lists that are provisional, partial, empty or absent, in order."""
        return tuple(sorted({name for name in names if not self[name].is_published}))
