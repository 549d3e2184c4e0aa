"""Plain exports that are written in a moment, for tests that start the command many times."""

from pathlib import Path

CLIENTS = 20


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
