"""Matches the words of headers and questions to the fields of the dataset."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any

from flows.intake.draft.abbreviations import find_long_forms
from schemas.dataset import DATASET_DIRECTORY, Entity, get_field

# Also splits camel case, as in DateOfBirth and IDPatient.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SHORTEST_PART, _SHORTEST_SPLIT = 3, 6
# Two words that mean a client; a user alone is a member of staff.
_SERVICE_USER = re.compile(r"service[\s_-]?users?", re.IGNORECASE)
# How to fill in a form: a range, the form of a date, an ending, or an instruction.
_INSTRUCTION = re.compile(
    r"\((?:[0-9]+ ?[-–] ?[0-9]+|[dmyDMY/. -]+|s|(?:please |tick |select |choose |all that )[^)]*)\)|,? in order$"
)
_MOST_READINGS = 16
# A question may contain words that no phrase has; a header may not.
_WORDS_OF_A_SENTENCE = 5
_DATES = ("date", "partial_date")
# A treatment or place has a status of its own, which is another fact.
_NAMES_OF_THINGS = frozenset({"MODAL", "AGNCY", "PRISON", "EXITDEST", "EXITRSN", "DISRSN"})

Words = frozenset[str]


@dataclass(frozen=True)
class Phrase:
    """Holds the words that systems use for a field; a weak phrase counts only where no other one matches."""

    header: str
    words: Words
    is_weak: bool


@dataclass(frozen=True)
class Match:
    """Holds how the words of a column match a field: all of them, or a part; the table's words may help."""

    header: str
    is_exact: bool
    is_weak: bool
    own_words: int
    context_words: int

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        """Returns what orders the matches of one column, the best last."""
        return (self.is_exact, not self.is_weak, self.own_words, -self.context_words)


@cache
def split_words(text: str) -> Words:
    """Splits a header or question into its words, in lower case and one form, whatever separates them."""
    return frozenset(_iterate_words(text))


def _iterate_words(text: str) -> Iterator[str]:
    plain = _SERVICE_USER.sub("client", remove_instructions(text)).replace("'", "").replace("’", "")
    for found in _WORD.findall(plain):
        for part in _split_compound(found.lower()):
            if part not in _load("ignored", "always"):
                yield from _lengthen(part)


def remove_instructions(text: str) -> str:
    """Returns a header or question without how to fill it in, as in 'AUDIT score (0-40)'."""
    return _INSTRUCTION.sub("", text).strip()


def _lengthen(part: str) -> tuple[str, ...]:
    """Returns the word that a part of a header is, or is short for; the part itself if that is not certain."""
    forms = _find_readings(part)
    return next(iter(forms)) if len(forms) == 1 else _same_words(part)


@cache
def _find_readings(part: str) -> frozenset[tuple[str, ...]]:
    """Returns the words that an abbreviation may be short for; nothing if it is a word itself."""
    if part in _load_vocabulary() or _singular(part) in _load_vocabulary():
        return frozenset()
    forms = find_long_forms(part, _load_vocabulary())
    readings = frozenset(_same_words(form) for form in forms if form not in _load("ignored", "always"))
    words = frozenset(word for reading in readings for word in reading)
    contrary, filler = _load("ignored", "contrary"), _load("ignored", "filler")
    # Nothing depends on which of several excluded words it is.
    if words and words <= contrary:
        return frozenset({min(readings)})
    # 'off' may be offered, which excludes a column, so it is not ignored as an offender would be.
    certain = frozenset(one for one in readings if not set(one) <= filler) if words & contrary else readings
    return certain if not {word for one in certain for word in one} <= contrary else frozenset()


@cache
def has_abbreviation(text: str) -> bool:
    """Returns whether a header contains an abbreviation whose meaning is a guess, which its values must confirm."""
    parts = {part for found in _WORD.findall(text) for part in _split_compound(found.lower())}
    return any(_find_readings(part) for part in parts)


def _same_words(word: str) -> tuple[str, ...]:
    """Returns the usual form of a word: of an abbreviation what it means, of a plural the singular."""
    same: dict[str, str] = _load_file()["same"]
    known = next((form for form in (word, _singular(word)) if form in same), None)
    if known is None:
        return (_singular(word),)
    # What an abbreviation means may have another form itself: fname is first name, and first is 1.
    return tuple(form for part in same[known].split() for form in ((part,) if part == known else _same_words(part)))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


def _split_compound(word: str) -> list[str]:
    """Splits words that are written without a separator, as in dischargereason, if all parts are known words."""
    known = _load_vocabulary()
    if word in known or _singular(word) in known or len(word) < _SHORTEST_SPLIT:
        return [word]
    return _find_parts(word, known) or [word]


