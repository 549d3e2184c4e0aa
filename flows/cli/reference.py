"""The commands that show and load reference data: code lists and the postcode directory."""

import sys
from datetime import date
from pathlib import Path

import typer

from flows.cli.examples import show_example
from flows.cli.options import CodeListName, CodeListNames, Form, Home, OnlyLists, Out, Yes
from flows.cli.terminal import note, show_activity, show_progress
from flows.landing.home import locked_home, refuse_unwritable
from flows.pipeline.settings import read_settings
from flows.reference.code_list_files import read_sheet
from flows.reference.file_format import read_format, store_format
from flows.reference.load import (
    compare_with_lists_in_force,
    describe_changes,
    load_code_lists,
    prepare_lists,
    read_postcodes,
    store_postcodes,
    unload_code_lists,
    warn_of_few_postcodes,
)
from flows.reports.catalogue_tables import build_codes_table
from flows.reports.tables import show
from flows.sources.request import find_home
from flows.support.errors import InputRefused
from transforms.tables.printable import printable

reference_app = typer.Typer(
    help="Official code lists, the postcode directory and the file format.",
    epilog=show_example("reference"),
    no_args_is_help=True,
)


def codes(name: CodeListName = None, form: Form = None, out: Out = None, home: Home = None) -> None:
    """List the code lists in force with their status, or the codes of one list."""
    table = build_codes_table(find_home(home), name)
    if table.is_empty():
        note(f"the list {str(name).upper()} has no codes")
    show(table, form, out)


@reference_app.command(epilog=show_example("reference load"))
def load(file: Path, yes: Yes = False, only: OnlyLists = None, home: Home = None) -> None:
    """Load official code lists (CSV, XLSX or PDF); each replaces the whole list in force."""
    place = find_home(home)
    with show_activity(f"reading {file.name}"):
        sheet = read_sheet(file, read_settings(place).limits)
    for notice in sheet.notices:
        note(notice)
    _show(sheet.understood)
    chosen = sheet.choose(only or (), file).lists
    if sheet.understood:
        _show(describe_changes(place, chosen))
    # Refuses wrong lists before it locks or creates the home.
    lists = prepare_lists(place, chosen)
    if sheet.understood and not yes:
        raise InputRefused("nothing was loaded; check the interpretation above, then run again with --yes")
    refuse_unwritable(place)
    with locked_home(place):
        replaced = load_code_lists(place, lists, date.today())
    sys.stdout.write("\n".join(replaced) + "\n")


def _show(lines: str) -> None:
    if lines:
        sys.stderr.write(printable(lines, keep="\n") + "\n")


@reference_app.command(epilog=show_example("reference unload"))
def unload(names: CodeListNames, home: Home = None) -> None:
    """Go back to the shipped code lists."""
    place = find_home(home)
    with locked_home(place):
        lines = unload_code_lists(place, names)
    sys.stdout.write("\n".join(lines) + "\n")


@reference_app.command(epilog=show_example("reference diff"))
def diff(file: Path, form: Form = None, out: Out = None, home: Home = None) -> None:
    """Show what loading official code lists would change."""
    place = find_home(home)
    with show_activity(f"reading {file.name}"):
        sheet = read_sheet(file, read_settings(place).limits)
    for name, problem in sorted(sheet.problems.items()):
        note(f"{name} cannot be read for certain: {problem}")
    show(compare_with_lists_in_force(place, prepare_lists(place, sheet.lists)), form, out)


@reference_app.command("format", epilog=show_example("reference format"))
def load_format(file: Path, home: Home = None) -> None:
    """Load the format of the submission file (TOML): its name, dates, delimiter, quotes, line ends and columns."""
    place, form = find_home(home), read_format(file)
    refuse_unwritable(place)
    with locked_home(place):
        lines = store_format(place, form)
    sys.stdout.write("\n".join(lines) + "\n")


@reference_app.command(epilog=show_example("reference postcodes"))
def postcodes(file: Path, home: Home = None) -> None:
    """Load a release of the ONS Postcode Directory or the NSPL."""
    place = find_home(home)
    with show_progress(f"reading {file.name}") as progress:
        release = read_postcodes(file, lambda done, total: progress(done, total, ""))
    refuse_unwritable(place)
    note(warn_of_few_postcodes(place, release))
    with show_activity(f"storing {file.name}"), locked_home(place):
        text = store_postcodes(place, release)
    sys.stdout.write(text + "\n")
