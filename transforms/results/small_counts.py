"""Counts to share: small ones are hidden, and so are those from which a small one could be calculated."""

from collections.abc import Mapping

import polars as pl

# Counts under this number can identify people.
SMALLEST_SHOWN = 5
_AGENCY = ["agency", "period", "as_of"]
_BLOCK = [*_AGENCY, "figure"]


def count_parts(rows: pl.DataFrame, counted_by: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """Returns the number of rows in each part of a figure, by agency and month.

    Args:
        rows: `agency`, `period`, `as_of` and the columns that the figures are counted by.
        counted_by: the columns whose values, together, name the parts of each figure.

    Returns:
        `agency`, `period`, `as_of`, `figure`, `part`, `value`, `total` (of the figure) and `unit`, sorted.
    """
    figures = [
        rows.with_columns(figure=pl.lit(figure), part=pl.concat_str(*columns, separator=", "), unit=pl.lit("records"))
        .group_by(*_BLOCK, "part", "unit")
        .agg(value=pl.len().cast(pl.Int64))
        .with_columns(total=pl.col("value").sum().over(_BLOCK))
        .select(*_BLOCK, "part", "value", "total", "unit")
        .sort("agency", "period", "part")
        for figure, columns in counted_by.items()
    ]
    return pl.concat(figures).sort("agency", "period", maintain_order=True)


def hide_small_counts(counts: pl.DataFrame, part_of: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """Hides counts under five, and as many others as it takes that no hidden count can be calculated from the total.

    Args:
        counts: `agency`, `period`, `as_of`, `figure`, `part`, `value`, `total` and `unit`; the parts of a figure add up
            to its total, except for the unit `days`, whose value describes the total.
        part_of: the figures whose total is a part of another figure that comes before: its name and the part.

    Returns:
        The rows with `is_hidden`; `value` is null where it is hidden, `total` where all of the figure is.
    """
    shown: dict[tuple[object, ...], bool] = {}
    hidden_values: list[bool] = []
    hidden_totals: list[bool] = []
    for (*agency, figure), block in counts.group_by(_BLOCK, maintain_order=True):
        values, total = block["value"].to_list(), int(block["total"][0])
        parent = part_of.get(str(figure))
        is_total_hidden = total < SMALLEST_SHOWN or (parent is not None and not shown[*agency, *parent])
        if is_total_hidden:
            hidden = [True] * len(values)
        elif block["unit"][0] == "days":
            hidden = [False] * len(values)
        else:
            hidden = _choose_hidden(values)
        for part, is_hidden in zip(block["part"], hidden, strict=True):
            shown[*agency, figure, part] = not is_hidden
        hidden_values += hidden
        hidden_totals += [is_total_hidden] * len(values)
    is_shown = ~pl.Series(hidden_values, dtype=pl.Boolean)
    has_total = ~pl.Series(hidden_totals, dtype=pl.Boolean)
    return counts.with_columns(
        value=pl.when(is_shown).then("value"), total=pl.when(has_total).then("total"), is_hidden=~is_shown
    )


def join_hidden_parts(counts: pl.DataFrame) -> pl.DataFrame:
    """Puts the hidden parts of each figure into one row, because a name that is listed has at least one record."""
    part = pl.when("is_hidden").then(pl.lit("other parts, hidden")).otherwise("part")
    return counts.sort(*_AGENCY, maintain_order=True).with_columns(part=part).unique(maintain_order=True)


def _choose_hidden(values: list[int]) -> list[bool]:
    """Returns which parts of a total to hide: the small ones and, in the order of their size, enough others.

    What is hidden adds up to five or more, because the sum can be calculated. It is two parts or more, because a single
    small one adds up to less.
    """
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    hidden = {place for place in order if values[place] < SMALLEST_SHOWN}
    for place in order:
        if not hidden or sum(values[other] for other in hidden) >= SMALLEST_SHOWN:
            break
        hidden.add(place)
    return [place in hidden for place in range(len(values))]
