"""Splits headers and questions into words, each in one form, with the words of data/dataset/header-words.toml."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from flows.intake.draft.abbreviations import find_long_forms
from schemas.dataset import DATASET_DIRECTORY

# Also splits camel case, as in DateOfBirth and IDPatient.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SHORTEST_PART, _SHORTEST_SPLIT = 3, 6
# Two words that mean a client; a user alone is a member of staff.
_SERVICE_USER = re.compile(r"service[\s_-]?users?", re.IGNORECASE)
# How to fill in a form: a range, the form of a date, an ending, or an instruction.
_INSTRUCTION = re.compile(
    r"\((?:[0-9]+ ?[-–] ?[0-9]+|[dmyDMY/. -]+|s|(?:please |tick |select |choose |all that )[^)]*)\)|,? in order$"
)

Words = frozenset[str]


@cache
def split_words(text: str) -> Words:
    """Splits a header or question into its words, in lower case and one form, whatever separates them."""
    return frozenset(_iterate_words(text))


def _iterate_words(text: str) -> Iterator[str]:
    plain = _SERVICE_USER.sub("client", remove_instructions(text)).replace("'", "").replace("’", "")
    for found in _WORD.findall(plain):
        for part in _split_compound(found.lower()):
            if part not in load_words("ignored", "always"):
                yield from _lengthen(part)


def remove_instructions(text: str) -> str:
    """Returns a header or question without how to fill it in, as in 'AUDIT score (0-40)'."""
    return _INSTRUCTION.sub("", text).strip()


def _lengthen(part: str) -> tuple[str, ...]:
    """Returns the word that a part of a header is, or is short for; the part itself if that is not certain."""
    forms = find_readings(part)
    return next(iter(forms)) if len(forms) == 1 else _same_words(part)


@cache
def find_readings(part: str) -> frozenset[tuple[str, ...]]:
    """Returns the words that an abbreviation may be short for; nothing if it is a word itself."""
    if part in _load_vocabulary() or _singular(part) in _load_vocabulary():
        return frozenset()
    forms = find_long_forms(part, _load_vocabulary())
    readings = frozenset(_same_words(form) for form in forms if form not in load_words("ignored", "always"))
    words = frozenset(word for reading in readings for word in reading)
    contrary, filler = load_words("ignored", "contrary"), load_words("ignored", "filler")
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
    return any(find_readings(part) for part in parts)


def _same_words(word: str) -> tuple[str, ...]:
    """Returns the usual form of a word: of an abbreviation what it means, of a plural the singular."""
    same: dict[str, str] = load_word_file()["same"]
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
def load_word_file() -> dict[str, Any]:
    """Returns the words that systems use: the phrases of each field, abbreviations, and words to ignore."""
    with (DATASET_DIRECTORY / "header-words.toml").open("rb") as handle:
        return tomllib.load(handle)


@cache
def load_words(table: str, key: str) -> Words:
    """Returns a list of the file as words in their usual form."""
    words = load_word_file()[table][key]
    return frozenset(words) if key == "always" else frozenset(part for word in words for part in _same_words(word))


@cache
def _load_vocabulary() -> frozenset[str]:
    """Returns the words that a compound may consist of."""
    content = load_word_file()
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


def is_about_others(table: str) -> bool:
    """Returns whether the name of a table shows that it is about other people, or about the system."""
    return bool(split_words(table) & load_words("ignored", "contrary_tables"))


def has_contrary(words: Words) -> bool:
    """Returns whether words name a person or a fact that no field of the dataset is about."""
    return bool(words & load_words("ignored", "contrary"))
