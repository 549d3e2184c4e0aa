"""Every commit of a version is another build; a clone and a copy of it are the same one."""

import shutil
from pathlib import Path

import pytest

from flows.support.software_version import hash_program, read_build, read_software_version

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("flows", "transforms", "schemas", "sql", "data"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_copy_is_the_same_build(copy: Path) -> None:
    assert read_build() == f"{read_software_version()}+{hash_program(copy)}"


@pytest.mark.parametrize(
    "file", ["flows/cli/app.py", "transforms/pipeline.py", "sql/tables/runs.sql", "data/dataset_r/fields.csv"]
)
def test_a_changed_file_is_another_build(copy: Path, file: str) -> None:
    before = hash_program(copy)
    changed = copy / file
    changed.write_bytes(changed.read_bytes() + b"\n")
    assert hash_program(copy) != before


def test_a_renamed_file_is_another_build(copy: Path) -> None:
    before = hash_program(copy)
    (copy / "transforms/pipeline.py").rename(copy / "transforms/pipelines.py")
    assert hash_program(copy) != before


def test_what_a_site_adds_is_no_part_of_the_build(copy: Path) -> None:
    before = hash_program(copy)
    (copy / "data/sources/mysystem.toml").write_text("name = 'mysystem'", encoding="utf-8")
    (copy / "flows/__pycache__").mkdir()
    (copy / "flows/__pycache__/app.pyc").write_bytes(b"compiled")
    assert hash_program(copy) == before
