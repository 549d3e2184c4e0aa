"""Changes of any findings against any others, compared with a plain count."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.results.changes import IDENTITY, compare_findings

_ID = st.sampled_from([None, "A", "B", "***"])
_FINDINGS = st.lists(
    st.tuples(st.sampled_from(["client", "episode", "file"]), _ID, _ID, _ID, st.sampled_from(["X.code", "Y.range"])),
    max_size=12,
)


@given(_FINDINGS, _FINDINGS)
def test_each_finding_is_new_or_persists_and_those_that_went_are_resolved(
    now: "list[tuple[str | None, ...]]", before: "list[tuple[str | None, ...]]"
) -> None:
    schema = dict.fromkeys(IDENTITY, pl.String)
    found = compare_findings(
        pl.DataFrame(now, schema=schema, orient="row"), pl.DataFrame(before, schema=schema, orient="row"), "R1"
    )
    assert found.new == sum(finding not in before for finding in now)
    assert found.persisting == sum(finding in before for finding in now)
    assert found.resolved == sum(finding not in now for finding in before)
    assert found.since == "R1"
