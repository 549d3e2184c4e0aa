"""A small world: the fault-free records of one client, and the same records with something edited.

Everything is text, as a plain export has it.  In every text `@` means the number of the world, so that
many worlds make up one export and no record of one meets a record of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from schemas.dataset import ENTITIES, Entity, list_entity_fields

Edit = Mapping[str, str]
Record = dict[str, str]

# Columns that a plain export may have in addition to the fields of the dataset, and those it brings instead.
BESIDE_FIELDS: Final[dict[Entity, tuple[str, ...]]] = {
    "client": ("FORENAME", "SURNAME"),
    "episode": ("CLIENTID", "NFA_UTLA", "AGNCY"),
    "intervention": ("EPISODID",),
}
NAMED_INSTEAD = ("FINITIAL", "SINITIAL")

NO_DATE = "31/02/2023"
UNKNOWN = "QQQ"
MAINTENANCE = "OPIOID-MAINTENANCE-METHADONE"
REDUCTION = "OPIOID-REDUCTION-METHADONE"
REINDUCTION = "OPIOID-REINDUCTION"
# A secure setting: it is in no shipped list, and in the list EXITDEST that the tests make complete.
SETTING = "HMP2"

_CLEAN: Final[dict[Entity, Record]] = {
    "client": {
        "CLIENTID": "C@",
        "SEX": "M",
        "ETHNIC": "A",
        "NATION": "GBR",
        "AGNCY": "L0001",
        "CLIENT": "R@",
    },
    "episode": {
        "EPISODID": "E@",
        "CLIENTID": "C@",
        "CMSID": "CASE@",
        "CONSENT": "Y",
        "PC": "NR14 7UJ",
        "INTRCPTD": "2023-01-02",
        "RECPDT": "2023-01-02",
        "TRIAGED": "2023-01-05",
        "SEXUALO": "1",
        "RELIGION": "C",
        "DISABLE1": "2",
        "HOUSING": "1",
        "DOMVIC": "N",
        "DOMPER": "N",
        "TSLPE": "2-TO-3-YEARS",
        "VETERAN": "N",
        "PARENT": "Y",
        "PRNTSTAT": "12",
        "CHILDWTH": "2",
        "EHCS": "1",
        "DRUG1": "1000",
        "ALCDDAYS": "5",
        "ALCUNITS": "10",
        "INJSTAT": "C",
        "AUDIT": "12",
        "HEPBSTAT": "A",
        "HEPCSTAT": "A",
        "HEPCTSTD": "2019",
        "HIVSTAT": "N",
        "HIVTESTDT": "05/2019",
        "LIVSCRN": "Y",
        "DUALDIAG": "N",
        "MHTINT": "N",
        "SEXWORK": "N",
        "NPSUSE": "N",
    },
    "intervention": {"MODID": "M@", "EPISODID": "E@", "MODAL": "OTHER-STRUCTURED", "MODST": "2023-01-10"},
}

# Fault-free ends of the episode, each as an edit.
DISCHARGED: Final[Edit] = {"DISD": "2023-03-01", "DISRSN": "85", "MODEND": "2023-02-20"}
ABSCONDED: Final[Edit] = {
    **DISCHARGED, "EXITD": "2023-03-01", "EXITRSN": "A", "MHTXEXIT": "N", "SENTENCED": "N", "REFHEPCTX": "N",
}  # fmt: skip
TRANSFERRED: Final[Edit] = {**ABSCONDED, "DISRSN": "84", "EXITRSN": "T", "EXITDEST": SETTING}
RELEASED: Final[Edit] = {
    **ABSCONDED, "EXITRSN": "R", "EXITDEST": "E06000001", "RECONNECT": "Y", "THNALOX": "Y", "HOMELESSEXIT": "N",
    "RTOAGNCY": "RECOVERY",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """The records of one client, edited.

    `edit` goes to the first record of the entity whose field it names (an id that ties is the parent's; the
    child's is written `episode.CLIENTID`, `intervention.EPISODID`, and so is
    `episode.AGNCY`).  `clients`, `episodes` and `interventions`
    are further records, each the clean one edited; `without` takes all records of an entity away.
    """

    edit: Edit = field(default_factory=dict)
    clients: tuple[Edit, ...] = ()
    episodes: tuple[Edit, ...] = ()
    interventions: tuple[Edit, ...] = ()
    without: frozenset[Entity] = frozenset()

    def records(self, entity: Entity, number: int) -> list[Record]:
        """The records of one entity as the export with this number has them."""
        if entity in self.without:
            return []
        further: dict[Entity, tuple[Edit, ...]] = {
            "client": self.clients, "episode": self.episodes, "intervention": self.interventions,
        }  # fmt: skip
        return [
            _numbered({**_CLEAN[entity], **own}, entity, number) for own in (self._own_edit(entity), *further[entity])
        ]

    def _own_edit(self, entity: Entity) -> Record:
        return {name.rpartition(".")[2]: text for name, text in self.edit.items() if _entity_of(name) == entity}


NOTHING = World(without=frozenset(ENTITIES))


def columns_of(entity: Entity) -> list[str]:
    """The columns of one table of the export."""
    headers = [field.header for field in list_entity_fields(entity) if field.header not in NAMED_INSTEAD]
    return [*headers, *BESIDE_FIELDS[entity]]


def _entity_of(name: str) -> Entity:
    if "." in name:
        prefix = name.partition(".")[0]
        return next(entity for entity in ENTITIES if entity == prefix)
    return next(entity for entity in ENTITIES if name in columns_of(entity))


def _numbered(edited: Record, entity: Entity, number: int) -> Record:
    """The record in its world; a client has initials and a birthday that no other world's has."""
    own = _person(number) if entity == "client" else {}
    complete = dict.fromkeys(columns_of(entity), "") | own | edited
    return {column: text.replace("@", f"{number:04}") for column, text in complete.items()}


def _person(number: int) -> Record:
    born = date(1970, 1, 1) + timedelta(days=number)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return {
        "FORENAME": letters[number % 26] + "nn",
        "SURNAME": letters[number // 26 % 26] + "nn",
        "DOB": born.isoformat(),
    }
