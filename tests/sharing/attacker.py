"""Somebody who has a shared page and calculates what it hides, without the code that hides it.

A plain reference: the page is read as text, and every possibility is tried.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product

SMALL = (1, 2, 3, 4)
# A count that is not shown may be higher, but no higher one makes a lower one impossible.
_HIGHEST = 9
ENTITIES = ("clients", "episodes", "interventions")
_RANGES: Mapping[str, Callable[..., tuple[int, int]]] = {
    r"less than (\d+)%": lambda below: (0, int(below)),
    r"(\d+)% to less than (\d+)%": lambda least, below: (int(least), int(below)),
    r"(\d+)% or more": lambda least: (int(least), 101),
}


@dataclass
class SharedPage(HTMLParser):
    """The texts of a page, and its tables as rows of cells."""

    page: str
    headline: str = ""
    texts: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    bars: list[float] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Starts a row or a cell, and notes the length of a part of a bar."""
        attributes = dict(attrs)
        self._open.append(f"{tag} {attributes.get('class')}")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "rect" and attributes.get("y") == "0":
            self.bars.append(float(attributes["width"] or 0))

    def handle_data(self, data: str) -> None:
        """Adds a text to the cell or to the headline that it is in."""
        if self._open and self._open[-1].split()[0] in ("style", "script"):
            return
        self.texts.append(data)
        if any(tag.split()[0] in ("td", "th") for tag in self._open):
            self.rows[-1][-1] += data
        if "p headline" in self._open:
            self.headline += data

    def handle_endtag(self, tag: str) -> None:
        """Ends the element, and those in it that have no end."""
        while self._open and self._open.pop().split()[0] != tag:
            pass

    @property
    def outcomes(self) -> dict[str, list[str]]:
        """The cells of each entity: sent, rejected, withheld and the total."""
        return {row[0]: row[1:] for row in self.rows if row[0] in ENTITIES}

    @property
    def faults(self) -> list[int]:
        """The least number of interventions of each fault."""
        return [
            _read(row[2].removesuffix(" or more")) for row in self.rows if row[-1].endswith("more") and len(row) == 3
        ]

    @property
    def completeness(self) -> dict[str, list[tuple[int, int]]]:
        """The ranges of the percentages of an entity's fields: from the first up to, but not including, the second."""
        found: dict[str, list[tuple[int, int]]] = {}
        entity = ""
        for row in self.rows:
            entity = row[0].lower() if len(row) == 1 else entity
            for pattern, build in _RANGES.items():
                if len(row) == 2 and (match := re.fullmatch(pattern, row[1])):
                    found.setdefault(entity, []).append(build(*match.groups()))
        return found


def _read(cell: str) -> int:
    return int(cell.replace(",", ""))


def _list_values(cell: str) -> Sequence[int]:
    """Returns the values that a cell may have."""
    if cell == "under 5":
        return SMALL
    return range(_HIGHEST) if cell == "not shown" else [_read(cell)]


def list_possible(cells: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Yields the outcomes (sent, rejected, withheld) that agree with the cells of an entity."""
    for outcomes in product(*(_list_values(cell) for cell in cells[:3])):
        if cells[3] == "not shown" or sum(outcomes) == _read(cells[3]):
            yield outcomes


def find_possible_counts(page: SharedPage) -> dict[tuple[str, int], set[int]]:
    """Returns the values that each hidden count may have, by entity and number of the outcome.

    Every client that is sent has an episode that is sent, and every such episode an intervention that is sent.
    """
    possible = {entity: list(list_possible(cells)) for entity, cells in page.outcomes.items()}
    found: dict[tuple[str, int], set[int]] = {}
    for client, episode, intervention in product(*(possible[entity] for entity in ENTITIES)):
        if client[0] <= episode[0] <= intervention[0]:
            for entity, outcomes in zip(ENTITIES, (client, episode, intervention), strict=True):
                for place, value in enumerate(outcomes):
                    if page.outcomes[entity][place] == "under 5":
                        found.setdefault((entity, place), set()).add(value)
    return found
