"""A ticket export that somebody uploads: received, looked at, its meaning changed, brought in by a job."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, BinaryIO

from sqlmodel import Session

from crm.audit import record
from crm.config import get_settings
from crm.csv_io import ImportRun, ImportState
from crm.errors import Conflict, Forbidden, Invalid, NotFound
from crm.jobs import QueuedJob, cancel as cancel_job, enqueue, try_again
from crm.text import N_
from crm.viewer import Capability, Viewer
from support.importing.directory import DirectoryOnDisk
from support.importing.looking import Chosen, Seen, headings_of, look
from support.importing.mapping import load_yaml, mapping_from
from support.importing.remembering import remember, remembered
from support.importing.running import KIND
from support.importing.summary import summary_of
from support.importing.tables import fill_from
from support.importing.undoing import start_undo, undo_of
from support.models.importing import UndoState

JOB = "support.import"
TRY_JOB = "support.try_import"
MOST_OF_A_MAPPING = 1 << 20
MOST_ALONG = 10  # files of companies and contacts beside one of tickets


def ensure_may_import(viewer: Viewer) -> None:
    if not viewer.may(Capability.IMPORT):
        raise Forbidden(N_("Your role may not bring in data. Please ask a manager or an administrator."))


def folder() -> Path:
    found = get_settings().data_dir / "ticket-uploads"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def receive(session: Session, viewer: Viewer, file: BinaryIO, file_name: str) -> ImportRun:
    """Keep ``file`` under a name of ours and look at it. Raises with a sentence where nobody can read it."""
    ensure_may_import(viewer)
    path, digest = _kept(file)
    run = ImportRun(
        kind=KIND,
        file_name=_plain_name(file_name),
        digest=digest,
        mapping={"upload": path.name, "along": [], "chosen": Chosen().as_json()},
        state=ImportState.PREVIEW,
        created_by=viewer.user_id,
    )
    try:
        seen = _look(session, run)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    session.add(run)
    session.flush()
    _keep_seen(session, viewer, run, seen)
    return run


def attach(session: Session, viewer: Viewer, run: ImportRun, file: BinaryIO, file_name: str) -> None:
    """Another file, of the companies or contacts whose ids stand in the tickets."""
    ensure_may_import(viewer)
    hold(session, run)
    along = list(run.mapping["along"])
    if len(along) >= MOST_ALONG:
        raise Invalid(N_("%(most)s files beside the tickets are the most."), most=MOST_ALONG)
    path, _ = _kept(file)
    before = run.mapping
    run.mapping = {**before, "along": [*along, {"upload": path.name, "name": _plain_name(file_name)}]}
    try:
        seen = _look(session, run)
        with TemporaryDirectory(dir=folder()) as apart, DirectoryOnDisk(Path(apart)) as known:
            fill_from(known, path)  # whoever cannot read it says so now
    except BaseException:
        run.mapping = before
        path.unlink(missing_ok=True)
        raise
    _keep_seen(session, viewer, run, seen)


def chosen_of(run: ImportRun) -> Chosen:
    return Chosen.from_json(run.mapping["chosen"])


def seen_of(session: Session, run: ImportRun) -> Seen:
    return _look(session, run)


def choose(session: Session, viewer: Viewer, run: ImportRun, chosen: Chosen) -> Seen:
    """What a person says about the file counts over what was found out."""
    ensure_may_import(viewer)
    hold(session, run)
    before = run.mapping
    run.mapping = {**before, "chosen": chosen.as_json()}
    try:
        seen = _look(session, run)
    except BaseException:
        run.mapping = before
        raise
    _keep_seen(session, viewer, run, seen)
    return seen


def start(session: Session, viewer: Viewer, run: ImportRun) -> int:
    """Queue the job and say its id."""
    ensure_may_import(viewer)
    hold(session, run)
    seen = _look(session, run)
    seen.mapping()  # what is missing is said now, not by the job
    remember(session, viewer, path_of(run), seen)
    run.source_key, run.state, run.counts, run.mark = seen.source_key, ImportState.RUNNING, {}, 0
    record(session, viewer, None, "import.started", kind=KIND, file=run.file_name, digest=run.digest)
    job = enqueue(session, JOB, {"run": str(run.id)}, created_by=viewer.user_id)
    kept = {key: value for key, value in run.mapping.items() if key not in ("tried", "trial")}
    run.mapping = {**kept, "written": seen.written, "rows": seen.rows, "job": str(job.id)}
    session.add(run)
    return job.id


def discard(session: Session, viewer: Viewer, run: ImportRun) -> None:
    """Nothing was written; the daily job removes the files."""
    ensure_may_import(viewer)
    _ensure_waiting(run)
    session.delete(run)


def use_mapping(session: Session, viewer: Viewer, run: ImportRun, file: BinaryIO) -> None:
    """A mapping written by hand, as for the command line: the only way for a log of events of no known shape."""
    with NamedTemporaryFile(dir=folder(), suffix=".yaml") as kept:
        kept.write(file.read(MOST_OF_A_MAPPING))
        kept.flush()
        written = load_yaml(Path(kept.name))
    mapping_from(written)
    choose(session, viewer, run, replace(chosen_of(run), written=written, source=None, places={}, words={}))


def cancel(session: Session, viewer: Viewer, run: ImportRun) -> None:
    """Stop at the next chunk. What was written stays; it can go on, or be taken back."""
    ensure_may_import(viewer)
    if run.state is ImportState.RUNNING and (job := job_of(session, run)) is not None:
        cancel_job(session, job)
        record(session, viewer, None, "import.cancelled", kind=KIND, file=run.file_name)


def go_on(session: Session, viewer: Viewer, run: ImportRun) -> None:
    """After a failure or a cancellation, at the mark; not once it is being taken back."""
    ensure_may_import(viewer)
    undo = undo_of(session, run)
    if undo.state is UndoState.RUNNING:
        if (job := job_of(session, run, "undo_job")) is not None:
            try_again(session, job)
        return
    if undo.state is not None:
        raise Conflict(N_("This import has been taken back already."))
    path_of(run)
    if (job := job_of(session, run)) is not None and try_again(session, job):
        run.state, run.finished_at = ImportState.RUNNING, None
        session.add(run)


def take_back(session: Session, viewer: Viewer, run: ImportRun) -> None:
    if (job := job_of(session, run)) is not None:
        cancel_job(session, job)
    job_id = start_undo(session, viewer, run)
    run.mapping = {**run.mapping, "undo_job": str(job_id)}
    session.add(run)


def job_of(session: Session, run: ImportRun, which: str = "job") -> QueuedJob | None:
    job_id = run.mapping.get(which)
    return session.get(QueuedJob, int(job_id)) if job_id else None


def hold(session: Session, run: ImportRun) -> None:
    """``run`` as it is now, and nobody else's until the transaction ends; it waits to be carried out."""
    session.flush()
    session.refresh(run, with_for_update=True)
    _ensure_waiting(run)


