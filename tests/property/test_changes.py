"""Changes of any findings against any others, compared with a plain count."""

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.results.changes import COMPARED, compare_findings

_ID = st.sampled_from([None, "A", "B", "***"])
_HASH = st.sampled_from([None, "1f", "2f"])
_RULE = st.sampled_from([("X.code", "error"), ("Y.range", "warning"), ("AGNCY.other", "scope")])
_FINDING = st.tuples(st.sampled_from(["client", "episode", "file"]), _ID, _ID, _ID, _HASH, _RULE).map(
    lambda found: (*found[:5], *found[5])
)
_FINDINGS = st.lists(_FINDING, max_size=12)
Findings = list[tuple[str | None, ...]]


@given(_FINDINGS, _FINDINGS)
def test_each_finding_is_new_or_persists_and_those_that_went_are_resolved(now: Findings, before: Findings) -> None:
    schema = dict.fromkeys(COMPARED, pl.String)
    found = compare_findings(
        pl.DataFrame(now, schema=schema, orient="row"), pl.DataFrame(before, schema=schema, orient="row"), "R1"
    )
    # Scope is about the records of others.
    own_now, own_before = ([row for row in rows if row[-1] != "scope"] for rows in (now, before))
    for counted, expected in (
        (found.new, Counter(own_now) - Counter(own_before)),
        (found.persisting, Counter(own_now) & Counter(own_before)),
        (found.resolved, Counter(own_before) - Counter(own_now)),
    ):
        of_severity: Counter[str | None] = Counter()
        for row, number in expected.items():
            of_severity[row[-1]] += number
        assert {severity: number for severity, number in counted.items() if number} == dict(of_severity)
    assert found.since == "R1"
