"""Writes the rows that are compared: an export of which a share of the episodes has faults."""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from bench.comparison.chosen_rules import AGENCY, EXTRACTED_ON
from bench.comparison.rules import EPISODES, ComparedRule, OneOf, list_dates, list_fields, list_numbers, write_rules
from bench.national_export import INTERVENTIONS_PER_EPISODE, write_export

_Values = Sequence[str | None]
_BLANK: _Values = (None,)
_DATES: _Values = ("31/02/2023", "2010-06-01", "2024-02-29", str(EXTRACTED_ON), str(EXTRACTED_ON + timedelta(days=1)))
_NUMBERS: _Values = ("many", "12.5", "-1", "07", "0", "28", "29", "41", "99", "1000")


def write_rows(
    folder: Path, rows: int, rules: tuple[ComparedRule, ...], *, share_faulty: float, faults: int, seed: int = 1
) -> None:
    """Writes the three tables of an export, with a number of episodes, and the rules.

    Every record is in play, so that the whole pipeline checks all episodes. Each faulty episode has other values in
    some fields, which break a rule or not. The ids and the consent stay as they are.

    Args:
        folder: where to write.
        rows: the number of episodes, and of interventions.
        rules: the rules whose fields get other values.
        share_faulty: the share of the episodes that have faults.
        faults: the number of fields with another value in such an episode.
        seed: what the values are drawn from.
    """
    write_export(folder, rows * INTERVENTIONS_PER_EPISODE, share_faulty=0, seed=1, agency=AGENCY)
    interventions = folder / "interventions.csv"
    pl.read_csv(interventions, infer_schema=False).head(rows).write_csv(interventions)
    episodes = pl.read_csv(folder / EPISODES, infer_schema=False).with_columns(CONSENT=pl.lit("Y"))
    _add_faults(episodes, rules, share_faulty, faults, random.Random(seed)).write_csv(folder / EPISODES)
    write_rules(folder, rules)


def _add_faults(
    episodes: pl.DataFrame, rules: tuple[ComparedRule, ...], share_faulty: float, faults: int, draw: random.Random
) -> pl.DataFrame:
    values = _list_values(rules)
    changed: dict[str, dict[int, str | None]] = {field: {} for field in values}
    for row in range(len(episodes)):
        if draw.random() < share_faulty:
            for field in draw.sample(list(values), faults):
                changed[field][row] = draw.choice(draw.choice(values[field]))
    return episodes.with_columns(
        episodes[field].scatter(list(of_field), pl.Series(list(of_field.values()), dtype=pl.String))
        for field, of_field in changed.items()
    )


def _list_values(rules: tuple[ComparedRule, ...]) -> dict[str, tuple[_Values, ...]]:
    """Returns the kinds of values to draw from for each field that the rules read."""
    values: dict[str, tuple[_Values, ...]] = dict.fromkeys(list_fields(rules), (_BLANK, ("recorded",)))
    values |= dict.fromkeys(list_dates(rules), (_BLANK, _DATES))
    values |= dict.fromkeys(list_numbers(rules), (_BLANK, _NUMBERS))
    # A list of many codes would otherwise leave few blanks.
    coded = {rule.field: (_BLANK, ("not a code",), rule.codes) for rule in rules if isinstance(rule, OneOf)}
    return values | coded
