"""``crm import accounts FILE`` and ``crm import contacts FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from accounts.importing import service
from accounts.importing.files import open_source
from accounts.importing.planning import Outcome
from accounts.importing.queries import problems_of
from accounts.importing.running import CHUNK, CHUNK_OF, count, in_chunks, make_importer
from accounts.importing.targets import FACTS, Kind
from accounts.importing.told import Told, read_mapping
from crm.commands import Installation, Json, end, group, installation, progress, say, writer
from crm.csv_io import ImportRun
from crm.jobs import JobState, Worker, run_waiting
from crm.text import N_, text

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, gzip too.")]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", exists=True, dir_okay=False, help="YAML that says which heading is what; else guessed."),
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")]

SHOWN_PROBLEMS = 20


def add_commands(app: typer.Typer) -> None:
    importing = group(app, "import", "Bring in what other systems know.")

    @importing.command("accounts")
    def import_accounts(file: File, dry_run: Dry = False, as_json: Json = False) -> None:
        """Accounts from a spreadsheet: columns are found by their English or French headings."""
        _import(file, Kind.ACCOUNTS, dry_run=dry_run, as_json=as_json)

    @importing.command("contacts")
    def import_contacts(file: File, dry_run: Dry = False, as_json: Json = False) -> None:
        """Contacts from a spreadsheet; their accounts must be here already."""
        _import(file, Kind.CONTACTS, dry_run=dry_run, as_json=as_json)

    @importing.command("usage")
    def import_usage(file: File, mapping: MappingFile = None, dry_run: Dry = False, as_json: Json = False) -> None:
        """Usage by day: account, day, metric, value. Again changes nothing; another value corrects the former."""
        _import(file, Kind.USAGE, mapping, dry_run=dry_run, as_json=as_json)

    @importing.command("nps")
    def import_nps(file: File, mapping: MappingFile = None, dry_run: Dry = False, as_json: Json = False) -> None:
        """Answers to a survey: account or e-mail address, day, score from 0 to 10, comment."""
        _import(file, Kind.NPS, mapping, dry_run=dry_run, as_json=as_json)

    @importing.command("invoices")
    def import_invoices(file: File, mapping: MappingFile = None, dry_run: Dry = False, as_json: Json = False) -> None:
        """Invoices: account, number, due day, amount, currency, paid day. A later file that says paid closes them."""
        _import(file, Kind.INVOICES, mapping, dry_run=dry_run, as_json=as_json)


def _import(file: Path, kind: Kind, mapping: Path | None = None, *, dry_run: bool, as_json: bool) -> None:
    told = read_mapping(mapping, kind) if mapping is not None else None
    with installation() as here:
        result = _dry_run(here, file, kind, told) if dry_run else _carry_out(here, file, kind, told)
        if not dry_run and kind in FACTS:
            with progress(N_("Scoring accounts")):
                run_waiting(here.database, here.registry)
    counts = result["counts"]
    sentence = (
        N_("Would be: %(new)s new, %(updated)s changed, %(unchanged)s as they are, %(rejected)s to mend.")
        if dry_run
        else N_("%(new)s new, %(updated)s changed, %(unchanged)s as they are, %(rejected)s to mend.")
    )
    for problem in result["problems"]:
        say(N_("line %(line)s, %(column)s: %(reason)s"), **{**problem, "column": problem["column"] or "–"})
    say(text(sentence, **counts))
    end(result, as_json=as_json, code=1 if counts["rejected"] else 0)


def _dry_run(here: Installation, file: Path, kind: Kind, told: Told | None) -> dict[str, Any]:
    source = open_source(file)
    counts = count([])
    problems: list[dict[str, Any]] = []
    with here.database.reading() as session, progress(N_("Looking at the rows")) as shown:
        mapping, rows = service.first_look(session, source, kind)
        mapping = told(mapping, source.headings) if told else mapping
        service.ensure_names_rows(mapping)
        importer = make_importer(session, here.viewer, mapping, source.headings, dry=True)
        for chunk in in_chunks(source.rows(), CHUNK_OF.get(kind, CHUNK)):
            plans = importer.plan(session, chunk)
            counts = {key: counts[key] + number for key, number in count(plans).items()}
            problems += [
                _problem(plan.row.line, source.headings[wrong.column] if wrong.column is not None else "", wrong)
                for plan in plans
                if plan.outcome is Outcome.REJECTED
                for wrong in plan.wrong
            ][: SHOWN_PROBLEMS - len(problems)]
            shown(counts["rows"], rows)
    columns = dict(zip(source.headings, mapping.columns, strict=True))
    return {"dry_run": True, "counts": counts, "columns": columns, "problems": problems}


def _carry_out(here: Installation, file: Path, kind: Kind, told: Told | None) -> dict[str, Any]:
    with here.database.unit_of_work() as session, file.open("rb") as opened:
        run = service.receive(session, here.viewer, opened, file.name, kind)
        if told:
            source = service.source_of(run)
            service.change_mapping(session, run, told(service.mapping_of(run), source.headings), source)
    with here.database.unit_of_work() as session:
        job_id = service.start_in_background(session, here.viewer, session.get_one(ImportRun, run.id))
    worker = Worker(here.database, here.registry, threads=0, with_clock=False)
    worker.start()
    try:
        with progress(N_("Bringing in the rows")) as shown:
            job = worker.run_now(job_id, shown)
    finally:
        worker.stop()
    with here.database.reading() as session:
        run = session.get_one(ImportRun, run.id)
        found = problems_of(session, run, SHOWN_PROBLEMS)
        return {
            "dry_run": False,
            "run": str(run.id),
            "state": run.state.value,
            "finished": job.state is JobState.DONE,
            "counts": {**count([]), **run.counts},
            "columns": dict(zip(service.source_headings(run), service.mapping_of(run).columns, strict=True)),
            "problems": [_problem(one.line, one.column_name, one) for one in found],
        }


def _problem(line: int, column: str, wrong: Any) -> dict[str, Any]:
    return {"line": line, "column": column, "value": wrong.value, "reason": writer()(wrong.reason)}
