"""Import: choose a file, look at what it would become, carry it out, mend what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.importing import mending, queries, service
from accounts.importing.deps import RunInScope, WhoMayImport
from accounts.importing.files import DELIMITER_TITLES, ENCODING_TITLES, UnreadableFile
from accounts.importing.forms import MappingSent, Sent, UploadSubmitted, kind_from, mapping_from, reopened
from accounts.importing.preview import look
from accounts.importing.targets import KIND_TITLES
from accounts.importing.telling import grouped, own_options, target_options, what_became
from crm.config import get_settings
from crm.csv_io import ImportRun, ImportState
from crm.errors import Refusal
from crm.jobs import try_again
from crm.text import Text, text
from crm.viewer import Viewer
from crm.web.forms import form_again
from crm.web.htmx import wants_fragment
from crm.web.pages import go_to, page, path_for, see_other, writer_of
from crm.web.session import DbSession, after_answer, registry_of

router = APIRouter(prefix="/import", include_in_schema=False)

NEW = "accounts/importing/new.html"
SHOWN_PROBLEMS = 50
GROUPED_PROBLEMS = 2_000  # that are looked at for those which are the same


@router.get("", name="accounts.import.new")
def new_import(request: Request, session: DbSession, viewer: WhoMayImport) -> Response:
    return page(request, NEW, raw={"kind": "guess"}, errors={}, **_around(request, session, viewer))


def _around(request: Request, session: Session, viewer: Viewer) -> dict[str, Any]:
    doors = registry_of(request).import_doors
    return {
        "runs": queries.latest_runs(session, viewer, doors),
        "doors": doors,
        "door": "accounts.import.new",
        "most_mb": get_settings().max_upload_mb,
    }


@router.post("", name="accounts.import.create", max_body_size=(get_settings().max_upload_mb << 20) + (1 << 16))
def create_import(request: Request, session: DbSession, viewer: WhoMayImport, sent: UploadSubmitted) -> Response:
    if sent.form is None:
        return form_again(request, NEW, None, sent, **_around(request, session, viewer))
    try:
        run = service.receive(
            session, viewer, sent.form.file.file, sent.form.file.filename or "", sent.form.chosen_kind
        )
    except UnreadableFile as unreadable:
        return form_again(
            request, NEW, None, sent.refused("file", unreadable.sentence.message, **unreadable.sentence.values),
            **_around(request, session, viewer),
        )  # fmt: skip
    return see_other(request, "accounts.import.show", run_id=run.id)


@router.get("/{run_id:int}", name="accounts.import.show")
def show_import(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    if run.state is ImportState.PREVIEW:
        return _preview(request, session, viewer, run)
    if run.state in (ImportState.RUNNING, ImportState.FAILED):
        job = queries.job_of(session, run)
        return page(request, "accounts/importing/running.html", "accounts/importing/_progress.html", run=run, job=job)
    if wants_fragment(request):
        return go_to(request, path_for(request, "accounts.import.show", run_id=run.id))  # it has ended: the whole page
    problems = grouped(
        (one.line, one.column_name, one.value, one.reason)
        for one in queries.problems_of(session, run, GROUPED_PROBLEMS)
    )
    return page(
        request,
        "accounts/importing/result.html",
        run=run,
        problems=problems[:SHOWN_PROBLEMS],
        more_problems=len(problems) > SHOWN_PROBLEMS or queries.how_many_problems(session, run) > GROUPED_PROBLEMS,
        columns=what_became(service.mapping_of(run), service.source_headings(run)),
    )


@router.post("/{run_id:int}/columns", name="accounts.import.columns")
def update_columns(
    request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport, sent: MappingSent
) -> Response:
    try:
        _take(session, run, sent)
    except UnreadableFile as unreadable:
        return _preview(request, session, viewer, run, problem=unreadable, status=422)
    if wants_fragment(request):
        return _preview(request, session, viewer, run)
    return see_other(request, "accounts.import.show", run_id=run.id)


@router.post("/{run_id:int}/start", name="accounts.import.start")
def start_import(
    request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport, sent: MappingSent
) -> Response:
    """Carries out what the form says, seen or not: its columns come along."""
    _take(session, run, sent)
    try:
        service.start(session, viewer, run)
    except service.NothingToGoBy as nothing:
        return _preview(request, session, viewer, run, problem=nothing, status=422)
    if run.state is ImportState.DONE:
        after_answer(request, lambda: service.remove_file(run))
    return see_other(request, "accounts.import.show", run_id=run.id)


@router.post("/{run_id:int}/again", name="accounts.import.again")
def try_import_again(request: Request, run: RunInScope, session: DbSession, _viewer: WhoMayImport) -> Response:
    """The job had given up: it goes on where it stopped."""
    if (job := queries.job_of(session, run)) is not None and try_again(session, job):
        run.state = ImportState.RUNNING
    return see_other(request, "accounts.import.show", run_id=run.id)


@router.post("/{run_id:int}/removal", name="accounts.import.remove")
def remove_import(request: Request, run: RunInScope, session: DbSession, _viewer: WhoMayImport) -> Response:
    service.discard(session, run)
    after_answer(request, lambda: service.remove_file(run))
    return see_other(request, "accounts.import.new")


@router.get("/{run_id:int}/mend.csv", name="accounts.import.mend")
def show_rows_to_mend(request: Request, run: RunInScope, session: DbSession, viewer: WhoMayImport) -> Response:
    content = "".join(mending.file_to_mend(session, run, writer_of(request)))
    name = mending.name_of(run)
    return Response(
        content.encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"},
    )


def _take(session: Session, run: ImportRun, sent: Sent) -> None:
    """What the form says about the file and its columns."""
    service.hold(session, run)
    source = reopened(service.source_of(run), sent)
    mapping = service.mapping_of(run)
    kind = kind_from(sent, mapping)
    before = service.source_of(run)
    if (source.headings, source.header_line) != (before.headings, before.header_line) or kind is not mapping.kind:
        service.look_again(session, run, source, kind)  # other headings, other columns: guessed anew
    else:
        service.change_mapping(session, run, mapping_from(sent, mapping), source)


def _preview(
    request: Request,
    session: Session,
    viewer: Viewer,
    run: ImportRun,
    *,
    problem: Refusal | None = None,
    status: int = 200,
) -> Response:
    preview = look(session, viewer, run)
    return page(
        request,
        "accounts/importing/preview.html",
        "accounts/importing/_preview.html",
        status=status,
        run=run,
        preview=preview,
        problem=problem.sentence if problem else None,
        targets=target_options(preview.mapping.kind),
        owns=own_options(preview.mapping.kind),
        kinds=[(kind.value, text(title)) for kind, title in KIND_TITLES.items()],
        encodings=_choices(ENCODING_TITLES, preview.source.encoding),
        delimiters=_choices(DELIMITER_TITLES, preview.source.delimiter),
        at_once=service.AT_ONCE,
        earlier=queries.earlier_run_of(session, run),
    )


def _choices(titles: Mapping[str, str], current: str) -> list[tuple[str, Text | str]]:
    """What a select offers; what was detected is among it, however rare."""
    offered: list[tuple[str, Text | str]] = [(value, text(title)) for value, title in titles.items()]
    return offered if current in titles else [*offered, (current, current)]
