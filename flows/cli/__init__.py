"""The command `ndtms`.  Data go to standard output, messages to standard error."""

from flows.cli.app import app, main, run

__all__ = ["app", "main", "run"]
