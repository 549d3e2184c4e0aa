"""Years of made-up exports: agencies whose clients come, change, leave, vanish, and move."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from schemas.dataset import ENTITIES, TABLE, Entity
from schemas.period import Period
from tests.rules.world import Edit, World, columns_of

FIRST = Period(2023, 4)
SOURCE = "{agency}/{period}"


def months(number: int) -> tuple[Period, ...]:
    """So many months from the first on."""
    return FIRST.until(Period(FIRST.year + (FIRST.month + number - 2) // 12, (FIRST.month + number - 2) % 12 + 1))


def agency(place: int) -> str:
    """The code of an agency."""
    return f"L{place + 1:04}"


def write_history(folder: Path, agencies: int, number_of_months: int, clients: int) -> Path:
    """Writes an export for each agency and month."""
    for place in range(agencies):
        for number, month in enumerate(months(number_of_months)):
            write_month(folder / agency(place) / str(month), place, number, clients, agencies)
    return folder


def write_month(folder: Path, place: int, number: int, clients: int, agencies: int) -> None:
    """Writes what an agency has in the month with this number."""
    folder.mkdir(parents=True, exist_ok=True)
    records: dict[Entity, list[dict[str, str]]] = {entity: [] for entity in ENTITIES}
    for world_number, world in _worlds(place, number, clients, agencies):
        for entity in ENTITIES:
            records[entity] += world.records(entity, world_number)
    for entity in ENTITIES:
        table = pl.DataFrame(records[entity], schema=dict.fromkeys(columns_of(entity), pl.String))
        table.write_csv(folder / f"{TABLE[entity]}.csv")


def _worlds(place: int, number: int, clients: int, agencies: int) -> Iterator[tuple[int, World]]:
    for client in range(clients):
        world_number = place * 10_000 + client
        begun = client % 3
        if number < begun or (client % 13 == 7 and number > begun + 2):
            continue  # not there yet, or vanished without a word
        if _is_incomplete(place, number) and client % 3:
            continue  # most of the export is missing: the file is blocked
        edit = {"AGNCY": agency(place)} | dict(_edit(client, number, begun))
        yield world_number, World(edit=edit, interventions=_of_months(client, number))
    if _is_incomplete(place, number) and agencies > 1:
        # Another agency's episode turns up here too.
        yield 1, World(edit={"AGNCY": agency(place)})


def _of_months(client: int, number: int) -> tuple[Edit, ...]:
    """An intervention that started in each month, for a few clients: an export without a date of its month is stale."""
    if client % 70 != 13:
        return ()
    return tuple({"MODID": f"N@-{start}", "MODST": f"{month}-03"} for start, month in enumerate(months(number + 1)))


def _is_incomplete(place: int, number: int) -> bool:
    """Returns whether most of the export of this month is missing."""
    return (place, number) == (1, 2)


def _edit(client: int, number: int, begun: int) -> Edit:
    if client % 7 == 1:
        return {"HOUSING": str(1 + number % 3), "RELIGION": "ABC"[number % 3]}
    if client % 7 == 2 and number == begun:
        return {"DOB": "31/02/1980"}  # put right the month after
    if client % 7 == 3 and number > begun:
        return {"SEX": "F", "TRIAGED": "2023-01-06"}
    if client % 7 == 4:
        return {"MODEND": "2023-02-01"} if number % 2 else {}
    if client % 7 == 5 and number > begun + 1:
        return {"CONSENT": "N"}
    return {}
