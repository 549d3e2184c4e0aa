"""Records of a plain export, row by row: the value of each field and what would be sent of it.

Written from the words of the definitions, with the standard library alone, so that it can be held
against the program.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from tests.property.plain_answers import Answer

DATASET = Path(__file__).parents[2] / "data" / "dataset_r"
ENTITIES = ("client", "episode", "intervention")
ID_OF = {"client": "CLIENTID", "episode": "EPISODID", "intervention": "MODID"}
NUMBERS = {"CHILDWTH": 98, "ALCDDAYS": 28, "ALCUNITS": 999, "AUDIT": 40}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DATE_FORMS = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{2})/(\d{2})/(\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{2})-([A-Za-z]{3})-(\d{4})"), (3, 2, 1)),
)


@dataclass(frozen=True)
class PlainList:
    """A code list: its status and its rows of code, label and concept."""

    status: str
    rows: tuple[tuple[str, str, str], ...] = field(repr=False)

    @property
    def is_published(self) -> bool:
        return self.status == "published" and bool(self.rows)

    @property
    def checks(self) -> bool:
        return self.status in ("published", "provisional") and bool(self.rows)

    def code_of(self, text: str) -> str | None:
        """An exact code, a code in another case, one but for leading zeros, or a label; each where just one fits."""
        for code, _, _ in self.rows:
            if code == text:
                return code
        looser: tuple[Callable[[str, str], bool], ...] = (
            lambda code, _label: code.casefold() == text.casefold(),
            lambda code, _label: _no_zeros(code) == _no_zeros(text),
            lambda _code, label: _bare(label) == _bare(text),
        )
        for fits in looser:
            codes = {code for code, label, _ in self.rows if fits(code, label)}
            if len(codes) == 1:
                return codes.pop()
        return None


Lists = Mapping[str, PlainList]


@cache
def field_rows() -> Mapping[str, Mapping[str, str]]:
    with (DATASET / "fields.csv").open(encoding="utf-8", newline="") as handle:
        return {row["header"]: row for row in csv.DictReader(handle)}


@cache
def read_shipped_lists() -> Lists:
    rows: dict[str, list[tuple[str, str, str]]] = {}
    status: dict[str, str] = {}
    with (DATASET / "code-lists.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rows.setdefault(row["list"], []).append((row["code"], row["label"], row["concept"]))
            status[row["list"]] = row["status"]
    return {name: PlainList(status[name], tuple(found)) for name, found in rows.items()}


@dataclass(eq=False)
class Record:
    """One record: its place in its table, its populated fields, and the lists its codes are read with."""

    entity: str
    index: int
    texts: Mapping[str, str]
    lists: Lists
    is_repeat: bool = False
    parents: list["Record"] = field(default_factory=list)
    children: list["Record"] = field(default_factory=list)

    def __getitem__(self, header: str) -> str | None:
        """The text as it came; None is blank."""
        return self.texts.get(header)

    def has(self, header: str) -> bool:
        return header in self.texts

    def lacks(self, header: str) -> bool:
        return header not in self.texts

    def day(self, header: str) -> date | None:
        return as_date(self[header])

    def number(self, header: str) -> int | None:
        text = self[header]
        if text is None or not re.fullmatch("[0-9]+", text) or int(text) > NUMBERS[header]:
            return None
        return int(text)

    def letter(self, header: str) -> str | None:
        letters = [character for character in self[header] or "" if character not in " '’-"]
        base = unicodedata.normalize("NFD", letters[0])[0].upper() if letters else ""
        return base if re.fullmatch("[A-Z]", base) else None

    def agency(self) -> str | None:
        return self["AGNCY"] if re.fullmatch("[A-Z][0-9]{4}", self["AGNCY"] or "") else None

    def list_of(self, header: str) -> PlainList:
        return self.lists.get(field_rows()[header]["code_list"], PlainList("partial", ()))

    def code(self, header: str) -> str | None:
        text = self[header]
        return None if text is None else self.list_of(header).code_of(text)

    def means(self, header: str, *concepts: str) -> Answer:
        """Whether the code means one of these; no for a blank, no answer for what is not understood."""
        return code_means(self.list_of(header), self[header], *concepts)

    def is_code(self, header: str, *codes: str) -> Answer:
        if self.lacks(header):
            return False
        return None if self.code(header) is None else self.code(header) in codes

    def sent(self, header: str) -> str | None:
        """The text that would be sent; None is blank."""
        kind = field_rows()[header]["kind"]
        if self.lacks(header):
            return None
        if kind == "code":
            found = self.code(header)
            return found if found or self.list_of(header).is_published else self[header]
        if kind == "date":
            day = self.day(header)
            return day.isoformat() if day else None
        if kind == "integer":
            number = self.number(header)
            return None if number is None else str(number)
        return self.letter(header) if kind == "initial" else self[header]


def code_means(code_list: PlainList, text: str | None, *concepts: str) -> Answer:
    if text is None:
        return False
    code = code_list.code_of(text)
    return None if code is None else any(row[0] == code and row[2] in concepts for row in code_list.rows)


def as_date(text: str | None) -> date | None:
    bare = re.sub(r"[T ][0-9:.]+Z?$", "", text or "")
    for form, places in DATE_FORMS:
        found = form.fullmatch(bare)
        if found:
            year, month, day = (found.group(place) for place in places)
            number = MONTHS.index(month.lower()) + 1 if month.lower() in MONTHS else month
            try:
                return date(int(year), int(number), int(day))
            except ValueError:
                return None
    return None


def records_of(entity: str, table: Iterable[Mapping[str, str]], lists: Lists) -> list[Record]:
    """The records of a table, each that repeats an earlier one exactly marked so."""
    seen: list[Mapping[str, str]] = []
    records = []
    for index, row in enumerate(table):
        texts = {header: text.strip() for header, text in row.items() if text.strip()}
        records.append(Record(entity, index, texts, lists, is_repeat=texts in seen))
        seen.append(texts)
    return records


def _no_zeros(code: str) -> str:
    return code.lstrip("0") or "0"


def _bare(label: str) -> str:
    return "".join(
        character
        for character in label.casefold()
        if not character.isspace() and unicodedata.category(character) != "Pd"
    )
