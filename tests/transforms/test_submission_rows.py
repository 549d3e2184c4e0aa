"""The rows of a submission: 70 columns, one row for each intervention sent, sorted as text."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from flows.landing.submission_file import format_submission
from schemas.dataset import ENTITIES, Entity, list_entity_fields, list_fields
from schemas.record_columns import ROW
from schemas.submission_file import FileFormat, Quoting, load_file_format
from tests.rules.judging import judge_worlds
from tests.rules.world import World
from transforms.results.outcomes import add_outcomes
from transforms.results.submission_rows import SubmissionRows, build_submission_rows, select_sent_values

HEADERS = [field.header for field in list_fields()]


def rows_of(*worlds: World) -> SubmissionRows:
    records = add_outcomes(judge_worlds(worlds).records)
    return build_submission_rows({entity: select_sent_values(records[entity], entity) for entity in ENTITIES})


FORM = load_file_format()


def whole(rows: SubmissionRows, form: FileFormat = FORM) -> pl.DataFrame:
    """The rows as who reads the file finds them."""
    return pl.read_csv(b"".join(format_submission(rows, form)), infer_schema=False)


def sent(entity: Entity, *records: dict[str, object]) -> pl.DataFrame:
    """What is sent of an entity, written by hand; `row` and `parent_row` among it."""
    columns: dict[str, type[pl.DataType]] = {ROW: pl.UInt32, "parent_row": pl.UInt32}
    columns |= {field.header: pl.String for field in list_entity_fields(entity)}
    return pl.DataFrame(list(records), schema=columns)


def test_a_row_has_the_fields_of_all_three() -> None:
    row = whole(rows_of(World(interventions=({"MODID": "N@"},)))).row(0, named=True)
    assert list(row) == HEADERS
    assert (row["CLIENTID"], row["EPISODID"], row["MODID"]) == ("C0000", "E0000", "M0000")
    assert (row["PC"], row["UTLA"], row["TRIAGED"], row["MODST"]) == ("NR14 7", "E10000020", "2023-01-05", "2023-01-10")
    # Partial dates are sent as whole ones, what is blank as blank.
    assert (row["HEPCTSTD"], row["HIVTESTDT"], row["DISD"]) == ("2019-01-01", "2019-05-01", None)


def test_one_row_for_each_intervention() -> None:
    rows = rows_of(World(interventions=({"MODID": "N@"},)), World())
    assert len(rows) == 3
    assert whole(rows)["MODID"].to_list() == ["M0000", "N0000", "M0001"]


def test_rows_are_sorted_by_the_three_ids_as_text() -> None:
    clients = sent("client", {ROW: 0, "CLIENTID": "C10"}, {ROW: 1, "CLIENTID": "C9"}, {ROW: 2, "CLIENTID": "c1"})
    episodes = sent(
        "episode",
        {ROW: 0, "parent_row": 1, "EPISODID": "E2"},
        {ROW: 1, "parent_row": 1, "EPISODID": "E10"},
        {ROW: 2, "parent_row": 0, "EPISODID": "E3"},
        {ROW: 3, "parent_row": 2, "EPISODID": "É"},
    )
    interventions = sent(
        "intervention",
        {ROW: 4, "parent_row": 0, "MODID": "b"},
        {ROW: 5, "parent_row": 0, "MODID": "B"},
        {ROW: 6, "parent_row": 1, "MODID": "M"},
        {ROW: 7, "parent_row": 2, "MODID": "M"},
        {ROW: 8, "parent_row": 3, "MODID": "M"},
    )
    rows = whole(build_submission_rows({"client": clients, "episode": episodes, "intervention": interventions}))
    assert rows.select("CLIENTID", "EPISODID", "MODID").rows() == [
        ("C10", "E3", "M"),
        ("C9", "E10", "M"),
        ("C9", "E2", "B"),
        ("C9", "E2", "b"),
        ("c1", "É", "M"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_portions_put_together_are_the_whole(size: int) -> None:
    rows = rows_of(World(), World(), World())
    header, *portions = format_submission(rows, FORM, size)
    numbers = [portion.count(b"\r\n") for portion in portions]
    assert numbers == [size] * (3 // size) + [3 % size] * (3 % size > 0)
    assert b"".join([header, *portions]) == b"".join(format_submission(rows, FORM))


def test_nothing_to_send_is_a_header_with_all_columns() -> None:
    assert list(format_submission(rows_of(World(edit={"CONSENT": "N"})), FORM)) == [
        (",".join(HEADERS) + "\r\n").encode()
    ]


# What polars writes of the whole rows at once is what the file must be.
AWKWARD = ("a,b", 'a "so"', "one\nmore", "\r", "Ł, é", "\x1e", "\x1f", "\x1e\x1f,", "=1+1", " ", "-")


@pytest.mark.parametrize("quoting", ["necessary", "always"])
@pytest.mark.parametrize(("delimiter", "line_end"), [(",", "\r\n"), (";", "\n")])
def test_each_text_is_quoted_as_where_rows_are_written_whole(quoting: Quoting, delimiter: str, line_end: str) -> None:
    form = replace(FORM, quoting=quoting, delimiter=delimiter, line_end=line_end)
    for text in AWKWARD:
        parts: dict[Entity, pl.DataFrame] = {
            "client": sent("client", {ROW: 0, "CLIENTID": "C1", "CLIENT": text}, {ROW: 1, "CLIENTID": text}),
            "episode": sent("episode", {ROW: 0, "parent_row": 0, "EPISODID": "E1", "CMSID": text, "RTOAGNCY": text}),
            "intervention": sent("intervention", {ROW: 0, "parent_row": 0, "MODID": text, "MODEND": "2023-04-01"}),
        }
        rows = build_submission_rows(parts)
        placed = [parts[entity].head(1).drop(ROW, "parent_row") for entity in ENTITIES]
        expected = pl.concat(placed, how="horizontal").write_csv(
            separator=delimiter, line_terminator=line_end, quote_style=quoting, null_value=""
        )
        assert b"".join(format_submission(rows, form)) == expected.encode(), repr(text)


def test_what_was_not_understood_is_sent_blank_but_for_lists_that_are_not_published() -> None:
    found = whole(rows_of(World(edit={"CHILDWTH": "many", "HOUSING": "palace", "RELIGION": "Jedi"}))).row(0, named=True)
    assert (found["CHILDWTH"], found["HOUSING"], found["RELIGION"]) == (None, None, "Jedi")


@pytest.mark.parametrize(
    ("form", "expected"), [("%Y-%m-%d", "2023-01-05"), ("%d/%m/%Y", "05/01/2023"), ("%Y%m%d", "20230105")]
)
def test_dates_may_be_written_in_another_form(form: str, expected: str) -> None:
    rows = whole(rows_of(World()), replace(FORM, date_format=form))
    assert rows["TRIAGED"].item() == expected
    assert rows["DISD"].item() is None
    assert rows["CLIENTID"].item() == "C0000"


def test_dates_of_one_day_look_alike_whatever_form_they_came_in() -> None:
    forms = ("2023-01-05", "05/01/2023", "20230105", "05-JAN-2023", "2023-01-05T10:00")
    rows = whole(rows_of(*(replace(World(), edit={"TRIAGED": form}) for form in forms)))
    assert set(rows["TRIAGED"]) == {date(2023, 1, 5).isoformat()}
