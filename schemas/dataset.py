"""Defines the fields of dataset R, in order, and the three entities they belong to."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Entity = Literal["client", "episode", "intervention"]
Kind = Literal["id", "initial", "date", "code", "text", "postcode", "integer", "partial_date"]

ENTITIES: tuple[Entity, ...] = get_args(Entity)
DATASET_DIRECTORY = Path(__file__).parent.parent / "data" / "dataset_r"

ID_FIELD: dict[Entity, str] = {"client": "CLIENTID", "episode": "EPISODID", "intervention": "MODID"}
TABLE: dict[Entity, str] = {"client": "clients", "episode": "episodes", "intervention": "interventions"}

# A well-formed agency code, such as L0001 (1 Client details; the letters are upper case after cleaning).
AGENCY = re.compile(r"[A-Z]{1,3}[0-9]{3,5}")
WHOLE_NUMBER = r"^[0-9]+$"
# Headers that mean a field of another name in a plain export.
OTHER_HEADERS = {"EHCS1": "EHCS"}
# Numbers out of their range are sent as supplied, except for the AUDIT score.
SENT_OUT_OF_RANGE = frozenset({"ALCDDAYS", "ALCUNITS", "CHILDWTH"})

# The smallest and largest whole number of each field (2 Episode details; CHILDWTH 98 is 'declined').
INTEGER_RANGE: dict[str, tuple[int, int]] = {
    "AUDIT": (0, 40),
    "ALCDDAYS": (0, 28),
    "ALCUNITS": (0, 999),
    "CHILDWTH": (0, 98),
}

# The audit masks these fields, because they identify the client, the date of birth or the place of residence.
MASKED_FIELDS = frozenset({"FINITIAL", "SINITIAL", "DOB", "PC", "CLIENTID", "CLIENT", "EPISODID", "MODID"})
MASK = "***"


@dataclass(frozen=True)
class Field:
    """One field of the dataset: its position in the file, its entity, kind and code list.

    `updatability` defines how a value may change from one submission to the next. `title` is the field's name in
    plain words.
    """

    position: int
    header: str
    entity: Entity
    kind: Kind
    missing: str
    updatability: str
    code_list: str
    title: str

    @property
    def titled(self) -> str:
        """The title with the header, such as 'date of birth (DOB)'."""
        return f"{self.title} ({self.header})"

    @property
    def is_masked(self) -> bool:
        """Whether the audit and all messages mask the field's values."""
        return self.header in MASKED_FIELDS


@cache
def list_fields() -> tuple[Field, ...]:
    """Returns the 70 fields in the order of the submission file."""
    with (DATASET_DIRECTORY / "fields.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            Field(
                position=int(row["position"]),
                header=row["header"],
                entity=_parse_entity(row["entity"]),
                kind=_parse_kind(row["kind"]),
                missing=row["missing"],
                updatability=row["updatability"],
                code_list=row["code_list"],
                title=row["title"],
            )
            for row in csv.DictReader(handle)
        )


def list_entity_fields(entity: Entity) -> tuple[Field, ...]:
    """Returns the fields of one entity, in the order of the submission file."""
    return tuple(field for field in list_fields() if field.entity == entity)


@cache
def get_field(header: str) -> Field:
    """Returns the field with this CSV header.

    Raises:
        KeyError: no field has this header.
    """
    # The cache holds one result per header, so this dictionary is built at most 70 times.
    return {field.header: field for field in list_fields()}[header]


@cache
def list_removed_fields() -> frozenset[str]:
    """Returns the headers of the fields that dataset R no longer has (Appendix I)."""
    with (DATASET_DIRECTORY / "removed-fields.csv").open(encoding="utf-8", newline="") as handle:
        return frozenset(row["header"] for row in csv.DictReader(handle))


def _parse_entity(text: str) -> Entity:
    # Returns the literal itself, whose type is `Entity`.
    return next(entity for entity in ENTITIES if entity == text)


def _parse_kind(text: str) -> Kind:
    kinds: tuple[Kind, ...] = get_args(Kind)
    return next(kind for kind in kinds if kind == text)
