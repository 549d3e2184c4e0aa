"""Finds clients that may be one person, or that share a reference."""

import polars as pl

from schemas.record_columns import ROW
from transforms.parse.unique_values import is_duplicated

PERSON_COLUMNS = ("FINITIAL.value", "SINITIAL.value", "DOB.value", "SEX.value", "SEX.sent")
_LINKED_BY = PERSON_COLUMNS[:4]


def find_possible_duplicates(clients: pl.DataFrame) -> pl.DataFrame:
    """Finds clients that share a reference but differ, and clients that differ only in CLIENTID.

    Two records of a group differ in a field exactly if the group holds more than one value of it. An unknown value on
    either side leaves the answer open.

    Returns:
        `row`, `shares_its_reference`, `has_possible_duplicate`.
    """
    # Counting distinct values per group avoids a join of all pairs. Unique references need no check.
    of_reference = clients.filter(is_duplicated(clients["CLIENT"])).select(
        ROW,
        shares_its_reference=pl.any_horizontal(
            _differs_from_another(pl.col(column), "CLIENT") for column in PERSON_COLUMNS if column != "SEX.value"
        ),
    )
    alike = clients.filter(pl.struct(_LINKED_BY).is_duplicated())
    clientid = pl.col("CLIENTID")
    several = clientid.drop_nulls().n_unique().over(_LINKED_BY) > 1
    no, yes = pl.lit(value=False), pl.lit(value=True)
    # A blank CLIENTID may or may not equal another, so the answer is null.
    of_person = alike.select(
        ROW,
        has_possible_duplicate=pl.when(clientid.is_not_null() & several).then(yes)
        .when(clientid.is_not_null().all().over(_LINKED_BY)).then(no),
    )  # fmt: skip
    # A record outside the checked groups has no counterpart, so the answer is false.
    return clients.select(
        ROW,
        shares_its_reference=_default_to_no(of_reference, "shares_its_reference"),
        has_possible_duplicate=_default_to_no(of_person, "has_possible_duplicate"),
    )


def _default_to_no(answered: pl.DataFrame, column: str) -> pl.Expr:
    is_checked = pl.col(ROW).is_in(answered[ROW].implode())
    answer = pl.col(ROW).replace_strict(answered[ROW], answered[column], default=None, return_dtype=pl.Boolean)
    return pl.when(is_checked).then(answer).otherwise(pl.lit(value=False))


def _differs_from_another(person: pl.Expr, group: str) -> pl.Expr:
    # SQL logic: two known values that differ decide the answer; otherwise a blank in the group leaves it open.
    several = person.drop_nulls().n_unique().over(group) > 1
    unknown = (person.is_null().any().over(group)) & (pl.len().over(group) > 1)
    return pl.when(several & person.is_not_null()).then(pl.lit(value=True)).when(~unknown).then(pl.lit(value=False))
