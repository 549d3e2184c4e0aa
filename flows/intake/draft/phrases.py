"""Matches the words of a column to the phrases that systems use for the fields of the dataset."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product

from flows.intake.draft.words import Words, find_readings, load_word_file, load_words, split_words
from schemas.dataset import Entity, get_field

_MOST_READINGS = 16
# A question may contain words that no phrase has; a header may not.
_WORDS_OF_A_SENTENCE = 5
_DATES = ("date", "partial_date")
# A treatment or place has a status of its own, which is another fact.
_NAMES_OF_THINGS = frozenset({"MODAL", "AGNCY", "PRISON", "EXITDEST", "EXITRSN", "DISRSN"})


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
def load_phrases(entity: Entity) -> tuple[Phrase, ...]:
    """Returns every phrase for a field of an entity."""
    found: dict[tuple[Words, str], Phrase] = {}
    for header, texts in load_word_file()[entity].items():
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
    choices = [[frozenset(form) for form in sorted(find_readings(word))] or [frozenset({word})] for word in sorted(own)]
    for chosen in islice(product(*choices), _MOST_READINGS):
        yield frozenset().union(*chosen)


@cache
def _list_fillers(header: str) -> Words:
    """Returns the words that may be added to a phrase of a field."""
    fillers = load_words("ignored", "filler")
    if header not in _NAMES_OF_THINGS:
        fillers |= load_words("ignored", "filler_of_states")
    if find_kind(header) in _DATES:
        return fillers | {"date", "taken"}
    return fillers | load_words("ignored", "filler_without_date")


def _match(phrase: Phrase, own: Words, context: Words) -> Match | None:
    shared, context = phrase.words & own, context - own
    missing = phrase.words - own
    if (
        not shared
        or missing - context
        or (not shared - load_words("ignored", "filler") - context and len(shared) < len(own))
    ):
        return None
    left = own - phrase.words - _list_fillers(phrase.header) - context
    if left & (load_words("ignored", "contrary") | {"date"}):
        return None
    # Another word changes the meaning of a header, but not that of a question of many words.
    number = len(own - {"date"})
    most = number * 6 // 10 if number >= _WORDS_OF_A_SENTENCE else 0
    if len(left) > most or (left and (missing or len(phrase.words) < 2)):
        return None
    return Match(phrase.header, not left, phrase.is_weak, len(shared), len(missing))
