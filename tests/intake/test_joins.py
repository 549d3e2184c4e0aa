"""Joins of a mapping: which rows count, and which of several rows is the first."""

import itertools
import re
from pathlib import Path

import pytest

from flows.files.locations import Location
from flows.intake.tables import TableSource, read_table
from flows.sources.mapping import Join
from flows.sources.mapping_files import read_mapping
from flows.support.errors import InputRefused

MAPPING = """
name = "joined"
dates = ["%d %b %Y"]
blanks = ["NULL"]
[clients]
file = "clients.csv"
[clients.columns]
CLIENTID = "CLIENTID"
[episodes]
file = "episodes.csv"
[[episodes.join]]
name = "home"
file = "homes.csv"
on = {{ CLIENTID = "Person" }}
{join}
[episodes.columns]
EPISODID = "EPISODID"
PC = "home.Postcode"
[interventions]
file = "interventions.csv"
by_header = true
"""
LATEST = 'order_by = "From desc"\ntake = "first"'
HEADER = "Person,From,Kind,Postcode"


def read_homes(folder: Path, join: str, *rows: str, header: str = HEADER) -> list[str | None]:
    """Returns the postcodes of the episodes of C1 and C2."""
    (folder / "joined.toml").write_text(MAPPING.format(join=join), encoding="utf-8")
    (folder / "episodes.csv").write_text("EPISODID,CLIENTID\nE1,C1\nE2,C2\n", encoding="utf-8")
    (folder / "homes.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    mapping = read_mapping(folder / "joined.toml")
    table = read_table(TableSource(mapping, Location(str(folder))), mapping.episodes)
    return table.rows["home.Postcode"].to_list()


def refusal(folder: Path, join: str, *rows: str, header: str = HEADER) -> str:
    with pytest.raises(InputRefused) as refused:
        read_homes(folder, join, *rows, header=header)
    return str(refused.value)


@pytest.mark.parametrize(
    ("join", "rows", "expected"),
    [
        # As text, the earlier day would be the larger one.
        (LATEST, ("C1,31/01/2023,x,OLD", "C1,01/02/2023,x,NEW"), "NEW"),
        (LATEST, ("C1,31 Jan 2023,x,OLD", "C1,2023-02-01,x,NEW"), "NEW"),
        (LATEST, ("C1,2023-02-01 09:30,x,OLD", "C1,2023-02-01 10:15,x,NEW"), "NEW"),
        (LATEST, ("C1,9,x,OLD", "C1,10,x,NEW"), "NEW"),
        ('order_by = "From"\ntake = "first"', ("C1,9,x,OLD", "C1,10,x,NEW"), "OLD"),
        # A blank comes last in both directions, and a word for a blank is one.
        (LATEST, ("C1,,x,OLD", "C1,NULL,x,OLD", "C1,1,x,NEW"), "NEW"),
        ('order_by = "From"\ntake = "first"', ("C1,,x,NEW", "C1,1,x,OLD"), "OLD"),
        # The second column decides where the first has equal values.
        ('order_by = ["Kind", "From desc"]\ntake = "first"', ("C1,1,b,B1", "C1,1,a,A1", "C1,2,a,A2"), "A2"),
        ('order_by = ["From desc", "Kind"]\ntake = "first"', ("C1,1/1,a,OLD", "C1,1/2,b,B", "C1,1/2,a,A"), "A"),
        # What is not used may differ, and what a join compares is without white space.
        (LATEST, ("C1,1,x,SAME", " C1 ,1,y, SAME ", "C1,0,y,OLD"), "SAME"),
        # The rows of other people do not matter.
        (LATEST, ("C9,1,x,P", "C9,1,x,Q", "C9,unknown,x,R", "C1,1,x,OWN", ",1,x,NOBODY", ",1,x,NONE"), "OWN"),
        # The filter comes before the order, and before the check that there is one row.
        (f'where = {{ Kind = ["x"] }}\n{LATEST}', ("C1,unknown,y,P", "C1,2,x,Q", "C1,1,x,R"), "Q"),
        ('where = { Kind = ["x", ""] }', ("C1,1,y,P", "C1,1, x ,Q", "C2,1,,Z"), "Q"),
    ],
)
def test_the_row_does_not_depend_on_the_order_of_the_rows(
    tmp_path: Path, join: str, rows: tuple[str, ...], expected: str
) -> None:
    for shuffled in itertools.permutations(rows):
        first, second = read_homes(tmp_path, join, *shuffled)
        assert (first or "").strip() == expected, shuffled
        assert second in (None, "Z")


def test_each_key_has_its_own_first_row(tmp_path: Path) -> None:
    assert read_homes(tmp_path, LATEST, "C1,5,x,A", "C2,1,x,B", "C2,2,x,C", "C1,4,x,D") == ["A", "C"]


@pytest.mark.parametrize(
    "rows",
    [
        ("C1,1,x,P", "C1,1,x,Q"),
        ("C1,01/02/2023,x,P", "C1,2023-02-01,x,Q", "C1,2023-01-01,x,P"),
        ("C1,,x,P", "C1,NULL,x,Q"),
    ],
)
def test_a_tie_for_the_first_place_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    message = refusal(tmp_path, LATEST, *rows)
    assert message == (
        "homes.csv, line 3: join.order_by puts this row and another one with the same Person in the same place; add a"
        " column in which they differ to join.order_by"
    )


def test_a_tie_for_a_later_place_is_not(tmp_path: Path) -> None:
    assert read_homes(tmp_path, LATEST, "C1,1,x,P", "C1,1,x,Q", "C1,2,x,R")[0] == "R"


@pytest.mark.parametrize("column", ["the table's filter", "a later join"])
def test_a_column_that_only_a_filter_or_a_join_uses_matters_in_a_tie(tmp_path: Path, column: str) -> None:
    more = {
        "the table's filter": LATEST + '\n[episodes.where]\n"home.Kind" = ["x", "y"]',
        "a later join": LATEST + '\n[[episodes.join]]\nname = "kind"\nfile = "homes.csv"\non = {"home.Kind" = "Kind"}\n'
        'order_by = "From"\ntake = "first"',
    }[column]
    assert "in the same place" in refusal(tmp_path, more, "C1,1,x,SAME", "C1,1,y,SAME")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ("C1,2023-01-01,x,P", "C2,soon,x,Q"),
            "line 3: the value of 'From', which the mapping names in join.order_by, is",
        ),
        (("C1,2.1.23,x,P", "C1,3.1.23,x,Q"), "line 2: .* looks like a day or a number but cannot be read as one; name"),
    ],
)
def test_values_without_an_order_are_refused_with_their_line(
    tmp_path: Path, rows: tuple[str, ...], expected: str
) -> None:
    message = refusal(tmp_path, LATEST, *rows)
    assert re.search(expected, message)
    assert "soon" not in message and "3.1.23" not in message


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ('order_by = "Since"\ntake = "first"', "'Since', which the mapping names in join.order_by, is missing"),
        ('where = { Sort = ["x"] }', "'Sort', which the mapping names in join.where, is missing"),
    ],
)
def test_a_column_that_is_missing_is_reported_with_its_key(tmp_path: Path, join: str, expected: str) -> None:
    message = refusal(tmp_path, join, "C1,1,x,P")
    headers = HEADER.replace(",", ", ")
    assert f"line 1: the column {expected}; correct the mapping or the export; the columns are {headers}" in message


