"""Defines valid data: the fields, the code lists, the rules, and the pandera schemas that check them."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.record_schema import client_schema, episode_schema, intervention_schema, submission_schema

__all__ = ["client_schema", "episode_schema", "intervention_schema", "submission_schema"]


def __getattr__(name: str) -> object:
    """Imports the schemas when they are first used, because pandera takes a while to import."""
    if name in __all__:
        return getattr(import_module("schemas.record_schema"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
