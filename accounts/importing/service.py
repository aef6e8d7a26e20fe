"""Bringing a file in: received, looked at, its columns changed, carried out, put away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import insert
from sqlmodel import Session, col, delete, select

from accounts.importing.feet import repeats_headings
from accounts.importing.files import Source, open_source
from accounts.importing.headings import signature
from accounts.importing.mapping import Mapping, Sample, guess_mapping
from accounts.importing.models import ImportMapping
from accounts.importing.own_fields import with_kept_kinds
from accounts.importing.planning import Outcome
from accounts.importing.running import Plan, colleagues_of, count, in_chunks, make_importer, take_turn
from accounts.importing.targets import FACTS, Kind, target_of
from accounts.importing.unreadable import shortened
from crm.audit import record
from crm.clock import machine_now
from crm.config import get_settings
from crm.csv_io import ImportProblem, ImportRun, ImportState
from crm.errors import Conflict, Forbidden, Invalid
from crm.ids import new_id
from crm.jobs import enqueue
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer

AT_ONCE = 2_000  # rows that are imported while the browser waits
SAMPLE_ROWS = 500
JOB = "accounts.import"
KINDS = tuple(kind.value for kind in Kind)


def ensure_may_import(viewer: Viewer) -> None:
    if not viewer.may(Capability.IMPORT):
        raise Forbidden(N_("Your role may not bring in data. Please ask a manager or an administrator."))


# --- the file --------------------------------------------------------------------------------------------------------


def uploads_folder() -> Path:
    folder = get_settings().data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def upload_of(run: ImportRun) -> Path:
    """Where the run's file waits; the name was made by us."""
    return uploads_folder() / str(run.mapping["upload"])


def receive(session: Session, viewer: Viewer, file: BinaryIO, file_name: str, kind: Kind | None = None) -> ImportRun:
    """Keep ``file`` under a name of ours, read its headings, and say what its columns become."""
    ensure_may_import(viewer)
    path = uploads_folder() / f"{secrets.token_urlsafe(24)}.csv"
    digest = hashlib.sha256()
    try:
        with path.open("xb") as kept:
            path.chmod(0o600)
            while block := file.read(1 << 20):
                digest.update(block)
                kept.write(block)
        source = open_source(path)
        mapping, rows = first_look(session, source, kind)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    run = ImportRun(
        kind=mapping.kind.value,
        file_name=Path(file_name.replace("\\", "/")).name[:255] or "file.csv",
        digest=digest.hexdigest(),
        mapping={"upload": path.name, "source": source.as_json(), "rows": rows, "columns": mapping.as_json()},
        state=ImportState.PREVIEW,
        created_by=viewer.user_id,
    )
    session.add(run)
    session.flush()
    return run


def first_look(session: Session, source: Source, kind: Kind | None) -> tuple[Mapping, int]:
    """What the columns become, and how many rows there are. What a person chose for the same headings counts first."""
    sample, rows = sample_of(source)
    kept = remembered(session, source.headings, kind)
    guess = guess_mapping(sample, colleagues_of(session), currency=get_settings().currency, kind=kind).mapping
    if kept is not None:
        # Columns and words are a matter of the headings; how dates and amounts are written, of this very file.
        guess = replace(kept, style=replace(guess.style, currency=kept.style.currency), serials=guess.serials)
    return with_kept_kinds(session, guess, source.headings), rows


def sample_of(source: Source) -> tuple[Sample, int]:
    """The first rows, and how many there are; reads the file once."""
    first: list[tuple[str, ...]] = []
    rows = 0
    for _line, cells in source.rows():
        if rows < SAMPLE_ROWS and not repeats_headings(cells, source.headings):
            first.append(tuple(cells))
        rows += 1
    return Sample(source.headings, tuple(first)), rows


def remembered(session: Session, headings: Sequence[str], kind: Kind | None) -> Mapping | None:
    row = session.exec(select(ImportMapping).where(col(ImportMapping.signature) == signature(headings))).first()
    if row is None:
        return None
    mapping = Mapping.from_json(row.mapping)
    return mapping if kind in (None, mapping.kind) and len(mapping.columns) == len(headings) else None


def remember(session: Session, viewer: Viewer, headings: Sequence[str], mapping: Mapping) -> None:
    signed = signature(headings)
    row = session.exec(select(ImportMapping).where(col(ImportMapping.signature) == signed)).first()
    if row is None:
        row = ImportMapping(signature=signed)
        session.add(row)
    row.mapping, row.used_by, row.used_at = mapping.as_json(), viewer.user_id, machine_now()


def source_of(run: ImportRun) -> Source:
    return Source.from_json(upload_of(run), run.mapping["source"])


def kind_of(run: ImportRun) -> Kind:
    return Kind(run.kind)


def mapping_of(run: ImportRun) -> Mapping:
    return Mapping.from_json(run.mapping["columns"])


# --- from the preview on ---------------------------------------------------------------------------------------------


def change_mapping(session: Session, run: ImportRun, mapping: Mapping, source: Source) -> None:
    ensure_waiting(run)
    mapping = with_kept_kinds(session, mapping, source.headings)
    run.kind = mapping.kind.value
    run.mapping = {**run.mapping, "columns": mapping.as_json(), "source": source.as_json()}


def look_again(session: Session, run: ImportRun, source: Source, kind: Kind) -> None:
    """The file is read another way, or is of another kind: its columns are guessed anew."""
    ensure_waiting(run)
    mapping, rows = first_look(session, source, kind)
    run.mapping = {**run.mapping, "rows": rows}
    change_mapping(session, run, mapping, source)


