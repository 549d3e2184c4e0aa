"""The subcommands of `ndtms`, each loaded when it is needed."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import typer

from flows.cli.examples import show_example

# The module of each command, in the order of `ndtms --help`.  The function in it has the name of the command.
_MODULES: Final = {
    "submit": "submit", "check": "check", "backfill": "months", "replay": "months", "compare": "audit",
    "status": "status", "worklist": "status",
    "rejected": "views", "runs": "views", "findings": "views", "mismatches": "views", "completeness": "views",
    "unmapped": "views", "quality": "views", "changes": "views",
    "due": "lists", "releases": "lists", "transfers": "lists", "figures": "lists",
    "report": "report", "rules": "rules", "explain": "rules", "codes": "reference", "ask": "audit", "sql": "audit",
    "settings": "settings", "deploy": "deploy", "alarms": "alarms", "upgrade": "upgrade",
    "backup": "backup", "verify": "backup", "encrypt": "encrypt", "forget": "forget",
    "reference": "reference", "source": "source",
}  # fmt: skip
_GROUPS: Final = ("reference", "source")


def add_commands(app: typer.Typer, word: str = "") -> None:
    """Adds one subcommand to the command, or all of them.

    Args:
        app: the command.
        word: the subcommand that was asked for.  If there is none of that name, all are added: for the help, for
            completion in a shell, and to name the command that was probably meant.
    """
    for name in (word,) if word in _MODULES else _MODULES:
        module: Any = import_module(f"flows.cli.{_MODULES[name]}")
        if name in _GROUPS:
            app.add_typer(getattr(module, f"{name}_app"), name=name)
        else:
            function: Callable[..., None] = getattr(module, name)
            app.command(name, epilog=show_example(name))(function)
