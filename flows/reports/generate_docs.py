"""Writes the files that are generated from the code and the data; with --check, reports the stale ones."""

import sys
from collections.abc import Callable
from pathlib import Path

from flows.reports.catalogue import build_catalogue_csv, build_catalogue_page, build_fields_module
from flows.reports.data_dictionary import build_data_dictionary
from flows.sources.mapping import mapping_schema
from flows.support.atomic_files import write_atomically

_PROJECT = Path(__file__).parents[2]
# `make check` compares these files with the code, so they cannot become stale.
PAGES: dict[str, Callable[[], str]] = {
    "docs/rule-catalogue.md": build_catalogue_page,
    "data/dataset_r/rules.csv": build_catalogue_csv,
    "schemas/fields.py": build_fields_module,
    "docs/source-mapping.schema.json": mapping_schema,
    "docs/data-dictionary.md": build_data_dictionary,
}


def find_stale_pages() -> list[str]:
    """Returns the generated pages that are missing or differ from what the code generates."""
    return [
        name
        for name, page in PAGES.items()
        if not (_PROJECT / name).is_file() or (_PROJECT / name).read_text(encoding="utf-8") != page()
    ]


def write_pages() -> None:
    """Writes every generated page."""
    for name, page in PAGES.items():
        write_atomically(_PROJECT / name, page().encode())


def main() -> None:
    """Writes the pages; with --check, exits with 1 if one is stale."""
    if "--check" not in sys.argv[1:]:
        write_pages()
        return
    stale = find_stale_pages()
    if stale:
        sys.exit(f"stale, run `make docs`: {', '.join(stale)}")


if __name__ == "__main__":
    main()
