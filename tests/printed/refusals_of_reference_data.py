"""Refusals of code lists and postcode directories, and of the process that reads a workbook."""

import subprocess
import sys
from typing import NoReturn

from flows.reference.in_force import digest_path
from flows.reference.numbered_files import find_newest
from tests.printed.refusal import Place, refused
from tests.support.published_pdf import Document, Table, write_pdf

Words = tuple[object, ...]
_HEADER = "list,code,label,concept,status,source,valid_from,valid_to\n"


def _load(at: Place, text: str) -> Words:
    return ("reference", "load", at.write("lists.csv", text), "--home", at.home)


@refused
def lists_that_are_missing(at: Place) -> Words:
    return ("reference", "load", at.folder / "lists.csv", "--home", at.home)


@refused
def lists_that_are_a_directory(at: Place) -> Words:
    return ("reference", "load", at.folder, "--home", at.home)


@refused
def lists_without_a_row(at: Place) -> Words:
    return _load(at, _HEADER)


@refused
def lists_of_an_unknown_name(at: Place) -> Words:
    return _load(at, _HEADER + "CASTLE,1,x,,published,s,,\n")


@refused
def lists_of_an_unknown_status(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,1,Male,,offcial,s,,\n")


@refused
def lists_with_a_blank_code(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,,Male,,published,s,,\n")


@refused
def lists_of_two_statuses(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,1,Male,,published,s,,\nSEX,2,Female,,partial,s,,\n")


@refused
def lists_with_a_day_that_is_not_one(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,1,Male,,published,s,1 May,\n")


@refused
def lists_with_days_in_reverse(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,1,Male,,published,s,2023-05-01,2023-04-01\n")


@refused
def lists_with_a_code_twice(at: Place) -> Words:
    return _load(at, _HEADER + "SEX,1,Male,,published,s,,\nSEX,1,Female,,published,s,,\n")


@refused
def lists_without_a_meaning_that_rules_need(at: Place) -> Words:
    return _load(at, _HEADER + "EXITRSN,1,Gone,,published,s,,\n")


@refused
def sheet_without_a_column_of_codes(at: Place) -> Words:
    return _load(at, "Data item,Colour\nSEX,red\n")


@refused
def sheet_without_a_list(at: Place) -> Words:
    return _load(at, "Data item,Code,Description\nCOLOUR,1,red\n")


@refused
def sheet_that_is_not_confirmed(at: Place) -> Words:
    return _load(at, "Data item,Code,Description\nSEX,1,Male\nSEX,2,Female\n")


_EXITS = Table("Exit reason", [("T", "Transferred"), ("R", "Released"), ("D", "Died")], ("Code", "Text"))
_SEXES = Table("Sex", [("1", "Male"), ("2 3", "Female")], ("Code", "Text"))


def _load_pdf(at: Place, *tables: Table) -> Words:
    return ("reference", "load", write_pdf(at.folder / "lists.pdf", *tables, ruled=True), "--home", at.home)


@refused
def pdf_that_is_damaged(at: Place) -> Words:
    return ("reference", "load", at.write("lists.pdf", "%PDF-1.7\nnone"), "--home", at.home)


@refused
def pdf_without_text(at: Place) -> Words:
    return ("reference", "load", Document(has_margins=False).save(at.folder / "lists.pdf"), "--home", at.home)


@refused
def pdf_without_the_extra(at: Place) -> Words:
    at.monkeypatch.setitem(sys.modules, "pdfplumber", None)
    return _load_pdf(at, _EXITS)


@refused
def pdf_without_a_list(at: Place) -> Words:
    return _load_pdf(at, Table("Reasons to leave", _EXITS.rows, _EXITS.header))


@refused
def pdf_that_is_not_confirmed(at: Place) -> Words:
    return _load_pdf(at, Table("Exit reason", [*_EXITS.rows, ("A", "Left"), ("B", "Bailed")], _EXITS.header))


@refused
def pdf_of_which_a_part_is_damaged(at: Place) -> Words:
    words = _load_pdf(at, _EXITS)
    file = at.folder / "lists.pdf"
    content = bytearray(file.read_bytes())
    # The last byte of the checksum of the compressed page.
    content[content.index(b"\nendstream") - 1] ^= 0xFF
    file.write_bytes(bytes(content))
    return words


@refused
def pdf_whose_letters_have_no_width(at: Place) -> Words:
    words = _load_pdf(at, _EXITS)
    file = at.folder / "lists.pdf"
    file.write_bytes(file.read_bytes().replace(b"/BaseFont /Helvetica", b"/BaseFont /Unknownxx"))
    return words


@refused
def pdf_with_a_loss_of_meaning(at: Place) -> Words:
    return _load_pdf(at, Table("Exit reason", [*_EXITS.rows, ("B", "Bailed")], _EXITS.header))


@refused
def pdf_with_a_list_that_is_not_certain(at: Place) -> Words:
    return (*_load_pdf(at, _EXITS, _SEXES), "--yes")


@refused
def pdf_without_the_list_to_load(at: Place) -> Words:
    return (*_load_pdf(at, _EXITS), "--only", "SEX")


@refused
def file_format_with_an_unknown_key(at: Place) -> Words:
    return ("reference", "format", at.write("format.toml", 'colour = "red"\n'), "--home", at.home)


@refused
def file_format_with_a_column_that_is_not_a_field(at: Place) -> Words:
    return ("reference", "format", at.write("format.toml", 'columns = ["COLOUR"]\n'), "--home", at.home)


@refused
def file_format_that_is_not_toml(at: Place) -> Words:
    return ("reference", "format", at.write("format.toml", "colour\n"), "--home", at.home)


@refused
def loaded_file_format_that_is_damaged(at: Place) -> Words:
    at.write("home/reference/file-format-000001.json", "{")
    return at.check(at.write_export())


@refused
def lists_that_were_not_loaded(at: Place) -> Words:
    return ("reference", "unload", "SEX", "--home", at.home)


@refused
def loaded_lists_that_are_damaged(at: Place) -> Words:
    at.write("home/reference/code-lists-000001.json", "{")
    return at.check(at.write_export())


@refused
def loaded_postcodes_that_changed(at: Place) -> Words:
    directory = find_newest(at.make_home(), "postcodes", ".parquet")
    assert directory is not None
    digest_path(directory).write_text("0" * 64, encoding="utf-8")
    return at.check(at.write_export())


@refused
def loaded_postcodes_that_are_damaged(at: Place) -> Words:
    directory = find_newest(at.make_home(), "postcodes", ".parquet")
    assert directory is not None
    digest_path(directory).unlink(missing_ok=True)
    directory.write_bytes(b"none")
    return at.check(at.write_export())


@refused
def postcodes_that_are_not_a_release(at: Place) -> Words:
    return ("reference", "postcodes", at.write("ONSPD_FEB_2023_UK.csv", "colour\nred\n"), "--home", at.home)


@refused
def postcodes_that_are_missing(at: Place) -> Words:
    return ("reference", "postcodes", at.folder / "ONSPD_FEB_2023_UK.csv", "--home", at.home)


@refused
def workbook_that_takes_too_long(at: Place) -> Words:
    def wait(command: list[str], **_named: object) -> NoReturn:
        raise subprocess.TimeoutExpired(command, 5)

    at.settings("[limits]\nreading_seconds = 5")
    at.monkeypatch.setattr(subprocess, "run", wait)
    return at.map_file("clients.xlsx", b"none")


@refused
def workbook_when_no_process_can_start(at: Place) -> Words:
    def fail(*_arguments: object, **_named: object) -> NoReturn:
        raise OSError(11, "Resource temporarily unavailable")

    at.monkeypatch.setattr(subprocess, "run", fail)
    return at.map_file("clients.xlsx", b"none")


@refused
def workbook_whose_process_is_killed(at: Place) -> Words:
    def kill(command: list[str], **_named: object) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.CompletedProcess(command, -9, b"")

    at.monkeypatch.setattr(subprocess, "run", kill)
    return at.map_file("clients.xlsx", b"none")
