"""A home with three months of two agencies, whose records can be recognised in the bytes of any file."""

from collections.abc import Iterator
from pathlib import Path

from flows.months.board import renew_board
from flows.reports.html import write_report
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export

MARCH, APRIL, MAY = "2023-03", "2023-04", "2023-05"
# The client of world 0 is in every month; each month has clients of its own, one of which is rejected.
_COMMON = "COMMONCANARY"
_NOT_A_CODE = "UnknownHousingCanary"


def name_client(period: str, number: int) -> str:
    """Returns the CLIENTID of a client of a month; 0 is the client of all months."""
    return f"{_COMMON}C" if number == 0 else f"CANARY{period.replace('-', '')}C{number}"


def land_months(folder: Path, home: Path) -> Path:
    """Lands March twice, April and May; returns the home."""
    make_small_home(home)
    for place, period in enumerate((MARCH, MARCH, APRIL, MAY)):
        export = write_export(folder / f"export-{place}", *_build_worlds(period))
        landed = land_export(export, home, period)
        write_report(home, landed.run_id, "L0001", period)
    renew_board(home)
    return home


def _build_worlds(period: str) -> Iterator[World]:
    yield World(edit=_name_records(_COMMON), interventions=({"MODID": f"{_COMMON}N"},))
    for number in range(1, 4):
        edit = _name_records(f"CANARY{period.replace('-', '')}", number)
        # A value that is in no list, a client who is rejected, and a client without a fault.
        fault = {1: {"HOUSING": f"{_NOT_A_CODE}{period}"}, 2: {"DOB": "31/02/1980"}}.get(number, {})
        yield World(edit=edit | fault)


def _name_records(name: str, number: int | str = "") -> dict[str, str]:
    return {
        "CLIENTID": f"{name}C{number}", "episode.CLIENTID": f"{name}C{number}", "EPISODID": f"{name}E{number}",
        "intervention.EPISODID": f"{name}E{number}", "MODID": f"{name}M{number}", "CLIENT": f"{name}R{number}",
        "CMSID": f"{name}S{number}",
    }  # fmt: skip


def find_in_files(home: Path, canary: str) -> list[str]:
    """Returns the files below a home that contain a text, as bytes."""
    files = sorted(file for file in home.rglob("*") if file.is_file())
    return [str(file.relative_to(home)) for file in files if canary.encode() in file.read_bytes()]


def count_everything(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns the numbers that must be the same before and after something is forgotten."""
    return {name: query_audit(home, query) for name, query in _COUNTS.items()}


_COUNTS = {
    "runs": "select * from runs order by all",
    "manifest": "select * from manifest order by all",
    "completeness": "select * from completeness order by all",
    "month_counts": "select * from month_counts order by all",
    "quality": "select * from quality order by all",
    "outcomes": (
        "select run_id, entity, outcome, cause_entity, cause_row, source_file, source_line from outcomes order by all"
    ),
    "findings": "select run_id, entity, row, rule, severity, source_line from findings order by all",
    "rule_summary": "select * from rule_summary order by all",
    "rows_lost": "select * from rows_lost order by all",
    "month_rates": "select * from month_rates order by all",
    "consent": "select * from consent_by_month order by all",
    "unmapped": "select run_id, field, sum(records) from unmapped group by all order by all",
    "status": "select * from status order by all",
}
