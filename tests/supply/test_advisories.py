"""`make audit` finds the packages of the lock that an advisory affects, and no other."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.supply.advisories import main
from tests.supply.affected import find_affected
from tests.supply.lock import Package

HASH = "a" * 64


def package(version: str, name: str = "example-package") -> Package:
    return Package(name, version, "", (HASH,))


def advisory(
    *events: dict[str, str], versions: tuple[str, ...] = (), name: str = "example-package", **more: Any
) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name}, "versions": list(versions),
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}] if events else [],
    }  # fmt: skip
    return {"id": "MADE-UP-1", "affected": [affected]} | more


def fixed_of(version: str, record: dict[str, Any]) -> list[str]:
    return [finding.fixed for finding in find_affected([package(version)], [record])]


@pytest.mark.parametrize(
    ("events", "affected", "unaffected"),
    [
        (
            [{"introduced": "0"}, {"fixed": "1.5"}],
            ["0.dev1", "1.4.9", "1.5rc1", "1.5.dev0"],
            ["1.5", "1.5.0", "1.5.post1"],
        ),
        ([{"introduced": "1.2"}, {"last_affected": "1.10"}], ["1.2", "1.9", "1.10.0"], ["1.1", "1.10.1", "1.2rc1"]),
        ([{"introduced": "2"}], ["2", "2.0.1", "10"], ["1.9"]),
        (
            [{"fixed": "3"}, {"introduced": "0"}, {"introduced": "4"}, {"fixed": "4.2"}],
            ["1", "4.1"],
            ["3", "3.9", "4.2"],
        ),
        ([{"introduced": "0"}, {"fixed": "2"}, {"introduced": "2"}, {"fixed": "3"}], ["1", "2", "2.9"], ["3"]),
        ([{"introduced": "0"}, {"fixed": "1!1"}], ["99"], ["1!1.0"]),
    ],
    ids=["fixed", "last affected", "no end", "two ranges in any order", "adjacent", "epoch"],
)
def test_the_events_of_a_range_are_compared_as_versions(
    events: list[dict[str, str]], affected: list[str], unaffected: list[str]
) -> None:
    record = advisory(*events)
    assert [version for version in affected if not fixed_of(version, record)] == []
    assert [version for version in unaffected if fixed_of(version, record)] == []


def test_a_listed_version_is_affected_in_any_spelling_of_it() -> None:
    record = advisory(versions=("1.0", "2004d"))
    assert (fixed_of("1.0.0", record), fixed_of("1.0.1", record)) == (["none yet"], [])


def test_the_first_later_correction_is_named() -> None:
    record = advisory({"introduced": "0"}, {"fixed": "1.9"}, {"introduced": "1.95"}, {"fixed": "1.10"}, {"fixed": "3"})
    assert fixed_of("1.8", record) == ["1.9"]
    assert fixed_of("1.99", record) == ["3"]


def test_names_are_compared_in_their_normal_form() -> None:
    assert find_affected([package("1")], [advisory({"introduced": "0"}, name="Example_Package")])


def test_other_packages_ecosystems_and_commits_do_not_count() -> None:
    other = advisory({"introduced": "0"}, name="another")
    elsewhere = advisory({"introduced": "0"})
    elsewhere["affected"][0]["package"]["ecosystem"] = "npm"
    commits = advisory({"introduced": "0"})
    commits["affected"][0]["ranges"][0]["type"] = "GIT"
    assert find_affected([package("1")], [other, elsewhere, commits]) == []


def test_a_range_that_cannot_be_compared_is_reported() -> None:
    [found] = fixed_of("1", advisory({"introduced": "0"}, {"fixed": "2004d"}))
    assert found.startswith("unknown")


def run(path: Path, records: list[dict[str, Any]] | None = None, version: str = "1.0") -> int:
    """Compares a lock of one package with a file."""
    lock = path.parent / "lock.txt"
    lock.write_text(f"example-package=={version} \\\n    --hash=sha256:{HASH}\n")
    if records is not None:
        path.write_text(json.dumps(records))
    return main([str(path)], lock)


def test_findings_are_printed_and_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [advisory({"introduced": "0"}, {"fixed": "1.1"}), advisory({"introduced": "0"}, id="MADE-UP-0")]
    assert run(tmp_path / "advisories.json", records) == 1
    assert capsys.readouterr().out == (
        "example-package 1.0: MADE-UP-0, corrected in: none yet\n"
        "example-package 1.0: MADE-UP-1, corrected in: 1.1\n"
        "1 packages, 2 advisories: 2 affect a package\n"
    )
    assert run(tmp_path / "advisories.json", records[:1], version="1.1") == 0


def test_a_withdrawn_advisory_does_not_count(tmp_path: Path) -> None:
    record = advisory({"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z")
    assert run(tmp_path / "advisories.json", [record]) == 0


def test_an_archive_and_a_directory_are_read_as_a_list_is(tmp_path: Path) -> None:
    folder = tmp_path / "advisories"
    folder.mkdir()
    (folder / "MADE-UP-1.json").write_text(json.dumps(advisory({"introduced": "0"})))
    (folder / "readme.txt").write_text("not JSON")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    assert (run(folder), run(tmp_path / "all.zip")) == (1, 1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read (FileNotFoundError)"),
        ("{", "is not JSON"),
        ('[{"id": 7}]', "record 1 is not an advisory in the OSV format"),
        ("[7]", "record 1 is not an advisory in the OSV format"),
        ('[{"id": "A", "affected": [{"package": {"name": "x"}}]}]', "record 1 is not an advisory in the OSV format"),
        ('[{"id": "A", "affected": 7}]', "record 1 is not an advisory in the OSV format"),
        ("[]", "has no advisory for packages of PyPI"),
    ],
)
def test_a_file_that_compares_nothing_is_refused(
    content: str | None, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "advisories.json"
    if content is not None:
        path.write_text(content)
    assert run(path) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert expected in line


def test_without_a_file_one_sentence_names_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("make audit FILE=all.zip")
