"""Formats months, counts and shares as people read them, and names owners and severities in words."""

from collections.abc import Mapping

from schemas.period import Period

# Who can correct a fault: a title, and where they do it.
OWNERS = {
    "entry": "Records clerk (data entry)",
    "conversion": "Source mapping (conversion)",
    "reference": "Code lists (reference data)",
}
SEVERITIES = {
    "file": "blocks the file",
    "reject": "record is not sent",
    "withhold": "no consent: not sent",
    "scope": "not this agency's",
    "error": "error: sent, must be corrected",
    "warning": "warning: check it",
}


def name_month(period: str, reader_in: str = "") -> str:
    """Returns a month in words, as `May 2023`; without the year if it is the year of the month `reader_in`."""
    text = Period.parse(period).first_day.strftime("%B %Y")
    return text.split()[0] if reader_in[:4] == period[:4] else text


def build_title(agency: str | None, period: str, agencies: Mapping[str, str]) -> str:
    """Returns the title of a report: the agency with its name, and the month."""
    code = agency or "No agency"
    return f"{' '.join(filter(None, (code, agencies.get(code))))}, {name_month(period)}"


def format_number(number: int) -> str:
    """Returns a whole number with its thousands separated by commas."""
    return f"{number:,}"


def format_percent(percent: float | None) -> str:
    """Returns a share as `80.3%`; a dash where there is none."""
    return "–" if percent is None else f"{percent:.1f}%"


def count_percent(part: int, whole: int) -> float:
    """Returns a share in percent with one decimal, half rounded up as DuckDB does: a share is one number everywhere."""
    return (2000 * part + whole) // (2 * whole) / 10


def describe_change(number: int, before: int, month: str) -> str:
    """Returns how a count differs from that of another month, as `5 more than in May`."""
    if number == before:
        return f"the same as in {month}"
    return f"{abs(number - before):,} {'more' if number > before else 'fewer'} than in {month}"


def count_words(number: int, one: str, many: str = "") -> str:
    """Returns a count with its noun, as `1,020 interventions`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def describe_step(percent: float | None, before: float | None) -> str:
    """Returns how a share changed since the month before, in words and percentage points."""
    if percent is None or before is None:
        return "no earlier month"
    step = round(percent - before, 1)
    return "no change" if step == 0 else f"{'up' if step > 0 else 'down'} {abs(step):.1f}"
