"""Refusals of keys, and of audits that do not have the key of the environment."""

import duckdb

from flows.support import encrypted_databases
from tests.printed.refusal import MONTH, Place, refused
from tests.support.encryption import KEY, OTHER_KEY, allow_encryption

Words = tuple[object, ...]


def make_encrypted(at: Place) -> None:
    """Makes a home with an encrypted audit."""
    allow_encryption(at.monkeypatch)
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", KEY)
    at.make_audit()


@refused
def audit_without_its_key(at: Place) -> Words:
    make_encrypted(at)
    at.monkeypatch.delenv("NDTMS_AUDIT_KEY")
    return ("runs", "--home", at.home)


@refused
def audit_with_another_key(at: Place) -> Words:
    make_encrypted(at)
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", OTHER_KEY)
    return ("runs", "--home", at.home)


@refused
def audit_that_is_not_encrypted(at: Place) -> Words:
    at.make_audit()
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", KEY)
    allow_encryption(at.monkeypatch)
    return at.submit(at.write_export())


@refused
def audit_that_is_encrypted_already(at: Place) -> Words:
    make_encrypted(at)
    return ("encrypt", "--home", at.home)


@refused
def audit_to_encrypt_that_is_missing(at: Place) -> Words:
    return ("encrypt", "--home", at.home)


@refused
def encryption_without_a_key(at: Place) -> Words:
    at.make_audit()
    return ("encrypt", "--home", at.home)


@refused
def new_key_and_removal(at: Place) -> Words:
    return ("encrypt", "--new-key", "--remove", "--home", at.home)


@refused
def key_that_is_blank(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", "")
    return at.submit(at.write_export())


@refused
def key_of_a_secret_without_a_name(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", "block:")
    return at.submit(at.write_export())


@refused
def key_with_a_line_break(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", f"{KEY}\n")
    return at.submit(at.write_export())


@refused
def key_that_is_short(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", "password")
    return at.submit(at.write_export())


@refused
def extension_that_is_not_installed(at: Place) -> Words:
    at.monkeypatch.setattr(duckdb, "__version__", "1.5.6")
    at.monkeypatch.setattr(encrypted_databases, "_LOAD", "load no_such_extension")
    at.monkeypatch.setenv("NDTMS_AUDIT_KEY", KEY)
    return ("submit", "--source", at.write_export(), *MONTH, "--home", at.make_home())
