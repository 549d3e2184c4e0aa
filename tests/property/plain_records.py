"""Records of a plain export, row by row: the value of each field and what would be sent of it.

Written from the words of the definitions, with the standard library alone, so that it can be held
against the program.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

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


MOMENT = re.compile(r"(.+?)[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
PARTIAL_FORMS = (
    (re.compile(r"(\d{4})"), "{0}-01-01"),
    (re.compile(r"(\d{2})/(\d{4})"), "{1}-{0}-01"),
    (re.compile(r"(\d{4})-(\d{2})"), "{0}-{1}-01"),
)
LETTERS = {"Æ": "A", "Œ": "O", "ß": "S", "Þ": "T", "Ð": "D", "Ł": "L", "Ø": "O"}
OUTWARD = "(?:[A-Z][0-9]|[A-Z][0-9]{2}|[A-Z][0-9][A-Z]|[A-Z]{2}[0-9]|[A-Z]{2}[0-9]{2}|[A-Z]{2}[0-9][A-Z]|GIR)"
ABROAD, NO_ABODE = "OUTSIDE UK", {"NFA", "NO FIXED ABODE", "OUTSIDE UK"}
PSEUDO_AREAS = {"ZZ99 1WZ": "S92000003", "ZZ99 2WZ": "N92000002", "ZZ99 3GZ": "W92000004"}


@dataclass(frozen=True)
class PlainList:
    """A code list: its status, its rows of code, label and concept, and the aliases of its codes."""

    status: str
    rows: tuple[tuple[str, str, str], ...] = field(repr=False)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, hash=False)

    @property
    def is_published(self) -> bool:
        return self.status == "published" and bool(self.rows)

    @property
    def checks(self) -> bool:
        return self.status in ("published", "provisional") and bool(self.rows)

    def code_of(self, text: str) -> str | None:
        """The code that a text matches: the first way of matching in which just one does."""
        ways: tuple[Callable[[str], bool], ...] = (
            lambda code: code == text,
            lambda code: code.casefold() == text.casefold(),
            lambda code: _no_zeros(code) == _no_zeros(text),
            lambda code: _bare(text) in self._names(code),
            lambda code: self._is_code_and_name(code, text),
        )
        for fits in ways:
            codes = {code for code, _, _ in self.rows if fits(code)}
            if len(codes) == 1:
                return codes.pop()
        return None

    def _names(self, code: str) -> set[str]:
        labels = [label for other, label, _ in self.rows if other == code]
        return {_bare(name) for name in (*labels, *self.aliases.get(code, ()))}

    def _is_code_and_name(self, code: str, text: str) -> bool:
        return any(
            text[:place].strip().casefold() == code.casefold() and _bare(text[place + 1 :]) in self._names(code)
            for place, mark in enumerate(text)
            if mark in "-–—:"
        )


Lists = Mapping[str, PlainList]


@cache
def field_rows() -> Mapping[str, Mapping[str, str]]:
    with (DATASET / "fields.csv").open(encoding="utf-8", newline="") as handle:
        return {row["header"]: row for row in csv.DictReader(handle)}


@cache
def read_shipped_lists() -> Lists:
    rows: dict[str, list[tuple[str, str, str]]] = {}
    status: dict[str, str] = {}
    aliases: dict[str, dict[str, tuple[str, ...]]] = {}
    with (DATASET / "code-lists.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rows.setdefault(row["list"], []).append((row["code"], row["label"], row["concept"]))
            status[row["list"]] = row["status"]
            if row["aliases"]:
                aliases.setdefault(row["list"], {})[row["code"]] = tuple(row["aliases"].split("|"))
    return {name: PlainList(status[name], tuple(found), aliases.get(name, {})) for name, found in rows.items()}


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
        partial = field_rows()[header]["kind"] == "partial_date"
        return as_date(self[header]) or (as_partial_date(self[header]) if partial else None)

    def is_whole(self, header: str) -> bool:
        return re.fullmatch("[0-9]+", self[header] or "") is not None

    def number(self, header: str) -> int | None:
        text = self[header]
        if text is None or not self.is_whole(header) or int(text) > NUMBERS[header]:
            return None
        return int(text)

    def letter(self, header: str) -> str | None:
        marks = (character for character in self[header] or "" if character.isalpha() or character.isdecimal())
        first = next(marks, "")
        base = LETTERS.get(first.upper() if first != "ß" else first) or unicodedata.normalize("NFD", first)[:1].upper()
        return base if re.fullmatch("[A-Z]", base) else None

    def agency(self) -> str | None:
        return self["AGNCY"] if re.fullmatch("[A-Z]{1,3}[0-9]{3,5}", self["AGNCY"] or "") else None

    def postcode(self) -> tuple[str | None, bool]:
        """What is sent of the postcode, and whether it is a pseudo postcode written in full."""
        text = (self["PC"] or "").upper()
        if text in NO_ABODE:
            return "ZZ99 3", False
        if re.fullmatch(f"{OUTWARD} [0-9]", text):
            return text, False
        bare = "".join(text.split())
        if not re.fullmatch(f"{OUTWARD}[0-9][A-Z]{{2}}", bare):
            return None, False
        is_pseudo = bare.startswith("ZZ99") and bare != "ZZ993VZ"
        return None if is_pseudo else f"{bare[:-3]} {bare[-3]}", is_pseudo

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
        if kind in ("date", "partial_date"):
            day = self.day(header)
            return day.isoformat() if day else None
        if kind == "integer":
            return self._sent_number(header)
        text = self.postcode()[0] if kind == "postcode" else self[header]
        return self.letter(header) if kind == "initial" else text

    def _sent_number(self, header: str) -> str | None:
        number = self.number(header)
        if number is not None:
            return str(number)
        return self[header] if self.is_whole(header) and header != "AUDIT" else None


def code_means(code_list: PlainList, text: str | None, *concepts: str) -> Answer:
    if text is None:
        return False
    code = code_list.code_of(text)
    return None if code is None else any(row[0] == code and row[2] in concepts for row in code_list.rows)


def as_date(text: str | None) -> date | None:
    moment = MOMENT.fullmatch(text or "")
    day = _plain_date(moment[1] if moment else text or "")
    if moment is None or day is None:
        return day
    hour, minute, second = (int(part or 0) for part in moment.group(2, 3, 4))
    try:
        written = datetime(day.year, day.month, day.day, hour, minute, second)
        if moment[5] is None:
            return day
        offset = "+00:00" if moment[5] == "Z" else f"{moment[5][:3]}:{moment[5][-2:]}"
        return datetime.fromisoformat(f"{written.isoformat()}{offset}").astimezone(ZoneInfo("Europe/London")).date()
    except ValueError:
        return None


def _plain_date(text: str) -> date | None:
    for form, places in DATE_FORMS:
        found = form.fullmatch(text)
        if found:
            year, month, day = (found.group(place) for place in places)
            number = MONTHS.index(month.lower()) + 1 if month.lower() in MONTHS else month
            try:
                return date(int(year), int(number), int(day))
            except ValueError:
                return None
    return None


def as_partial_date(text: str | None) -> date | None:
    """The first of a year, or of a month and year in figures."""
    for form, first in PARTIAL_FORMS:
        found = form.fullmatch(text or "")
        if found:
            return _plain_date(first.format(*found.groups()))
    return None


def records_of(entity: str, table: Iterable[Mapping[str, str]], lists: Lists) -> list[Record]:
    """The records of a table, each that repeats an earlier one exactly marked so."""
    seen: list[Mapping[str, str]] = []
    records = []
    for index, row in enumerate(table):
        texts = {header: text.strip() for header, text in row.items() if text.strip()}
        if "AGNCY" in texts:
            texts["AGNCY"] = texts["AGNCY"].upper()
        record = Record(entity, index, texts, lists, is_repeat=texts in seen)
        seen.append(texts)
        area = derived_area(record) if entity == "episode" and record.lacks("UTLA") else None
        records.append(replace(record, texts={**texts, "UTLA": area}) if area else record)
    return records


def derived_area(episode: Record) -> str | None:
    """The code of the area that the postcode alone gives, where no directory of postcodes is there."""
    text = (episode["PC"] or "").upper()
    bare = "".join(text.split())
    concept = "outside_uk" if text == ABROAD else PSEUDO_AREAS.get(f"{bare[:-3]} {bare[-3:]}")
    codes = [code for code, _, found in episode.list_of("UTLA").rows if found == concept]
    return codes[0] if codes else None


def _no_zeros(code: str) -> str:
    return code.lstrip("0") or "0"


def _bare(label: str) -> str:
    return "".join(
        character
        for character in label.casefold()
        if not character.isspace() and unicodedata.category(character) != "Pd"
    )
