"""Lengths and positions of the drawings, in the units of their view boxes; the templates draw them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

from flows.reports.run_page.queries import Parts, Row
from flows.reports.run_page.wording import count_percent, name_month

# The parts of the bar of outcomes: the style, and what each part is called for a run that landed.
_LOST = {"client": "rejected through their client", "episode": "rejected through their episode",
         "intervention": "rejected through their own findings"}  # fmt: skip
WIDTH, HEIGHT = 320, 120
_MARGIN = 12.0
# Counts are compared on square roots, moved by this number: see sql/quality/checks/volume.sql.
_SHIFT = 0.375


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: style, name, count and share, and where it begins and how long it is, of 1000."""

    kind: str
    name: str
    count: int
    percent: float
    begin: float
    length: float


def stack_outcomes(run: Row, parts: Parts) -> list[Segment]:
    """Returns the bar of the agency's own interventions: can be sent, rejected by cause, and withheld."""
    this = parts["months"][-1]
    if not this["own"]:
        return []
    lost = {row["cause_entity"]: row["interventions"] for row in parts["cascade"]}
    counts = [
        ("sent", "would be sent" if run["status"] == "blocked" else "can be sent", this["could_be_sent"]),
        *((entity, words, lost.get(entity, 0)) for entity, words in _LOST.items()),
        ("withheld", "withheld: no consent", this["withheld"]),
    ]
    return _stack(counts, this["own"])


def stack_month(month: Row) -> list[Segment]:
    """Returns the bar of the interventions of a month: can be sent, rejected and withheld."""
    names = {"could_be_sent": "sent", "rejected": "client", "withheld": "withheld"}
    return _stack([(kind, column, month[column]) for column, kind in names.items()], month["own"])


def _stack(counts: Sequence[tuple[str, str, int]], whole: int) -> list[Segment]:
    segments, begin = [], 0.0
    for kind, name, count in counts:
        length = round(1000 * count / whole, 1)
        segments.append(Segment(kind, name, count, count_percent(count, whole), round(begin, 1), length))
        begin += length
    return segments


def draw_trend(shares: Sequence[float | None]) -> str:
    """Returns the points of a line of shares in a box of 60 by 16, highest at the top; '' for less than two."""
    known = [(place, share) for place, share in enumerate(shares) if share is not None]
    if len(known) < 2:
        return ""
    most = max(share for _, share in known) or 1.0
    step = 56 / (len(shares) - 1)
    return " ".join(f"{2 + place * step:.1f},{14 - 12 * share / most:.1f}" for place, share in known)


@dataclass(frozen=True)
class LimitChart:
    """A number by month next to its usual limits: the points, the band of limits, and the same in words."""

    points: list[tuple[float, float, str]]
    line: str
    band_top: float
    band_height: float
    words: str


def draw_limits(warning: Row, months: Sequence[Row]) -> LimitChart | None:
    """Returns the chart of a volume or a number of days; None where there is nothing to draw."""
    values = [row for row in months if row["place"] == warning["place"]]
    if len(values) < 2 or warning["expected"] is None or not warning["score"]:
        return None
    low, high = _find_limits(warning)
    most = max(high, *(row["value"] for row in values)) or 1.0
    step = (WIDTH - 2 * _MARGIN) / (len(values) - 1)

    def place(value: float) -> float:
        return round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * value / most, 1)

    points = [
        (round(_MARGIN + number * step, 1), place(row["value"]), f"{name_month(row['period'])}: {row['value']:,.0f}")
        for number, row in enumerate(values)
    ]
    return LimitChart(
        points,
        " ".join(f"{x},{y}" for x, y, _ in points),
        place(high),
        round(place(low) - place(high), 1),
        f"Usual limits: {ceil(low):,} to {floor(high):,}. {'; '.join(words for _, _, words in points)}.",
    )


def _find_limits(warning: Row) -> tuple[float, float]:
    """Returns the values at which the score of a warning is 1."""
    found, usual, score = warning["found"], warning["expected"], warning["score"]
    if warning["check_name"] == "volume":
        middle = sqrt(usual + _SHIFT)
        reach = abs(sqrt(found + _SHIFT) - middle) / score
        return max(0.0, max(0.0, middle - reach) ** 2 - _SHIFT), (middle + reach) ** 2 - _SHIFT
    reach = abs(found - usual) / score
    return max(0.0, usual - reach), usual + reach
