"""Bring a support history in: choose files, settle what they say, see what would happen, carry it out, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.importing import queries as listed
from accounts.importing.deps import WhoMayImport
from accounts.importing.files import DELIMITER_TITLES, ENCODING_TITLES
from accounts.importing.forms import MappingSent, Sent
from accounts.importing.mending import lines_to_mend, name_of
from accounts.importing.telling import grouped
from crm.config import get_settings
from crm.csv_io import ImportRun, ImportState, UnreadableFile
from crm.errors import Invalid, Refusal
from crm.jobs import JobState
from crm.text import Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted, form_again
from crm.web.htmx import wants_fragment
from crm.web.pages import go_to, page, path_for, see_other, writer_of
from crm.web.session import DbSession, after_answer, registry_of
from support.importing import queries, uploads
from support.importing.deps import RunInScope
from support.importing.forms import AlongSubmitted, Upload, UploadSubmitted, chosen_from
from support.importing.showing import PLACE_OPTIONS, SOURCE_OPTIONS, shown_rows, shown_words, zones
from support.importing.summary import sentence_of
from support.importing.titles import PLACE_TITLES
from support.importing.undoing import Undoable, undo_of
from support.models.importing import UndoState
from support.models.ticket import PRIORITY_TITLES

router = APIRouter(prefix="/import/tickets", include_in_schema=False)

NEW = "support/importing/new.html"
LOOK = "support/importing/look.html"
SHOWN_PROBLEMS = 50
GROUPED_PROBLEMS = 2_000
MOST_BYTES = (get_settings().max_upload_mb << 20) + (1 << 16)


@router.get("", name="support.import.new")
def new_import(request: Request, session: DbSession, viewer: WhoMayImport) -> Response:
    return page(request, NEW, raw={}, errors={}, **_around(request, session, viewer))


def _around(request: Request, session: Session, viewer: Viewer) -> dict[str, Any]:
    doors = registry_of(request).import_doors
    return {
        "runs": listed.latest_runs(session, viewer, doors),
        "doors": doors,
        "door": "support.import.new",
        "sources": [title for value, title in SOURCE_OPTIONS if isinstance(title, str)],
        "most_mb": get_settings().max_upload_mb,
    }


@router.post("", name="support.import.create", max_body_size=MOST_BYTES)
def create_import(request: Request, session: DbSession, viewer: WhoMayImport, sent: UploadSubmitted) -> Response:
    if sent.form is None:
        return form_again(request, NEW, None, sent, **_around(request, session, viewer))
    run: ImportRun | None = None
    try:
        run = uploads.receive(session, viewer, sent.form.file.file, sent.form.file.filename or "")
        for one in sent.form.along:
            uploads.attach(session, viewer, run, one.file, one.filename or "")
    except (UnreadableFile, Invalid) as wrong:
        if run is not None:
            uploads.discard(session, viewer, run)
        return form_again(
            request, NEW, None, _refused(sent, "along" if run else "file", wrong), **_around(request, session, viewer)
        )
    return see_other(request, "support.import.show", run_id=run.id)


def _refused(sent: Submitted[Upload], name: str, wrong: Refusal) -> Submitted[Upload]:
    return sent.refused(name, wrong.sentence.message, **wrong.sentence.values)


@router.get("/{run_id:int}", name="support.import.show")
def show_import(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    if run.state is ImportState.PREVIEW:
        return _look(request, session, run, "support/importing/_tried.html")
    undo = undo_of(session, run)
    job = uploads.job_of(session, run, "undo_job" if undo.state is UndoState.RUNNING else "job")
    if undo.state is UndoState.RUNNING or (undo.state is None and run.state is not ImportState.DONE):
        stopped = job is not None and job.state in (JobState.FAILED, JobState.CANCELLED)
        state = "failed" if run.state is ImportState.FAILED and undo.state is None else job.state if job else "running"
        return page(
            request,
            "support/importing/running.html",
            "support/importing/_progress.html",
            run=run,
            job=job,
            undo=undo,
            state=state,
            stopped=stopped or run.state is ImportState.FAILED,
        )
    if wants_fragment(request):
        return go_to(request, path_for(request, "support.import.show", run_id=run.id))  # it has ended: the whole page
    return _result(request, session, run, undo)


def _result(request: Request, session: Session, run: ImportRun, undo: Undoable) -> Response:
    problems = grouped(
        (one.line, one.column_name, one.value, one.reason) for one in listed.problems_of(session, run, GROUPED_PROBLEMS)
    )
    return page(
        request,
        "support/importing/result.html",
        run=run,
        undo=undo,
        seen=run.mapping.get("seen"),
        titles=PLACE_TITLES,
        problems=problems[:SHOWN_PROBLEMS],
        more_problems=len(problems) > SHOWN_PROBLEMS or run.counts.get("rejected", 0) > GROUPED_PROBLEMS,
    )


@router.post("/{run_id:int}/columns", name="support.import.columns")
def update_columns(
    request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport, sent: MappingSent
) -> Response:
    try:
        _take(session, viewer, run, sent)
    except (UnreadableFile, Invalid) as problem:
        return _look(request, session, run, "support/importing/_look.html", problem=problem, status=422)
    if wants_fragment(request):
        return _look(request, session, run, "support/importing/_look.html")
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/files", name="support.import.files", max_body_size=MOST_BYTES)
def add_files(
    request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport, sent: AlongSubmitted
) -> Response:
    """Of the companies and contacts whose ids stand in the tickets; or a mapping that says what columns mean."""
    if sent.form is None:
        return _look(request, session, run, None, sent=sent, status=422)
    try:
        for one in sent.form.along:
            if (one.filename or "").lower().endswith((".yaml", ".yml")):
                uploads.use_mapping(session, viewer, run, one.file)
            else:
                uploads.attach(session, viewer, run, one.file, one.filename or "")
    except (UnreadableFile, Invalid) as wrong:
        refused = sent.refused("along", wrong.sentence.message, **wrong.sentence.values)
        return _look(request, session, run, None, sent=refused, status=422)
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/start", name="support.import.start")
def start_import(
    request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport, sent: MappingSent
) -> Response:
    """Carries out what the form says, seen or not: its columns come along."""
    try:
        _take(session, viewer, run, sent)
        uploads.start(session, viewer, run)
    except (UnreadableFile, Invalid) as problem:
        return _look(request, session, run, "support/importing/_look.html", problem=problem, status=422)
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/cancellation", name="support.import.cancel")
def cancel_import(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    uploads.cancel(session, viewer, run)
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/again", name="support.import.again")
def try_import_again(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    """The job had given up or was cancelled: it goes on where it stopped."""
    uploads.go_on(session, viewer, run)
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/undo", name="support.import.undo")
def undo_import(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    uploads.take_back(session, viewer, run)
    return see_other(request, "support.import.show", run_id=run.id)


@router.post("/{run_id:int}/removal", name="support.import.remove")
def remove_import(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    files = [uploads.folder() / name for name in uploads.files_of(run)]
    uploads.discard(session, viewer, run)
    after_answer(request, lambda: uploads.remove(files))
    return see_other(request, "support.import.new")


@router.get("/{run_id:int}/mend.csv", name="support.import.mend")
def show_rows_to_mend(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    delimiter = str((run.mapping.get("seen") or {}).get("delimiter") or ",")
    lines = lines_to_mend(session, run, run.mapping.get("titles") or [], writer_of(request), delimiter)
    return Response(
        "".join(lines).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=utf-8''{quote(name_of(run), safe='')}"},
    )


def _take(session: Session, viewer: Viewer, run: ImportRun, sent: Sent) -> None:
    """What the form says about the file; read again only where it says something new."""
    uploads.hold(session, run)
    before = uploads.chosen_of(run)
    chosen = chosen_from(sent, before, run.mapping["seen"])
    if chosen != before:
        uploads.choose(session, viewer, run, chosen)


def _look(
    request: Request,
    session: Session,
    run: ImportRun,
    fragment: str | None,
    *,
    problem: Refusal | None = None,
    sent: Submitted[Any] | None = None,
    status: int = 200,
) -> Response:
    seen, tried = run.mapping["seen"], run.mapping.get("tried")
    problems = (tried or {}).get("problems", ())
    return page(
        request,
        LOOK,
        fragment,
        status=status,
        run=run,
        seen=seen,
        tried=tried,
        trial=None if tried else uploads.job_of(session, run, "trial"),
        refusal=_refusal(seen, tried),
        problem=problem.sentence if problem else None,
        problems=grouped((one["line"], one["column"], one["value"], sentence_of(one["reason"])) for one in problems)[
            :SHOWN_PROBLEMS
        ],
        first=shown_rows((tried or {}).get("first", ())),
        words=shown_words(seen["words"]),
        places=PLACE_OPTIONS,
        titles=PLACE_TITLES,
        priorities=PRIORITY_TITLES,
        sources=SOURCE_OPTIONS,
        zones=zones(),
        encodings=_choices(ENCODING_TITLES, seen["encoding"]),
        delimiters=_choices(DELIMITER_TITLES, seen["delimiter"]),
        earlier=queries.earlier_run_of(session, run),
        along=[one["name"] for one in run.mapping.get("along", ())],
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
    )


def _refusal(seen: Mapping[str, Any], tried: Mapping[str, Any] | None) -> Text | None:
    """Why nothing can be brought in as it stands."""
    kept = seen["refusal"] or (tried or {}).get("refusal")
    return sentence_of(kept) if kept else None


def _choices(titles: Mapping[str, str], current: str) -> list[tuple[str, Text | str]]:
    """What a select offers; what was detected is among it, however rare."""
    offered: list[tuple[str, Text | str]] = [(value, text(title)) for value, title in titles.items()]
    return offered if current in titles else [*offered, (current, current)]
