"""Makes PDF documents such as the published ones: headings, and tables of codes below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, VAlign

from flows.reference.in_force import read_shipped_lists

Row = tuple[str, ...]
# The lists whose tables the definitions of dataset R print, with the heading above each table.
APPENDICES = {
    "DISABLE": "Appendix B: disability definitions",
    "PRNTSTAT": "If client has parental responsibility, do any of these children live with the client? (PRNTSTAT)",
    "EHCS": "If client has parental responsibility and/or children living with them, what help are the children"
    " receiving? (EHCS1/2/3)",
    "DISRSN": "Discharge reasons",
    "EXITRSN": "Exit reason",
    "HOUSING": "Appendix H: housing situation",
}
HEADER = ("Code", "Reference data", "Definition")
_COMMENT = "Should be used where the client has times when they lack control over their feelings or actions. " * 2


@dataclass(frozen=True)
class Table:
    """A heading, a text below it, and a table."""

    heading: str
    rows: Sequence[Row]
    header: Row = HEADER
    text: str = ""


class Document(FPDF):
    """A document without the time at which it was made; with a running header and page numbers if it has margins."""

    def __init__(self, *, has_margins: bool = True) -> None:
        super().__init__()
        self._has_margins = has_margins
        # The standard fonts have the dashes of the definitions in this encoding.
        self.core_fonts_encoding = "windows-1252"
        self.set_creation_date(datetime(2024, 4, 1, tzinfo=UTC))
        self.add_page()

    def header(self) -> None:
        if not self._has_margins:
            return
        self.set_font("Helvetica", size=8)
        self.cell(text="Reference Data CDS-R, version 1.2", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        if not self._has_margins:
            return
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(text=f"Page {self.page_no()}")

    def write_heading(self, text: str, size: int = 12) -> None:
        self.set_font("Helvetica", "B", size=size)
        self.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def write_text(self, text: str) -> None:
        self.set_font("Helvetica", size=10)
        self.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def write_table(self, rows: Sequence[Row], *, ruled: bool, centred: bool = False, has_header: bool = True) -> None:
        self.set_font("Helvetica", size=10)
        layout = TableBordersLayout.ALL if ruled else TableBordersLayout.NONE
        where = VAlign.M if centred else VAlign.T
        widths = (15, *(int(175 / (len(rows[0]) - 1)) for _ in rows[0][1:]))
        with self.table(
            rows,
            borders_layout=layout,
            text_align="LEFT",
            v_align=where,
            col_widths=widths,
            first_row_as_headings=has_header,
        ):
            pass

    def save(self, path: Path) -> Path:
        self.output(str(path))
        return path


def list_appendix_tables() -> list[Table]:
    """Returns the tables of the definitions, with a comment for each code."""
    return [
        Table(heading, [(code.code, code.label, _COMMENT) for code in read_shipped_lists()[name].codes])
        for name, heading in APPENDICES.items()
    ]


def write_pdf(path: Path, *tables: Table, ruled: bool, centred: bool = False) -> Path:
    """Writes a document of tables; those that do not fit on a page continue on the next, with their header."""
    document = Document()
    for table in tables:
        document.write_heading(table.heading)
        if table.text:
            document.write_text(table.text)
        document.write_table([table.header, *table.rows], ruled=ruled, centred=centred)
        document.ln(8)
    return document.save(path)
