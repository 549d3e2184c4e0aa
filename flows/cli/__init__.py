"""The command `ndtms`.  Data go to standard output, messages to standard error."""

from flows.cli.app import build_app, main, run

__all__ = ["build_app", "main", "run"]