def _find_parts(word: str, known: frozenset[str]) -> list[str]:
    if word in known and len(word) >= 2:
        return [word]
    for end in range(len(word) - 2, _SHORTEST_PART - 1, -1):
        if word[:end] in known and (rest := _find_parts(word[end:], known)):
            return [word[:end], *rest]
    return []


@cache
def _load_file() -> dict[str, Any]:
    with (DATASET_DIRECTORY / "header-words.toml").open("rb") as handle:
        return tomllib.load(handle)


@cache
def _load(table: str, key: str) -> Words:
    words = _load_file()[table][key]
    return frozenset(words) if key == "always" else frozenset(part for word in words for part in _same_words(word))


@cache
def _load_vocabulary() -> frozenset[str]:
    """Returns the words that a compound may consist of."""
    content = _load_file()
    phrases = [
        phrase
        for entity in ("client", "episode", "intervention")
        for texts in content[entity].values()
        for phrase in texts
    ]
    words = {word for phrase in phrases for word in re.findall(r"[a-z]+", phrase.lower())}
    words |= set(content["vocabulary"]["words"]) | set(content["ignored"]["always"])
    words |= set(content["ignored"]["filler_of_states"]) | set(content["ignored"]["contrary_tables"])
    return frozenset(
        words
        | set(content["same"])
        | set(content["ignored"]["filler"])
        | set(content["ignored"]["contrary"])
        | {"id", "of", "at"}
    )


@cache
def load_phrases(entity: Entity) -> tuple[Phrase, ...]:
    """Returns every phrase for a field of an entity."""
    found: dict[tuple[Words, str], Phrase] = {}
    for header, texts in _load_file()[entity].items():
        kind = find_kind(header)
        for text in texts:
            words = split_words(text) - ({"date"} if kind in _DATES else frozenset())
            phrase = Phrase(header, words, text.startswith("?"))
            if not words:
                raise ValueError(f"header-words.toml: {text!r} has no words")
            other = found.setdefault((words, kind), phrase)
            if other.header != header:
                raise ValueError(f"header-words.toml: {text!r} means {other.header} and {header}")
    return tuple(found.values())


@cache
def find_kind(header: str) -> str:
    """Returns the kind of a field; names and areas, which only derive other fields, have none."""
    return "" if header in ("FORENAME", "SURNAME", "NFA_UTLA") else get_field(header).kind


@cache
def find_matches(own: Words, context: Words, entity: Entity) -> tuple[Match, ...]:
    """Returns the fields of an entity that the words of a column match, the best first.

    Args:
        own: the words of the column or question.
        context: the words of its table, which may complete a phrase, as in discharges.reason.
        entity: the entity whose fields may match.
    """
    matches = [
        match
        for reading in _read(own)
        for phrase in load_phrases(entity)
        if (match := _match(phrase, reading, context))
    ]
    best: dict[str, Match] = {}
    for match in sorted(matches, key=lambda match: match.rank, reverse=True):
        best.setdefault(match.header, match)
    return tuple(sorted(best.values(), key=lambda match: match.rank, reverse=True))


def _read(own: Words) -> Iterator[Words]:
    """Yields the words of a column in each of their meanings: 'comm' may be commenced, community or comment."""
    choices = [
        [frozenset(form) for form in sorted(_find_readings(word))] or [frozenset({word})] for word in sorted(own)
    ]
    for chosen in islice(product(*choices), _MOST_READINGS):
        yield frozenset().union(*chosen)


@cache
def _list_fillers(header: str) -> Words:
    """Returns the words that may be added to a phrase of a field."""
    fillers = _load("ignored", "filler")
    if header not in _NAMES_OF_THINGS:
        fillers |= _load("ignored", "filler_of_states")
    if find_kind(header) in _DATES:
        return fillers | {"date", "taken"}
    return fillers | _load("ignored", "filler_without_date")


def is_about_others(table: str) -> bool:
    """Returns whether the name of a table shows that it is about other people, or about the system."""
    return bool(split_words(table) & _load("ignored", "contrary_tables"))


def has_contrary(words: Words) -> bool:
    """Returns whether words name a person or a fact that no field of the dataset is about."""
    return bool(words & _load("ignored", "contrary"))


def _match(phrase: Phrase, own: Words, context: Words) -> Match | None:
    shared, context = phrase.words & own, context - own
    missing = phrase.words - own
    if (
        not shared
        or missing - context
        or (not shared - _load("ignored", "filler") - context and len(shared) < len(own))
    ):
        return None
    left = own - phrase.words - _list_fillers(phrase.header) - context
    if left & (_load("ignored", "contrary") | {"date"}):
        return None
    # Another word changes the meaning of a header, but not that of a question of many words.
    number = len(own - {"date"})
    most = number * 6 // 10 if number >= _WORDS_OF_A_SENTENCE else 0
    if len(left) > most or (left and (missing or len(phrase.words) < 2)):
        return None
    return Match(phrase.header, not left, phrase.is_weak, len(shared), len(missing))
