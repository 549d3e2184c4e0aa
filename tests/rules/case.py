"""One row of a rule's table: a situation, the world it is about, and the records the rule must report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from tests.rules.world import Edit, World

Situation = Literal["breached", "near_miss", "blank", "not_understood", "not_applicable"]
SITUATIONS: Final[tuple[Situation, ...]] = get_args(Situation)
# A record by its place among those of the rule's entity; of its second entity, such as `episode 0`.
Place = int | str
Lists = Literal["shipped", "published", "partial", "all_partial"]


@dataclass(frozen=True)
class Case:
    """A situation of a rule.

    `reported` are the places, among the world's records of the rule's entity, of those the rule must report: all
    others it must not.  `was` is the world as the latest submission sent it, `before` as the one before that did;
    None where it was not in it.  `elsewhere` are the EPISODIDs that another agency sent last.
    """

    rule: str
    situation: Situation
    name: str
    world: World
    reported: frozenset[Place]
    lists: Lists = "shipped"
    was: World | None = None
    before: World | None = None
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """What a table has for one situation; `reported` is None where the situation itself implies it."""

    world: World | Edit
    reported: tuple[Place, ...] | None = None
    lists: Lists = "shipped"
    was: World | Edit | None = None
    before: World | Edit | None = None
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True)
class Never:
    """A situation that cannot exist for a rule, and why."""

    reason: str


Cell = Row | World | Edit | Never | Sequence[Row | World | Edit]


def reported(
    world: World | Edit,
    *places: Place,
    lists: Lists = "shipped",
    was: World | Edit | None = None,
    before: World | Edit | None = None,
    elsewhere: tuple[str, ...] = (),
) -> Row:
    """A row whose records at these places the rule must report (by default the first)."""
    return Row(world, places or (0,), lists, was, before, elsewhere)


def kept(
    world: World | Edit,
    *,
    lists: Lists = "shipped",
    was: World | Edit | None = None,
    before: World | Edit | None = None,
    elsewhere: tuple[str, ...] = (),
) -> Row:
    """A row of which the rule must report no record."""
    return Row(world, (), lists, was, before, elsewhere)


class Tables:
    """The tables of rules as they are written down."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.never: dict[tuple[str, Situation], str] = {}

    def rule(
        self, name: str, *, breached: Cell, near_miss: Cell, blank: Cell, not_understood: Cell, not_applicable: Cell
    ) -> None:
        """Takes in the table of one rule."""
        cells: Mapping[Situation, Cell] = {
            "breached": breached,
            "near_miss": near_miss,
            "blank": blank,
            "not_understood": not_understood,
            "not_applicable": not_applicable,
        }
        for situation, cell in cells.items():
            if isinstance(cell, Never):
                self.never[name, situation] = cell.reason
            else:
                self.cases += _cases(name, situation, cell if isinstance(cell, Sequence) else [cell])


def _cases(rule: str, situation: Situation, rows: Iterable[Row | World | Edit]) -> Iterable[Case]:
    for number, given in enumerate(rows, start=1):
        row = given if isinstance(given, Row) else Row(given)
        places = row.reported if row.reported is not None else ((0,) if situation == "breached" else ())
        yield Case(
            rule,
            situation,
            f"{rule}-{situation}" + (f"-{number}" if number > 1 else ""),
            _world(row.world),
            frozenset(places),
            row.lists,
            None if row.was is None else _world(row.was),
            None if row.before is None else _world(row.before),
            row.elsewhere,
        )


def _world(given: World | Edit) -> World:
    return given if isinstance(given, World) else World(given)
