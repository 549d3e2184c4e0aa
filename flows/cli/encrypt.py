"""The command that encrypts the audit of a home."""

import sys

from flows.audit.database import audit_path
from flows.audit.encryption import change_key, is_encrypted
from flows.cli.options import Decrypt, Home, NewKey
from flows.cli.terminal import note, show_activity
from flows.landing.home import locked_home
from flows.sources.request import find_home
from flows.support.audit_key import NEW_VARIABLE, VARIABLE, read_audit_key, switch_audit_key
from flows.support.errors import InputRefused

_ELSEWHERE = "backups and copies of the audit are not touched, and the blocks of the old file are not overwritten"


def encrypt(new_key: NewKey = False, remove: Decrypt = False, home: Home = None) -> None:
    """Encrypt the audit with the key in NDTMS_AUDIT_KEY, change its key, or remove the encryption."""
    if new_key and remove:
        raise InputRefused("found --new-key and --remove: give one of them, or neither to encrypt the audit")
    place = find_home(home)
    path = audit_path(place)
    if not path.exists():
        raise InputRefused(
            f"{path}: there is no audit yet; `ndtms submit` with {VARIABLE} set creates an encrypted one"
        )
    given = _read_key(VARIABLE)
    old, new = (given, _read_key(NEW_VARIABLE)) if new_key else (given, None) if remove else (None, given)
    if old is None and is_encrypted(path):
        raise InputRefused(f"{path}: the audit is already encrypted; --new-key changes its key, --remove decrypts it")
    switch_audit_key(old)
    try:
        with show_activity("writing the audit anew"), locked_home(place, "the encryption of the audit"):
            change_key(place, old, new)
            switch_audit_key(new)
    finally:
        switch_audit_key(given)
    sys.stdout.write(f"{path}: {_describe(new_key=new_key, remove=remove)}\n")
    note(_ELSEWHERE)


def _read_key(variable: str) -> str:
    key = read_audit_key(variable)
    if key is None:
        raise InputRefused(f"{variable} is not set; set it to a key, or to block:NAME for a Prefect secret")
    return key


def _describe(*, new_key: bool, remove: bool) -> str:
    if new_key:
        return f"the audit has the new key; set {VARIABLE} to it, and remove {NEW_VARIABLE}"
    if remove:
        return f"the audit is no longer encrypted; remove {VARIABLE} from the environment of every command"
    return f"the audit is encrypted; keep {VARIABLE} in the environment of every command, and a copy of it elsewhere"
