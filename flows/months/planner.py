"""Plans one month of a backfill: nothing to do if its inputs have not changed, otherwise a job."""

import logging
from dataclasses import replace
from pathlib import Path

import duckdb

from flows.audit.corrections import find_rejected_places
from flows.audit.database import literal_path
from flows.audit.previous import (
    LandedRun,
    find_earlier_agencies,
    find_last_agencies,
    find_last_landed,
    hash_moved_episodes,
    load_submission,
    write_submission,
)
from flows.intake.corrected_records import PREFIX
from flows.intake.extract import read_digests
from flows.landing.commit import build_run_id
from flows.landing.recovery import FileNotRestored, find_landed_file, restore_file
from flows.months.job import MonthJob, MonthResult
from flows.months.other_months import find_same_files
from flows.months.run_store import RunStore
from flows.pipeline.assess import LAST_SUBMISSION, MOVED, ReferenceInputs, build_manifest
from flows.sources.request import Corrections, SubmissionRequest
from flows.support.errors import InputRefused

_log = logging.getLogger("ndtms")
_Digests = dict[tuple[str, str], str]


class MonthPlanner:
    """Plans months from the audit, which this process has open; the inputs of workers are in the store."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, room: Path, store: RunStore, *, is_day_given: bool
    ) -> None:
        self._audit = connection
        self._room = room
        self._store = store
        self._is_day_given = is_day_given
        self._shared: set[str] = set()

    def write_moved_episodes(self, source: str, period: str) -> Path | None:
        """Writes the agency of the source that sent each episode last in earlier months.

        Returns:
            The path of a Parquet file with EPISODID and agency; None if the source has fewer than two agencies.
        """
        # A single agency has no episodes that another agency sent.
        if len(find_earlier_agencies(self._audit, source, period)) < 2:
            return None
        path = self._room / f"moved-{period}.parquet"
        find_last_agencies(self._audit, source, period).write_parquet(str(path))
        self._store.put_file(path, path.name)
        return path

    def plan_month(
        self, request: SubmissionRequest, inputs: ReferenceInputs, moved: Path | None
    ) -> MonthJob | MonthResult:
        """Returns the job of a month, or the result `unchanged` if there is nothing to do.

        Raises:
            InputRefused: a file of the export is missing, or corrections that were applied no longer exist.
        """
        digests = read_digests(request.mapping, request.folder, request.query_parameters)
        agency, period = request.agency, str(request.period)
        last = find_last_landed(self._audit, agency, period) if agency else None
        run = self._find_latest_run(request)
        if run and self._is_unchanged(run, request, inputs, digests, last, moved):
            try:
                restored = self._restore_file(request)
            # The month is run again, which writes a new file.
            except FileNotRestored as error:
                _log.warning("%s", error)
            else:
                is_blocked = run["status"] == "blocked"
                return MonthResult(agency, period, "", "unchanged", is_still_blocked=is_blocked, restored=restored)
        corrections = self._find_corrections(run, digests)
        same = find_same_files(self._audit, replace(request, corrections=corrections), digests.values())
        # The reason is for all months of the backfill, but it is stored only in those that need it.
        accepted = request.same_input_accepted if same else None
        return MonthJob(
            replace(request, corrections=corrections, same_input_accepted=accepted),
            build_run_id(self._audit, agency, period),
            self._store.url,
            self._share_submission(agency, last) if agency and last else None,
            moved.name if moved else None,
            same,
        )

    def _restore_file(self, request: SubmissionRequest) -> str:
        """Restores the file of a month if it differs from what landed; returns '' if it does not.

        Raises:
            FileNotRestored: it cannot be restored from the audit, so that the month must be run again.
        """
        found = self._audit.execute(
            "select run_id, run_id in (select run_id from internal.forgotten_runs) from runs"
            " where agency is not distinct from ? and period = ? and status = 'landed'"
            " order by run_number desc limit 1",
            [request.agency, str(request.period)],
        ).fetchone()
        run_id, is_forgotten = found or (None, False)
        # A file that was deleted on purpose must not come back.
        file = find_landed_file(self._audit, run_id) if run_id and not is_forgotten else None
        if file is None or file.is_in_place(request.home):
            return ""
        return restore_file(self._audit, request.home, file)

    def _find_latest_run(self, request: SubmissionRequest) -> dict[str, object] | None:
        """Returns the current run of a month."""
        names = ("run_id", "status", "extracted_on", "corrects", "corrections_folder")
        found = self._audit.execute(
            f"select {', '.join(names)} from latest_runs where agency is not distinct from ? and period = ?"
            " and source = ?",
            [request.agency, str(request.period), request.source],
        ).fetchone()
        return dict(zip(names, found, strict=True)) if found else None

    def _is_unchanged(
        self,
        run: dict[str, object],
        request: SubmissionRequest,
        inputs: ReferenceInputs,
        digests: dict[str, str],
        last: LandedRun | None,
        moved: Path | None,
    ) -> bool:
        # Without --extracted-on the day is today, which must not cause every month to run again.
        if self._is_day_given and run["extracted_on"] != request.extracted_on:
            return False
        now = _blank_names({(item, name): digest for item, name, digest in build_manifest(request, inputs, digests)})
        # Every other input that the run would read is added here, without running it.
        now[MOVED, ""] = hash_moved_episodes(self._find_moved_episodes(run, request, moved))
        if last:
            now[LAST_SUBMISSION, ""] = last.history
        return now == self._read_manifest(str(run["run_id"]))

    def _read_manifest(self, run_id: str) -> _Digests:
        rows = self._audit.execute("select item, name, digest from manifest where run_id = ?", [run_id]).fetchall()
        return _blank_names(
            {
                (item, name): digest
                for item, name, digest in rows
                # The output is not an input, and corrected files are not files of the export.
                if item != "output" and not (item == "input" and name.startswith(PREFIX))
            }
        )

    def _find_moved_episodes(
        self, run: dict[str, object], request: SubmissionRequest, moved: Path | None
    ) -> list[tuple[str, str]]:
        """Returns the episodes of a run's export that another agency sent last."""
        if moved is None:
            return []
        episodes = "select episode_id from outcomes where run_id = $run and entity = 'episode'"
        return self._audit.execute(
            "select EPISODID, agency from read_parquet($moved)"
            f" where agency <> $agency and EPISODID in ({episodes}) order by all",
            {"run": run["run_id"], "agency": request.agency, "moved": literal_path(moved)},
        ).fetchall()

    def _share_submission(self, agency: str, last: LandedRun) -> LandedRun:
        """Puts what the agency's earlier submissions sent into the store, and returns the latest of them."""
        if last.run_id not in self._shared:
            folder = self._room / "sent" / last.run_id
            folder.mkdir(parents=True)
            frames = load_submission(self._audit, agency, last).frames
            write_submission(frames, folder)
            for name in sorted(path.name for path in folder.glob("*.parquet")):
                self._store.put_file(folder / name, f"sent/{last.run_id}/{name}")
            self._shared.add(last.run_id)
        return last

    def note_landed(self, job: MonthJob) -> None:
        """Notes that the worker that staged a run has put what its agency has sent by now into the store.

        What the agency had sent before is removed: the store would otherwise have every record once per month.
        """
        self._shared.add(job.run_id)
        if job.last:
            self._shared.discard(job.last.run_id)
            self._store.remove(f"sent/{job.last.run_id}")

    def _find_corrections(self, run: dict[str, object] | None, digests: dict[str, str]) -> Corrections | None:
        """Returns the corrections of the month's current run, if its export is the one they were made for."""
        if run is None or not run["corrects"]:
            return None
        recorded = self._read_manifest(str(run["run_id"]))
        # Corrections refer to source lines, so they do not apply to a changed export.
        if any(recorded.get(("input", name)) != digest for name, digest in digests.items()):
            return None
        folder, corrected = Path(str(run["corrections_folder"])), str(run["corrects"])
        if not folder.is_dir():
            raise InputRefused(
                f"{folder}: the corrections of {corrected} no longer exist; run `ndtms replay` for it again"
            )
        return Corrections(folder, corrected, find_rejected_places(self._audit, corrected))


def _blank_names(digests: _Digests) -> _Digests:
    """Returns digests by item and name; names are blank if they are only descriptions of the item."""
    named = ("input", "code list")
    return {(item, name if item in named else ""): digest for (item, name), digest in digests.items()}
