"""Finds the mappings that have a name: those of the site, then those that come with the project."""

from contextlib import suppress
from pathlib import Path

from flows.support.site import find_site

SOURCES_DIRECTORY = Path(__file__).parents[2] / "data" / "sources"


def find_site_sources() -> Path | None:
    """Returns the directory of the site's mappings; None without a site."""
    site = find_site()
    return site / "sources" if site else None


def list_named_mappings() -> dict[str, Path]:
    """Returns the file of each mapping by its name, sorted; a mapping of the site replaces a shipped one."""
    files = {path.stem: path for folder in _list_folders() for path in folder.glob("*.toml")}
    return dict(sorted(files.items()))


def locate_extended(name: str, extending: Path) -> Path:
    """Returns the file of a mapping that another one names in `extends`.

    A mapping of the site that has the name of the shipped one extends the latter. If no mapping has the name, returns
    the path that it would have in the project.
    """
    found = SOURCES_DIRECTORY / f"{name}.toml"
    for folder in _list_folders():
        path = folder / f"{name}.toml"
        # A name may be too long for a file.
        with suppress(OSError):
            if path.is_file() and path.resolve() != extending.resolve():
                found = path
    return found


def _list_folders() -> list[Path]:
    site = find_site_sources()
    return [SOURCES_DIRECTORY, *([site] if site else [])]
