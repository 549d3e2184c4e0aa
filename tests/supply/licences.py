"""Finds the licence of each package of the lock, and refuses one that is unknown or not allowed."""

import tomllib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from flows.support.errors import InputRefused
from tests.supply.lock import Package

TABLE = Path(__file__).with_name("licences.toml")
# Classifiers with one possible licence.  `BSD License` and `Apache Software License` each have several.
_CLASSIFIED: Final = {
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}


@dataclass(frozen=True)
class Licences:
    """The table of licences.

    Attributes:
        allowed: SPDX identifiers.
        packages: SPDX expressions of packages, by name.
    """

    allowed: frozenset[str]
    packages: dict[str, str]


def read_licences(path: Path = TABLE) -> Licences:
    """Returns the table of licences."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Licences(frozenset(table["allowed"]), dict(table["packages"]))


def find_licences(packages: Iterable[Package], licences: Licences) -> dict[Package, str]:
    """Returns the licence of each package as an SPDX expression.

    Raises:
        InputRefused: a licence is unknown, contradicted by the metadata of the package, or not allowed; or the table
            has a package that is not in the lock.
    """
    found = {package: _find_licence(package, licences) for package in packages}
    for package, expression in found.items():
        if not is_allowed(expression, licences.allowed):
            raise InputRefused(
                f"{package.name} {package.version} has the licence {expression}, which is not allowed; replace the "
                f"package, or add the licence to `allowed` in {TABLE.name} after reading it."
            )
    if surplus := sorted(licences.packages.keys() - {package.name for package in found}):
        raise InputRefused(f"{TABLE.name} has the package {surplus[0]}, which is not in the lock; remove the line.")
    return found


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Returns whether one may follow an SPDX expression with allowed licences only.

    `OR` needs one of its licences, `AND` needs both, and `WITH` keeps its exception as part of the licence.
    """
    tokens = canonicalize_license_expression(expression).replace("(", "( ").replace(")", " )").split()
    value, rest = _either(tokens, allowed)
    assert not rest, expression
    return value


def _either(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, rest = _both(tokens, allowed)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:], allowed)
        value = value or other
    return value, rest


def _both(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, rest = _single(tokens, allowed)
    while rest and rest[0] == "AND":
        other, rest = _single(rest[1:], allowed)
        value = value and other
    return value, rest


def _single(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    first, *rest = tokens
    if first == "(":
        value, rest = _either(rest, allowed)
        return value, rest[1:]
    if rest and rest[0] == "WITH":
        return f"{first} WITH {rest[1]}" in allowed, rest[2:]
    return first in allowed, rest


def _find_licence(package: Package, licences: Licences) -> str:
    listed = licences.packages.get(package.name)
    declared = _declared_licence(package)
    if listed is not None and declared not in (None, listed):
        raise InputRefused(
            f"{package.name} {package.version} has the licence {declared} by its metadata and {listed} by "
            f"{TABLE.name}; correct the line, or remove it."
        )
    if found := listed or declared:
        return found
    raise InputRefused(
        f"the licence of {package.name} {package.version} is unknown, because its metadata do not name one or it is "
        f"not installed; read the licence of the package and add it to {TABLE.name}."
    )


def _declared_licence(package: Package) -> str | None:
    """Returns the licence that the metadata of the installed package name, if they name exactly one expression."""
    try:
        metadata = distribution(package.name).metadata
    except PackageNotFoundError:
        return None
    for key in ("License-Expression", "License"):
        with suppress(InvalidLicenseExpression):
            return canonicalize_license_expression((metadata.get_all(key) or [""])[0])
    classified = {text for text in metadata.get_all("Classifier") or () if text.startswith("License ::")}
    return _CLASSIFIED.get(classified.pop()) if len(classified) == 1 else None