def _keep_seen(session: Session, viewer: Viewer, run: ImportRun, seen: Seen) -> None:
    """Kept with the run, so that a page does not read the file; and what it would do is tried out by a job."""
    summary = summary_of(seen)
    run.source_key = seen.source_key
    kept = {key: value for key, value in run.mapping.items() if key not in ("tried", "trial")}
    run.mapping = {**kept, "seen": summary, "rows": seen.rows}
    if not summary["refusal"]:
        job = enqueue(session, TRY_JOB, {"run": str(run.id)}, key=f"{TRY_JOB}:{run.id}", created_by=viewer.user_id)
        run.mapping = {**run.mapping, "trial": str(job.id)}
    session.add(run)


def path_of(run: ImportRun) -> Path:
    path = folder() / str(run.mapping["upload"])
    if not path.is_file():
        raise NotFound(N_("The file of this import is no longer kept; please bring it again."))
    return path


def along_of(run: ImportRun) -> list[Path]:
    return [folder() / str(one["upload"]) for one in run.mapping.get("along", ())]


def remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def meaning_of(run: ImportRun) -> tuple[Any, ...]:
    """All that decides what an import does; equal, it does the same."""
    return (run.mapping["upload"], run.mapping["chosen"], [one["upload"] for one in run.mapping.get("along", ())])


def files_of(run: ImportRun) -> set[str]:
    mapping: Mapping[str, Any] = run.mapping
    return {str(mapping.get("upload")), *(str(one["upload"]) for one in mapping.get("along", ()))}


def _look(session: Session, run: ImportRun) -> Seen:
    path, chosen = path_of(run), chosen_of(run)
    kept = remembered(session, headings_of(path, chosen))
    seen = look(path, _with_key(chosen, kept), along=along_of(run), remembered=kept.written if kept else None)
    return replace(seen, chosen=chosen)


def _with_key(chosen: Chosen, kept: Any) -> Chosen:
    return replace(chosen, key=chosen.key or kept.source_key, title=chosen.title or kept.title) if kept else chosen


def _kept(file: BinaryIO) -> tuple[Path, str]:
    path = folder() / secrets.token_urlsafe(24)
    digest = hashlib.sha256()
    try:
        with path.open("xb") as kept:
            path.chmod(0o600)
            while block := file.read(1 << 20):
                digest.update(block)
                kept.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest()


def _plain_name(file_name: str) -> str:
    return Path(file_name.replace("\\", "/")).name[:255] or "tickets"


def _ensure_waiting(run: ImportRun) -> None:
    if run.state is not ImportState.PREVIEW:
        raise Conflict(N_("This import has been carried out already; its result stands below."))
