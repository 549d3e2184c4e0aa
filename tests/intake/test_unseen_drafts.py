"""Drafts of systems whose headers are in no example: most fields rightly, and none wrongly."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.intake.draft.abbreviations import find_long_forms
from flows.intake.draft.draft import MappingDraft, draft_mapping
from flows.intake.draft.phrases import find_matches
from flows.intake.draft.words import split_words
from flows.reference.in_force import load_reference_in_force
from schemas.dataset import Entity
from tests.intake.vendors import write_questionnaire

LISTS = load_reference_in_force(Path("nowhere")).lists.on(date(2023, 4, 30))


def places(draft: MappingDraft) -> Iterator[tuple[str, str]]:
    for entity in draft.entities:
        yield entity.id_field, f"{entity.table.name}.{entity.id_column}"
        yield from ((header, str(candidate.place)) for header, candidate in entity.chosen.items())


def test_a_questionnaire_with_abbreviations_is_understood(tmp_path: Path) -> None:
    wanted = write_questionnaire(tmp_path / "export", LISTS)
    draft = draft_mapping([tmp_path / "export"], LISTS, "unseen", tmp_path)
    found = dict(places(draft))
    assert {header: place for header, place in found.items() if wanted.get(header) != place} == {}
    assert wanted.keys() - found.keys() == set()
    assert "coalesce(as_day(tblAddr.ToDt)" in draft.files["unseen/episodes.sql"]
    assert '# [episodes.codes.AGNCY]\n# "HMPX" = "..."    # 60 records' in draft.files["unseen.toml"]


@pytest.mark.parametrize(
    ("token", "words"),
    [("assmt", {"assessment"}), ("hosp", {"hospital"}), ("rsn", {"reason"}), ("zzz", set()), ("re", set()),
     ("comm", {"commenced", "comment", "community"})],
)  # fmt: skip
def test_an_abbreviation_is_the_beginning_of_a_word_or_its_letters_in_order(token: str, words: set[str]) -> None:
    known = ("assessment", "assault", "hospital", "reason", "commenced", "comment", "community", "custody")
    assert find_long_forms(token, known) == words


@pytest.mark.parametrize(
    ("column", "entity", "header"),
    [
        ("CommDt", "intervention", "MODST"),
        ("ESTAB_RECPTN_DT", "episode", "RECPDT"),
        ("LIVR_SCRN_RFRL_IND", "episode", "LIVSCRN"),
        ("Do you have a disability? (select all)", "episode", "DISABLE1"),
        ("AUDIT score (0-40)", "episode", "AUDIT"),
        ("ExpRelDt", "episode", None),
        ("PlndDischDt", "episode", None),
        ("NalxOffYN", "episode", None),
        ("AUDITC", "episode", None),
        ("Discharge date (planned)", "episode", None),
        ("HospDischDt", "episode", None),
    ],
)
def test_abbreviations_and_instructions_in_headers(column: str, entity: Entity, header: str | None) -> None:
    matches = find_matches(split_words(column), frozenset(), entity)
    assert (matches[0].header if matches else None) == header
