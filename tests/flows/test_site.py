"""The site: a directory outside of the project, with settings and mappings of its own."""

from pathlib import Path

import pytest

from flows.months.run import _share_reference_data
from flows.months.run_store import RunStore
from flows.pipeline.settings import read_settings
from flows.sources.mapping_files import find_source, read_mapping
from flows.sources.named_mappings import SOURCES_DIRECTORY, list_named_mappings
from flows.support.errors import InputRefused
from flows.support.site import find_site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty site, which NDTMS_SITE names."""
    folder = tmp_path / "site"
    (folder / "sources").mkdir(parents=True)
    monkeypatch.setenv("NDTMS_SITE", str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_without_the_variable_there_is_no_site() -> None:
    assert find_site() is None
    assert {path.parent for path in list_named_mappings().values()} == {SOURCES_DIRECTORY}


@pytest.mark.parametrize("named", ["site", "/no/such/site"])
def test_a_site_is_the_absolute_path_of_a_directory(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_SITE", named)
    with pytest.raises(InputRefused, match="NDTMS_SITE"):
        find_site()


def test_the_settings_of_the_site_apply_to_every_home(site: Path, home: Path, tmp_path: Path) -> None:
    (site / "settings.toml").write_text("shrink_share = 0.8\n[quality]\nleast_months = 1\n", encoding="utf-8")
    assert [read_settings(place).shrink_share for place in (home, tmp_path / "none")] == [0.8, 0.8]
    assert read_settings(home).changed == {"shrink_share": 0.8}


def test_the_settings_of_the_home_replace_those_of_the_site_key_by_key(site: Path, home: Path) -> None:
    (site / "settings.toml").write_text(
        'shrink_share = 0.8\ndeadline_day = 10\n[agencies]\nL0001 = "A"\nL0002 = "B"\n'
        '[severities]\n"SEX.required" = "warning"\n"AUDIT.range" = "warning"\n[limits]\nquery_rows = 5\n',
        encoding="utf-8",
    )
    (home / "settings.toml").write_text(
        'shrink_share = 0.4\n[agencies]\nL0003 = "C"\n[severities]\n"SEX.required" = "error"\n'
        "[limits]\nquery_seconds = 7\n",
        encoding="utf-8",
    )
    found = read_settings(home)
    assert (found.shrink_share, found.deadline_day, found.agencies) == (0.4, 10, {"L0003": "C"})
    assert found.severities == {"SEX.required": "error", "AUDIT.range": "warning"}
    assert (found.limits.query_rows, found.limits.query_seconds) == (5, 7)


def test_a_mistake_names_the_file_that_has_it(site: Path, home: Path) -> None:
    (home / "settings.toml").write_text("shrink_share = 0.4", encoding="utf-8")
    (site / "settings.toml").write_text("shrink_share = 2", encoding="utf-8")
    with pytest.raises(InputRefused) as caught:
        read_settings(home)
    assert str(caught.value).startswith(f"{site / 'settings.toml'}: shrink_share")


def test_a_worker_of_a_backfill_has_the_settings_of_the_writer_and_no_others(
    site: Path, home: Path, tmp_path: Path
) -> None:
    (site / "settings.toml").write_text('[severities]\n"SEX.required" = "warning"\n', encoding="utf-8")
    (home / "settings.toml").write_text("shrink_share = 0.4", encoding="utf-8")
    _share_reference_data(home, RunStore(str(tmp_path / "store")))
    (site / "settings.toml").write_text('[severities]\n"AUDIT.range" = "warning"\n', encoding="utf-8")
    found = read_settings(tmp_path / "store" / "home", with_site=False)
    assert found.changed == {"severities": {"SEX.required": "warning"}, "shrink_share": 0.4}


def test_a_mapping_of_the_site_is_found_by_its_name(site: Path) -> None:
    (site / "sources" / "castle.toml").write_text(
        'extends = "orchard"\nname = "castle"\nlocation = "../exports/{period}"\n', encoding="utf-8"
    )
    mapping, base = find_source("castle")
    assert (mapping.name, mapping.location, base) == ("castle", "../exports/{period}", site / "sources")
    assert {"castle", "orchard"} <= set(list_named_mappings())
    with pytest.raises(InputRefused, match="one of: castle, harbour"):
        find_source("nowhere")


def test_a_mapping_of_the_site_replaces_the_shipped_one_and_may_extend_it(site: Path) -> None:
    (site / "sources" / "orchard.toml").write_text('extends = "orchard"\ntitle = "Ours"\n', encoding="utf-8")
    mapping, base = find_source("orchard")
    shipped = read_mapping(SOURCES_DIRECTORY / "orchard.toml")
    assert (mapping.title, base, mapping.clients) == ("Ours", site / "sources", shipped.clients)
    (site / "sources" / "wall.toml").write_text('extends = "orchard"\nname = "wall"\n', encoding="utf-8")
    assert find_source("wall")[0].title == "Ours"
