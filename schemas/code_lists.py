"""Defines code lists: the codes a field may hold, what they mean, and how reliable a list is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Status = Literal["published", "provisional", "partial"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Code:
    """One code of a list: its label and aliases, its meaning (concept) and the days on which it is valid."""

    code: str
    label: str
    concept: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The label and the aliases."""
        return (self.label, *self.aliases)

    def is_valid_on(self, day: date) -> bool:
        """Returns whether the code is valid on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class CodeList:
    """The codes in force of one list, with the list's status and source.

    A list without codes checks nothing, whatever its status.
    """

    name: str
    status: Status = "partial"
    source: str = ""
    codes: tuple[Code, ...] = ()
    # Not compared, because loading the same list on another day changes nothing.
    loaded: str = field(default="", compare=False)

    def on(self, day: date) -> "CodeList":
        """Returns the same list with only the codes that are valid on this day."""
        valid = tuple(code for code in self.codes if code.is_valid_on(day))
        return CodeList(self.name, self.status, self.source, valid, self.loaded)

    def find_codes_meaning(self, concepts: Iterable[str]) -> tuple[str, ...]:
        """Returns the codes whose concept is one of these."""
        wanted = frozenset(concepts)
        return tuple(code.code for code in self.codes if code.concept in wanted)

    @property
    def is_published(self) -> bool:
        """Whether a value outside the list is an error and is sent as blank."""
        return self.status == "published" and bool(self.codes)

    @property
    def checks(self) -> bool:
        """Whether a value outside the list is reported."""
        return self.status != "partial" and bool(self.codes)


@dataclass(frozen=True)
class CodeLists:
    """All lists in force for one submission."""

    lists: Mapping[str, CodeList]

    def __getitem__(self, name: str) -> CodeList:
        """Returns the list with this name, or an empty list if there is no such list."""
        # An empty list checks nothing, so a missing list acts like a partial one.
        return self.lists.get(name, CodeList(name))

    def on(self, day: date) -> "CodeLists":
        """Returns every list as valid on this day (the last day of the period)."""
        return CodeLists({name: code_list.on(day) for name, code_list in self.lists.items()})

    def find_not_published(self, names: Iterable[str]) -> tuple[str, ...]:
        """Returns which of these lists are provisional, partial, empty or missing, sorted."""
        return tuple(sorted({name for name in names if not self[name].is_published}))