def start(session: Session, viewer: Viewer, run: ImportRun) -> None:
    """Carry the import out: here and now when it is small, as a job when it is not."""
    if run.mapping["rows"] > AT_ONCE:
        start_in_background(session, viewer, run)
        return
    mapping, source = _begin(session, viewer, run)
    take_turn(session)
    importer = make_importer(session, viewer, mapping, source.headings)
    for rows in in_chunks(source.rows()):
        plans = importer.plan(session, rows)
        importer.write(session, plans)
        keep(session, run, plans, source.headings)
    finish(session, run)


def start_in_background(session: Session, viewer: Viewer, run: ImportRun) -> int:
    """Queue the job and say its id."""
    _begin(session, viewer, run)
    job = enqueue(session, JOB, {"run": str(run.id)}, created_by=viewer.user_id)
    run.mapping = {**run.mapping, "job": str(job.id)}
    return job.id


def _begin(session: Session, viewer: Viewer, run: ImportRun) -> tuple[Mapping, Source]:
    ensure_may_import(viewer)
    hold(session, run)
    mapping, source = mapping_of(run), source_of(run)
    ensure_names_rows(mapping)
    remember(session, viewer, source.headings, mapping)
    run.state, run.counts, run.mark = ImportState.RUNNING, count([]), 0
    record(session, viewer, None, "import.started", kind=run.kind, file=run.file_name, digest=run.digest)
    return mapping, source


def keep(session: Session, run: ImportRun, plans: Sequence[Plan], headings: Sequence[str]) -> None:
    """What became of these rows, in the transaction that wrote them."""
    run.counts = {key: run.counts.get(key, 0) + number for key, number in count(plans).items()}
    run.mark = plans[-1].row.line
    problems = [row for plan in plans for row in problems_of(run, plan, headings)]
    if problems:
        session.execute(insert(ImportProblem), problems)
    session.add(run)


def problems_of(run: ImportRun, plan: Plan, headings: Sequence[str]) -> Iterable[dict[str, Any]]:
    if plan.outcome is not Outcome.REJECTED:
        return
    for wrong in plan.wrong:
        yield {
            "id": new_id(),
            "import_run_id": run.id,
            "line": plan.row.line,
            "column_name": headings[wrong.column][:200] if wrong.column is not None else "",
            "value": shortened(wrong.value, 500),
            "message": wrong.reason.message,
            "values": {name: _plain(value) for name, value in wrong.reason.values.items()},
            "row": list(plan.row.cells),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return str(value)
    return value if isinstance(value, str | int | float) or value is None else str(value)


def finish(session: Session, run: ImportRun) -> None:
    run.state, run.finished_at = ImportState.DONE, machine_now()
    session.add(run)


def discard(session: Session, run: ImportRun) -> None:
    """Nothing was written; the file goes with the run."""
    ensure_waiting(run)
    session.delete(run)


def hold(session: Session, run: ImportRun) -> None:
    """Until this transaction ends nobody else carries ``run`` out: a second click finds it done."""
    session.flush()  # what was just chosen stays
    session.refresh(run, with_for_update=True)
    ensure_waiting(run)


def ensure_waiting(run: ImportRun) -> None:
    if run.state is not ImportState.PREVIEW:
        raise Conflict(N_("This import has been carried out already; its result stands below."))


class NothingToGoBy(Invalid):
    """No column says whom the rows are about."""


def ensure_names_rows(mapping: Mapping) -> None:
    """Some column must say whom each row is about."""
    if mapping.kind is Kind.ACCOUNTS and not {"name", "external_id", "domain"} & set(mapping.columns):
        raise NothingToGoBy(N_("Say which column holds the account's name."))
    if mapping.kind is Kind.CONTACTS and not {"name", "last_name", "email", "external_id"} & set(mapping.columns):
        raise NothingToGoBy(N_("Say which column holds the contact's name or e-mail address."))
    if mapping.kind in FACTS:
        _ensure_names_facts(mapping)


def _ensure_names_facts(mapping: Mapping) -> None:
    """Rows of figures: whose they are, and every column without which there is no figure."""
    columns = set(mapping.columns)
    named_by = {"account", "account_id", "account_domain"} | ({"email"} if mapping.kind is Kind.NPS else set())
    if not named_by & columns:
        raise NothingToGoBy(N_("Say which column names the account."))
    needed = {
        Kind.USAGE: ("day", "metric", "value"),
        Kind.NPS: ("day", "score"),
        Kind.INVOICES: ("number", "due_on", "amount"),
    }[mapping.kind]
    for key in needed:
        target = target_of(mapping.kind, key)
        if key not in columns and target is not None:
            raise NothingToGoBy(N_("Say which column holds this: %(what)s."), what=text(target.title))


def remove_file(run: ImportRun) -> None:
    """After the transaction: a file that is left behind is removed by the daily job."""
    upload_of(run).unlink(missing_ok=True)


def forget_previews(session: Session, before: Any) -> int:
    """Imports that were looked at and not carried out."""
    old = session.exec(
        select(ImportRun.id).where(
            col(ImportRun.kind).in_(KINDS),
            col(ImportRun.state) == ImportState.PREVIEW,
            col(ImportRun.created_at) < before,
        )
    ).all()
    if old:
        session.execute(delete(ImportRun).where(col(ImportRun.id).in_(old)))
    return len(old)


def source_headings(run: ImportRun) -> tuple[str, ...]:
    """Known long after the file is gone."""
    return tuple(run.mapping["source"]["headings"])
