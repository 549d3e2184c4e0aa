"""Reads the key of an encrypted audit: from the environment, or from a Prefect secret that it names.

The key is in no file, parameter, message or SQL text.
"""

import os
from functools import cache

from flows.support.errors import InputRefused

VARIABLE = "NDTMS_AUDIT_KEY"
NEW_VARIABLE = "NDTMS_AUDIT_NEW_KEY"
_SECRETS = "block:"
# DuckDB derives the key with a single hash, so a short password could be guessed.
_LEAST_LETTERS = 32


def read_audit_key(variable: str = VARIABLE) -> str | None:
    """Returns the key of the audit; None if the variable is not set, and the audit is therefore not encrypted.

    Raises:
        InputRefused: the variable is blank or too short, or names no Prefect secret or one that does not exist.
    """
    text = os.environ.get(variable)
    if text is None:
        return None
    if text == _SECRETS:
        raise InputRefused(f"{variable} is {_SECRETS} without a name; write the name of a Prefect secret after it")
    key = _load_block(text.removeprefix(_SECRETS)) if text.startswith(_SECRETS) else text
    if not key:
        raise InputRefused(f"{variable} is blank; set it to the key of the audit, or remove it")
    if not key.isprintable():
        raise InputRefused(f"{variable} contains a line break or another control character; remove it from the key")
    if len(key) < _LEAST_LETTERS:
        raise InputRefused(
            f"{variable} has {len(key)} characters; the key must have at least {_LEAST_LETTERS}, such as those that"
            " `openssl rand -base64 32` prints"
        )
    return key


def switch_audit_key(key: str | None) -> None:
    """Makes a key that of this process, or none, because its audit has been written with it."""
    if key is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = key


@cache
def _load_block(name: str) -> str:
    # Prefect takes a second to import, so only sites that store secrets in it import it here.
    from flows.support.prefect_secrets import load_secret  # noqa: PLC0415

    return load_secret(name)
