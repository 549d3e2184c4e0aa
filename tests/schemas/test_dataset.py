"""The fields of dataset R and their properties."""

from typing import get_args

import pytest

from schemas.dataset import (
    ENTITIES,
    ID_FIELD,
    INTEGER_RANGE,
    MASKED_FIELDS,
    Kind,
    get_field,
    list_entity_fields,
    list_fields,
    list_removed_fields,
)
from schemas.record_columns import get_referenced_field, has_value_column


def test_there_are_seventy_fields_in_their_order() -> None:
    assert [field.position for field in list_fields()] == list(range(1, 71))
    assert len({field.header for field in list_fields()}) == 70
    assert (list_fields()[0].header, list_fields()[-1].header) == ("CLIENTID", "MODEND")


def test_each_field_is_of_one_entity() -> None:
    assert [len(list_entity_fields(entity)) for entity in ENTITIES] == [9, 57, 4]
    assert [field for entity in ENTITIES for field in list_entity_fields(entity)] == list(list_fields())


def test_each_entity_has_its_id_among_its_fields() -> None:
    for entity in ENTITIES:
        assert get_field(ID_FIELD[entity]).entity == entity
        assert get_field(ID_FIELD[entity]).missing == "reject"


def test_coded_fields_and_no_others_name_a_code_list() -> None:
    assert {field.header for field in list_fields() if field.code_list} == {
        field.header for field in list_fields() if field.kind == "code"
    }


def test_every_whole_number_has_a_range() -> None:
    assert set(INTEGER_RANGE) == {field.header for field in list_fields() if field.kind == "integer"}
    assert INTEGER_RANGE == {"AUDIT": (0, 40), "ALCDDAYS": (0, 28), "ALCUNITS": (0, 999), "CHILDWTH": (0, 98)}


def test_what_identifies_a_client_is_masked() -> None:
    masked = {"FINITIAL", "SINITIAL", "DOB", "PC", "CLIENTID", "CLIENT", "EPISODID", "MODID"}
    assert {field.header for field in list_fields() if field.is_masked} == masked == MASKED_FIELDS


def test_kinds_are_those_the_code_knows() -> None:
    assert {field.kind for field in list_fields()} == set(get_args(Kind))


def test_no_field_is_both_there_and_removed() -> None:
    assert len(list_removed_fields()) == 24
    assert list_removed_fields().isdisjoint({field.header for field in list_fields()})


def test_a_field_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        get_field("clientid")


@pytest.mark.parametrize(
    ("reference", "header"), [("EXITD", "EXITD"), ("episode.EXITD", "EXITD"), ("other.MODST", "MODST")]
)
def test_the_field_a_reference_speaks_of(reference: str, header: str) -> None:
    assert get_referenced_field(reference).header == header


@pytest.mark.parametrize(
    ("header", "expected"),
    [("CLIENTID", False), ("CMSID", False), ("AGNCY", True), ("DOB", True), ("SEX", True), ("PC", True)],
)
def test_which_fields_are_understood_in_addition_to_their_text(header: str, expected: bool) -> None:
    assert has_value_column(header) is expected
