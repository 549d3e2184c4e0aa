"""Matches the words that systems use in table headers to the dataset's fields."""

import re
import tomllib
from functools import cache

from schemas.dataset import DATASET_DIRECTORY, Entity

# Words to ignore: they do not change the meaning of a header.
_LIGHT = frozenset({"of", "at", "the", "in", "on", "for", "to", "is", "was", "a"})
# Abbreviations that systems use for the same word.
_SAME = {"dt": "date", "no": "number", "num": "number", "identifier": "id", "hepatitis": "hep"}
# Also splits camel case, as in DateOfBirth and IDPatient.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def split_words(header: str) -> frozenset[str]:
    """Splits a header into its words, in lower case, whatever separates them."""
    found = (word.lower() for word in _WORD.findall(header))
    return frozenset(_SAME.get(word, word) for word in found) - _LIGHT


@cache
def load_fields_by_words(entity: Entity) -> dict[frozenset[str], str]:
    """Returns the field of an entity for each known set of words."""
    with (DATASET_DIRECTORY / "header-words.toml").open("rb") as handle:
        phrases = tomllib.load(handle)[entity]
    found: dict[frozenset[str], str] = {}
    for header, texts in phrases.items():
        for phrase in (*texts, header):
            words = split_words(phrase)
            if found.setdefault(words, header) != header:
                raise ValueError(f"header-words.toml: {phrase!r} means {found[words]} and {header}")
    return found
