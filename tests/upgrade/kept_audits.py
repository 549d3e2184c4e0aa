"""Audits that earlier versions wrote, kept to test upgrades: agency L0001, with April and May 2023 landed.

`gzip` of the file `audit.duckdb`.  A version that changes the tables adds the audit of the version before it.
"""

import gzip
from pathlib import Path

from flows.audit.database import audit_path

FOLDER = Path(__file__).with_name("audits")
NAMES = sorted(file.name.removesuffix(".duckdb.gz") for file in FOLDER.glob("*.duckdb.gz"))


def unpack_audit(name: str, home: Path) -> Path:
    """Puts a kept audit into a home, and returns the home."""
    home.mkdir(parents=True)
    audit_path(home).write_bytes(gzip.decompress((FOLDER / f"{name}.duckdb.gz").read_bytes()))
    return home