def test_several_rows_without_a_choice_are_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'where = { Kind = ["x"] }', "C1,1,x,P", "C1,2,x,Q")
    assert message.startswith("homes.csv, line 3: a second row has the same Person; a joined table may have only one;")


def test_a_column_may_be_written_without_a_list() -> None:
    one = Join.model_validate(
        {"name": "a", "file": "a", "on": {"a": "b"}, "order_by": "from day desc", "take": "first"}
    )
    assert [(column.name, column.is_descending) for column in one.sort_columns] == [("from day", True)]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ('order_by = "From"', 'episodes.join.0: order_by needs take = "first", because a join adds one row'),
        ('take = "first"', "episodes.join.0: take needs order_by, the columns that decide which row is first"),
        ('take = "last"\norder_by = "From"', "episodes.join.0.take: must be 'first'"),
        ('take = "first"\norder_by = []', "episodes.join.0: take needs order_by"),
        ('take = "first"\norder_by = 3', "episodes.join.0.order_by: must be a column in quotes, or a list of them"),
        ('take = "first"\norder_by = [3]', "episodes.join.0.order_by.0: must be a column in quotes, or a list of them"),
        ('take = "first"\norder_by = ""', 'episodes.join.0: order_by needs the name of a column, as in "moved_in" or'),
        ('take = "first"\norder_by = " desc"', "episodes.join.0: order_by needs the name of a column"),
        ('take = "first"\norder_by = ["From", "From desc"]', "episodes.join.0: order_by names From twice; each column"),
        ('where = { Kind = "x" }', 'episodes.join.0.where.Kind: must be a list of texts, such as ["one", "two"]'),
        ("where = 3", "episodes.join.0.where: must be a table of keys"),
    ],
)
def test_a_mistake_in_a_join_is_reported_with_its_key(tmp_path: Path, join: str, expected: str) -> None:
    message = refusal(tmp_path, join)
    assert message.startswith(f"{tmp_path / 'joined.toml'}: {expected}")
