"""Finds which words an abbreviation in a header may be short for: its first letters, or letters of it in order."""

from collections.abc import Iterable

_SHORTEST, _LONGEST = 3, 12
_VOWELS = frozenset("aeiouy")
_LEAST_KEPT = 0.6


def find_long_forms(token: str, vocabulary: Iterable[str]) -> frozenset[str]:
    """Returns the words that a token is most likely short for; several if it is not certain which.

    Args:
        token: a part of a header in lower case that is not a word, such as 'assmt'.
        vocabulary: the words that headers contain, in lower case.
    """
    if not _SHORTEST <= len(token) <= _LONGEST or not token.isalpha():
        return frozenset()
    ranked = {word: rank for word in vocabulary if (rank := _rank(token, word))}
    best = max(ranked.values(), default=0)
    return frozenset(word for word, rank in ranked.items() if rank == best)


def _rank(token: str, word: str) -> int:
    """Returns how likely a token is short for a word: 3 for its beginning, 0 if it cannot be."""
    if token[0] != word[0] or len(token) >= len(word) or len(word) <= _SHORTEST:
        return 0
    if word.startswith(token):
        return 3
    if not _is_in_order(token, word):
        return 0
    kept, consonants = _list_consonants(token), _list_consonants(word)
    if kept == consonants:
        return 3
    if len(kept) < _LEAST_KEPT * len(consonants) or len(kept) < _SHORTEST:
        return 0
    return 2 if token[-1] == word[-1] else 1


def _is_in_order(token: str, word: str) -> bool:
    letters = iter(word)
    return all(letter in letters for letter in token)


def _list_consonants(word: str) -> str:
    """Returns the consonants of a word, a double one once."""
    found = ""
    for letter in word:
        if letter not in _VOWELS and not found.endswith(letter):
            found += letter
    return found
