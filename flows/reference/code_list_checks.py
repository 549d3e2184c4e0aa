"""Checks code lists that a user loads: refuses a code that is valid twice on one day, and warns of odd concepts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from flows.support.errors import InputRefused
from schemas.code_lists import Code, CodeList
from schemas.rules.catalogue import find_needed_meanings

_AREA = re.compile(r"[A-Z][0-9]{8}")


def refuse_duplicate_codes(name: str, codes: Iterable[tuple[str, Code]]) -> None:
    """Refuses a code that is valid twice on the same day, or on no day.

    Args:
        name: the name of the list.
        codes: the codes, each with its file and line.

    Raises:
        InputRefused: a code is valid twice or never; the text names the line, the list and the code.
    """
    by_code: dict[str, list[tuple[str, Code]]] = defaultdict(list)
    for where, code in codes:
        if code.valid_from and code.valid_to and code.valid_from > code.valid_to:
            raise InputRefused(
                f"{where}: valid_from is {code.valid_from}, after valid_to, {code.valid_to}; valid_from"
                " must be the same day or earlier"
            )
        by_code[code.code].append((where, code))
    for code_text, rows in by_code.items():
        ordered = sorted(rows, key=lambda row: row[1].valid_from or date.min)
        # In order of their first day, periods overlap only if two neighbours do.
        for (_, earlier), (where, later) in pairwise(ordered):
            if (later.valid_from or date.min) <= (earlier.valid_to or date.max):
                raise InputRefused(
                    f"{where}: the code {code_text!r} of the list {name} occurs twice for the same days; it may"
                    " occur again only for other days (valid_from, valid_to)"
                )


def describe_unknown_concepts(lists: Mapping[str, CodeList], shipped: Mapping[str, CodeList]) -> tuple[str, ...]:
    """Returns a sentence for each concept that is in no shipped list and in no rule: it may be a typo.

    Args:
        lists: the lists that a user loads.
        shipped: the lists of the project; a list without concepts does not restrict the concepts.

    Returns:
        The sentences, without a full stop.
    """
    shipped_concepts = {code.concept for code_list in shipped.values() for code in code_list.codes if code.concept}
    sentences = []
    for name, code_list in lists.items():
        of_list = {code.concept for code in shipped.get(name, CodeList(name)).codes if code.concept}
        if not of_list:
            continue
        needed = set(find_needed_meanings().get(name, {}))
        known = shipped_concepts | needed
        has_areas = any(_AREA.fullmatch(concept) for concept in of_list)
        for code in code_list.codes:
            is_area = has_areas and _AREA.fullmatch(code.concept)
            if code.concept and code.concept not in known and not is_area:
                sentences.append(
                    f"the code {code.code!r} of the list {name} has the concept {code.concept!r}, which no rule"
                    f" uses; concepts of this list: {_format_concepts(sorted(of_list | needed), has_areas=has_areas)}"
                )
    return tuple(sentences)


def _format_concepts(concepts: Sequence[str], *, has_areas: bool) -> str:
    words = [concept for concept in concepts if not _AREA.fullmatch(concept)]
    return ", ".join([*words, *(["the ONS code of an area"] if has_areas else [])])
