"""The bill of materials has every package of the lock, the same bytes each time, and no licence that is not allowed."""

import json
from pathlib import Path

import pytest

from flows.support.errors import InputRefused
from tests.supply import sbom
from tests.supply.licences import Licences, find_licences, is_allowed, read_licences
from tests.supply.lock import LOCK, Package, read_lock
from tests.supply.sbom import build_bill, main

HASH = "a" * 64
PROJECT = {"name": "project", "version": "1", "license": "MIT"}
UNINSTALLED = Package("example-package", "1.0", "", (HASH,))


def written(path: Path) -> bytes:
    assert main([str(path)]) == 0
    return path.read_bytes()


def test_the_bill_has_every_package_and_hash_of_the_lock(tmp_path: Path) -> None:
    bill = json.loads(written(tmp_path / "new" / "sbom.json"))
    text = LOCK.read_text(encoding="utf-8")
    assert sum(len(component["hashes"]) for component in bill["components"]) == text.count("--hash=sha256:")
    pinned = {line.split(" ")[0] for line in text.splitlines() if not line.startswith((" ", "#"))}
    assert {f"{component['name']}=={component['version']}" for component in bill["components"]} == pinned
    assert all(component["licenses"][0]["expression"] for component in bill["components"])


def test_the_bill_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    assert written(tmp_path / "first.json") == written(tmp_path / "second.json")
    other = Package("another", "2", "sys_platform == 'win32'", (HASH,))
    licences = {UNINSTALLED: "MIT", other: "ISC"}
    bill = build_bill(licences, PROJECT)
    assert bill == build_bill(dict(reversed(licences.items())), PROJECT)
    [first, second] = json.loads(bill)["components"]
    assert first["properties"] == [{"name": "python:environment_marker", "value": "sys_platform == 'win32'"}]
    assert second == {
        "bom-ref": "pkg:pypi/example-package@1.0", "type": "library", "name": "example-package", "version": "1.0",
        "purl": "pkg:pypi/example-package@1.0", "licenses": [{"expression": "MIT"}],
        "hashes": [{"alg": "SHA-256", "content": HASH}],
    }  # fmt: skip


def test_a_package_that_some_machines_do_not_install_has_its_licence_in_the_table() -> None:
    """Otherwise the bill would depend on the machine that writes it."""
    listed = read_licences().packages
    assert {package.name for package in read_lock() if package.marker} - listed.keys() == set()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True), ("mit", True), ("GPL-3.0-only", False), ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False), ("MIT AND ISC", True), ("MIT OR GPL-3.0-only AND AGPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND AGPL-3.0-only", False), ("ISC AND (GPL-3.0-only OR MIT)", True),
        ("MIT WITH Classpath-exception-2.0", False),
    ],
)  # fmt: skip
def test_an_expression_is_allowed_if_it_can_be_followed(expression: str, expected: bool) -> None:
    assert is_allowed(expression, frozenset({"MIT", "ISC"})) is expected


@pytest.mark.parametrize(
    ("package", "licences", "expected"),
    [
        (UNINSTALLED, {}, "the licence of example-package 1.0 is unknown"),
        (UNINSTALLED, {"example-package": "GPL-3.0-only"}, "has the licence GPL-3.0-only, which is not allowed"),
        (UNINSTALLED, {"example-package": "MIT", "other": "MIT"}, "has the package other, which is not in the lock"),
        (Package("packaging", "26.3", "", (HASH,)), {"packaging": "MIT"}, "by its metadata and MIT by licences.toml"),
    ],
)
def test_a_licence_that_is_unknown_or_not_allowed_is_refused(
    package: Package, licences: dict[str, str], expected: str
) -> None:
    with pytest.raises(InputRefused, match=expected):
        find_licences([package], Licences(frozenset({"MIT"}), licences))


@pytest.mark.parametrize(
    "line",
    ["example-package", "example-package==1.0", "example-package>=1.0 --hash=sha256:" + HASH, "x==1 --hash=md5:0", ""],
)
def test_a_lock_without_version_or_hash_is_refused_in_one_sentence(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"# a comment\n{line}\n")
    monkeypatch.setattr(sbom, "LOCK", lock)
    assert main([str(tmp_path / "sbom.json")]) == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"{lock}, line 2: this is not" if line else f"{lock} pins no package")
    assert not (tmp_path / "sbom.json").exists()
