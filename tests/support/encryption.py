"""Encrypted audits for tests.

Where DuckDB's extension httpfs is not installed, DuckDB encrypts with random numbers that are not secure. No setting of
the program allows that.
"""

import shutil
from pathlib import Path

import duckdb
import pytest

from flows.support import encrypted_databases
from flows.support.errors import InputRefused

KEY = "a-made-up-key-of-fifty-letters-for-tests-'-and-no-x"
OTHER_KEY = "another-made-up-key-for-the-tests-of-this-project-x"


def allow_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets this process write encrypted audits, with or without the extension."""
    load = encrypted_databases.load_encryption

    def load_or_simulate(connection: duckdb.DuckDBPyConnection) -> None:
        try:
            load(connection)
        except InputRefused:
            connection.execute("set force_mbedtls_unsafe = true")

    monkeypatch.setattr(encrypted_databases, "load_encryption", load_or_simulate)


def use_key(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    """Sets or removes the key in the environment."""
    if key is None:
        monkeypatch.delenv("NDTMS_AUDIT_KEY", raising=False)
    else:
        monkeypatch.setenv("NDTMS_AUDIT_KEY", key)


def copy_home(home: Path, folder: Path) -> Path:
    """Copies a home into a folder, with its times; returns the copy."""
    return Path(shutil.copytree(home, folder / "copied"))
