"""The Prefect flow: what lands, what it reports, what it retries, and how it fails."""

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.audit.database import audit_path
from flows.months import submit as submitting
from flows.pipeline import assess as assessment
from flows.sources.request import SubmissionRequest
from flows.support import errors
from flows.support.errors import InputRefused, RunFailed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("prefect_server"),
    pytest.mark.filterwarnings("default"),
]

EXAMPLE = {"source": "orchard", "period": "2023-04", "agency": "L0001", "extracted_on": "2023-05-03"}


def artefacts() -> list[str]:
    from prefect.client.orchestration import get_client

    async def read() -> list[str]:
        async with get_client() as client:
            return [str(artefact.data) for artefact in await client.read_artifacts()]

    return asyncio.run(read())


def flow_runs() -> list[tuple[str, str, frozenset[str]]]:
    from prefect.client.orchestration import get_client

    async def read() -> list[tuple[str, str, frozenset[str]]]:
        async with get_client() as client:
            runs = await client.read_flow_runs()
            return [(run.name, str(run.state_name), frozenset(run.parameters)) for run in runs]

    return asyncio.run(read())


def test_the_example_lands_and_publishes_its_summary(tmp_path: Path) -> None:
    from flows.submission import submission

    submitted: Any = submission(**EXAMPLE, home=str(tmp_path))
    assert submitted.landed.status == "landed"
    assert submitted.landed.output_path is not None
    assert submitted.landed.output_path.is_file()
    summary = next(artefact for artefact in artefacts() if "L0001 2023-04" in artefact)
    assert "| interventions | 672 |" in summary
    assert any(name == "L0001 2023-04" and state == "Completed" for name, state, _ in flow_runs())


def test_parameters_are_paths_and_ids_alone(tmp_path: Path) -> None:
    from flows.submission import submission

    submission(**EXAMPLE, home=str(tmp_path))
    parameters = next(parameters for name, _, parameters in flow_runs() if name == "L0001 2023-04")
    paths_and_ids = {"source", "period", "agency", "extracted_on", "home", "input_folder", "corrects", "corrections"}
    assert parameters == paths_and_ids | {"as_of", "accept_shrunk", "accept_stale", "accept_same_input"}


def test_a_share_that_does_not_answer_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import submission as module

    answers = iter([errors.SourceUnreadable("the share does not answer"), None])

    def read(request: SubmissionRequest, inputs: assessment.ReferenceInputs) -> object:
        answer = next(answers)
        if answer is not None:
            raise answer
        return assessment.read_export(request, inputs)

    monkeypatch.setattr(submitting, "read_corrected", read)
    monkeypatch.setattr(module.read_task, "retry_delay_seconds", 0)
    submitted: Any = module.submission(**EXAMPLE, home=str(tmp_path))
    assert submitted.landed.status == "landed"


def test_a_wrong_file_is_not_tried_again_and_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import submission as module

    tries = []

    def read(request: object, inputs: object) -> object:
        tries.append(request)
        raise InputRefused("clients.csv: the file is empty")

    monkeypatch.setattr(submitting, "read_corrected", read)
    with pytest.raises(InputRefused, match="the file is empty"):
        module.submission(**EXAMPLE, home=str(tmp_path / "home"))
    assert len(tries) == 1
    assert not (tmp_path / "home").exists()


def test_a_run_that_fails_is_marked_failed_and_reports_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import submission as module

    def judge(*_: object) -> object:
        raise ValueError("could not read 'Canary-Surname'")

    monkeypatch.setattr(submitting, "assess", judge)
    with pytest.raises(RunFailed) as failure:
        module.submission(**EXAMPLE, home=str(tmp_path))
    assert "Canary" not in str(failure.value)
    with duckdb.connect(str(audit_path(tmp_path)), read_only=True) as audit:
        assert audit.execute("select status, failure from runs").fetchone() == ("failed", str(failure.value))


def test_a_blocked_run_is_a_failed_run_of_the_flow(tmp_path: Path) -> None:
    from flows.submission import SubmissionBlocked, submission

    with pytest.raises(SubmissionBlocked, match=r"FILE\.agencies"):
        submission(source="orchard", period="2023-04", extracted_on="2023-05-03", home=str(tmp_path))
    with duckdb.connect(str(audit_path(tmp_path)), read_only=True) as audit:
        assert audit.execute("select status, rows_sent from runs").fetchone() == ("blocked", 0)
        assert audit.execute("select count(*) > 0 from outcomes where outcome = 'sent'").fetchone() == (True,)
