"""Plain exports for tests: of small worlds, or of twenty clients in plain text."""

from pathlib import Path

import polars as pl

from schemas.dataset import ENTITIES, TABLE
from tests.rules.world import World, columns_of

CLIENTS = 20

# The first client is sent with two interventions; the second is rejected for a day of birth that does not exist.
TWO_CLIENTS = (World(interventions=({"MODID": "N@"},)), World(edit={"DOB": "31/02/1980"}))
# Nothing can be sent without consent, so the run is blocked.
ONE_WITHOUT_CONSENT = (World(edit={"CONSENT": "N"}),)


def write_export(folder: Path, *worlds: World) -> Path:
    """Writes a plain export of small worlds.

    Args:
        folder: where to; it is made if it is missing, and earlier tables in it are replaced.
        worlds: the worlds, numbered from 0.

    Returns:
        The folder.
    """
    folder.mkdir(exist_ok=True)
    for entity in ENTITIES:
        records = [record for number, world in enumerate(worlds) for record in world.records(entity, number)]
        table = pl.DataFrame(records, schema=dict.fromkeys(columns_of(entity), pl.String))
        table.write_csv(folder / f"{TABLE[entity]}.csv")
    return folder


def write_small_export(folder: Path, housing: str = "1", faults: tuple[int, ...] = ()) -> Path:
    """A plain export of twenty clients with an episode and an intervention each.

    Args:
        folder: where to; it is made.
        housing: the code that all episodes have in HOUSING, so that two exports differ.
        faults: the numbers of clients without SEX, which are rejected.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True)
    clients = ["CLIENTID,FORENAME,SURNAME,DOB,SEX,AGNCY"]
    episodes = ["EPISODID,CLIENTID,CMSID,CONSENT,PC,INTRCPTD,RECPDT,TRIAGED,DRUG1,HOUSING"]
    interventions = ["MODID,EPISODID,MODAL,MODST"]
    for number in range(1, CLIENTS + 1):
        sex = "" if number in faults else "F"
        clients.append(f"C{number},Ann,Ash,1980-01-{number:02},{sex},L0001")
        episodes.append(f"E{number},C{number},Test 1,Y,NR14 7UJ,2023-01-02,2023-01-02,2023-01-05,1011,{housing}")
        interventions.append(f"M{number},E{number},OTHER-STRUCTURED,2023-01-09")
    for name, lines in (("clients", clients), ("episodes", episodes), ("interventions", interventions)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
