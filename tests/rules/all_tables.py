"""The tables of all rules that look at records."""

from typing import Final

from tests.rules import (
    client_tables,
    discharge_tables,
    episode_tables,
    families,
    history_tables,
    intervention_tables,
)
from tests.rules.case import Case, Situation

# The three modules of episodes and interventions write into one table.
_MODULES = (families, client_tables, episode_tables, history_tables)
assert discharge_tables.tables is episode_tables.tables is intervention_tables.tables

CASES: Final[tuple[Case, ...]] = tuple(case for module in _MODULES for case in module.tables.cases)
NEVER: Final[dict[tuple[str, Situation], str]] = {
    key: reason for module in _MODULES for key, reason in module.tables.never.items()
}
