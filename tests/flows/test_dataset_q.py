"""An export of dataset Q: a few lines of mapping; what R removed is counted, what it added is blank."""

from pathlib import Path

import polars as pl

from schemas.dataset import list_removed_fields
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import assess_request

MAPPING = """
name = "before-r"
dataset = "Q"
location = "exports/{agency}/{period}"
clients = { file = "clients.csv", by_header = true }
episodes = { file = "episodes.csv", by_header = true }
interventions = { file = "interventions.csv", by_header = true }
"""


def test_a_few_lines_map_an_export_of_dataset_q(tmp_path: Path) -> None:
    (tmp_path / "exports" / "L0001").mkdir(parents=True)
    folder = write_export(tmp_path / "exports" / "L0001" / "2021-04", World(), World())
    removed = sorted(list_removed_fields())[0]
    episodes = pl.read_csv(folder / "episodes.csv", infer_schema=False).drop("RECONNECT", "EHCS3")
    episodes.with_columns(pl.Series(removed, ["1", None])).write_csv(folder / "episodes.csv")
    (tmp_path / "before-r.toml").write_text(MAPPING, encoding="utf-8")
    request = submission_request(
        str(tmp_path / "before-r.toml"), "2021-04", agency="L0001", home=make_small_home(tmp_path / "home")
    )
    found = assess_request(request)
    assert request.mapping.dataset == "Q"
    assert found.submission.sent["episode"]["RECONNECT"].null_count() == 2
    reported = found.submission.findings.filter(pl.col("rule") == "FILE.removed_fields")["value"].to_list()
    assert reported == [f"episodes.csv: {removed}, 1 values left out"]
