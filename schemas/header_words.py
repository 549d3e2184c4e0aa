"""Words that systems use for the dataset's fields in the headers of their tables."""

import re
import tomllib
from functools import cache

from schemas.dataset import DATASET_DIRECTORY, Entity

# Words of no weight: a header says the same with and without them.
_LIGHT = frozenset({"of", "at", "the", "in", "on", "for", "to", "is", "was", "a"})
_SAME = {"dt": "date", "no": "number", "num": "number", "identifier": "id", "hepatitis": "hep"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(header: str) -> frozenset[str]:
    """The words of a header, however they are joined, in lower case."""
    found = (word.lower() for word in _WORD.findall(header))
    return frozenset(_SAME.get(word, word) for word in found) - _LIGHT


@cache
def fields_by_words(entity: Entity) -> dict[frozenset[str], str]:
    """The field of a table that each set of words stands for."""
    with (DATASET_DIRECTORY / "header-words.toml").open("rb") as handle:
        phrases = tomllib.load(handle)[entity]
    found: dict[frozenset[str], str] = {}
    for header, said in phrases.items():
        for phrase in (*said, header):
            words = words_of(phrase)
            if found.setdefault(words, header) != header:
                raise ValueError(f"header-words.toml: {phrase!r} stands for {found[words]} and {header}")
    return found
