"""``crm import tickets`` and ``crm import undo``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from crm.commands import Installation, Json, end, group, installation, progress, say, writer
from crm.csv_io import ImportProblem, RowProblem, mending_lines
from crm.errors import Invalid
from crm.jobs import run_waiting
from crm.text import N_, plural, text
from support.importing.dates import Order
from support.importing.looking import Chosen, Seen, headings_of, look
from support.importing.mapping import load_yaml
from support.importing.remembering import remember, remembered
from support.importing.running import Outcome, import_tickets
from support.importing.sources import ensure_source
from support.importing.undoing import undo_import_now

SHOWN = 10  # problems on the terminal; all of them are in the file


def add_commands(app: typer.Typer) -> None:
    commands = group(app, "import", "Bring in what other systems know.")
    commands.command("tickets")(tickets)
    commands.command("undo")(undo)


def tickets(
    file: Annotated[Path, typer.Argument(help="CSV or JSON that a helpdesk exports, also gzipped.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            help="zendesk, freshdesk, intercom, jira, hubspot or salesforce; without it the file is recognised.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML file that says what the columns of any other file mean.")
    ] = None,
    along: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", help="File of the companies or contacts whose ids stand in the tickets; may be repeated."
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Name of the helpdesk, for one of several of the same kind.")
    ] = None,
    dates: Annotated[
        Order | None, typer.Option("--dates", help="What 3/4/25 begins with, where the file does not settle it.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="Time zone of times that name none, like Europe/Paris.")
    ] = None,
    create: Annotated[
        bool | None,
        typer.Option("--create/--no-create", help="Whether companies that nobody knows become accounts."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    problems: Annotated[
        Path | None, typer.Option("--problems", help="Where to write the rows that were left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring in a ticket history. Again changes nothing; interrupted, it goes on where it stopped."""
    for one in (file, *(along or ())):
        if not one.is_file():
            raise Invalid(N_("There is no file %(file)s."), file=str(one))
    chosen = Chosen(
        source=ensure_source(source) if source else None,
        key=key,
        written=load_yaml(mapping) if mapping else None,
        order=dates,
        zone=zone,
        create=create,
    )
    with installation() as here:
        seen = _look(here, file, chosen, along or [])
        spool_in = here.settings.data_dir / "tmp"
        with progress(N_("Bringing tickets in")) as shown, seen.directory(spool_in) as directory:
            outcome = import_tickets(
                here.database,
                seen.reading,
                seen.mapping(),
                seen.written,
                actor=here.viewer,
                spool_in=spool_in,
                directory=directory,
                dry_run=dry_run,
                progress=shown,
            )
        if not dry_run:
            with here.database.unit_of_work() as session:
                remember(session, here.viewer, file, seen)
            _run_waiting(here)
        rejected = outcome.counts["rejected"]
        left_out = _write_problems(here, outcome, problems) if rejected else None
    _say_seen(seen)
    _say(outcome, dry_run=dry_run, one_row_per_event=seen.mapping().events is not None, left_out=left_out)
    end(_result(seen, outcome, dry_run, left_out), as_json=as_json, code=1 if rejected else 0)


def undo(
    run: Annotated[int, typer.Argument(help="The number of the import, as it said itself.")],
    as_json: Json = False,
) -> None:
    """Take a whole import back, for 7 days. What others have done since stays."""
    with installation() as here:

        def unit(mark: int, done: int) -> AbstractContextManager[Session]:
            return here.database.unit_of_work()

        with progress(N_("Taking the import back")):
            counts = undo_import_now(unit, run, here.viewer)
        _run_waiting(here)
    said = N_(
        "The import is taken back: %(gone)s tickets are gone, %(back)s are as they were before, "
        "%(kept)s stay because others told the same."
    )
    say(said, **{name: counts[name] for name in ("gone", "back", "kept")})
    kept = counts["accounts_kept"] + counts["contacts_kept"]
    if kept:
        say(
            plural(
                N_("%(n)s account or contact that it had made stays, because it is used."),
                N_("%(n)s accounts and contacts that it had made stay, because they are used."),
                kept,
            )
        )
    names = ("gone", "back", "kept", "accounts", "accounts_kept", "contacts", "contacts_kept")
    end({"run": run, **{name: counts[name] for name in names}}, as_json=as_json)


def _run_waiting(here: Installation) -> None:
    with progress(N_("Scoring accounts")):
        run_waiting(here.database, here.registry)


def _look(here: Installation, file: Path, chosen: Chosen, along: list[Path]) -> Seen:
    with here.database.reading() as session:
        kept = remembered(session, headings_of(file, chosen))
        if kept is not None and chosen.key is None:
            chosen = Chosen(**{**chosen.__dict__, "key": kept.source_key, "title": kept.title})
        written = kept.written if kept is not None else None
    seen = look(file, chosen, along=along, remembered=written, whole=False)
    if seen.must_say_order:
        raise Invalid(
            N_("“%(cell)s” may be read with the day or with the month first; say --dates day_first or month_first."),
            cell=seen.example,
        )
    return seen


def _write_problems(here: Installation, outcome: Outcome, wanted: Path | None) -> Path:
    path = wanted or here.settings.data_dir / "imports" / f"tickets-{outcome.run_id or 'dry-run'}-left-out.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write: Callable[[RowProblem], str] = lambda problem: writer()(problem.reason)  # noqa: E731 - two lines shorter
    titles = outcome.shape.titles[: outcome.shape.own]
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(mending_lines(titles, ((one, write(one)) for one in _problems_of(here, outcome))))
    return path


def _problems_of(here: Installation, outcome: Outcome) -> Iterator[RowProblem]:
    """Of the whole run, also what a process before this one left out."""
    if outcome.run_id is None:
        yield from outcome.problems
        return
    with here.database.reading() as session:
        found = session.scalars(
            select(ImportProblem)
            .where(col(ImportProblem.import_run_id) == outcome.run_id)
            .order_by(col(ImportProblem.line), col(ImportProblem.id))
            .execution_options(yield_per=500)
        )
        for row in found:
            yield RowProblem(row.line, row.column_name, row.value, row.reason, tuple(row.row))


_ORDERS = {
    Order.DAY_FIRST: N_("dates with the day first"),
    Order.MONTH_FIRST: N_("dates with the month first"),
}
_DELIMITERS = {",": N_("commas"), ";": N_("semicolons"), "\t": N_("tabs"), "|": N_("bars")}


def _say_seen(seen: Seen) -> None:
    """What was found out about the file, so that nobody need guess why a figure is what it is."""
    write = writer()
    details = [seen.encoding.upper()]
    if seen.delimiter:
        details.append(write(text(_DELIMITERS.get(seen.delimiter, seen.delimiter))))
    if seen.order is not None:
        details.append(write(text(_ORDERS[seen.order])))
    details.append(seen.zone)
    said = N_("%(source)s, %(form)s: %(details)s.")
    say(said, source=seen.source_title, form=seen.form.value.upper(), details=", ".join(details))


def _say(outcome: Outcome, *, dry_run: bool, one_row_per_event: bool, left_out: Path | None) -> None:
    counts = outcome.counts
    if outcome.resumed_at:
        say(N_("Went on after line %(line)s, where the run before had stopped."), line=outcome.resumed_at)
    said = N_("%(tickets)s tickets in %(rows)s rows: %(new)s new, %(updated)s changed, %(unchanged)s as they were.")
    if dry_run:
        said = N_(
            "Nothing was written. %(tickets)s tickets in %(rows)s rows: %(new)s would be new, %(updated)s changed, "
            "%(unchanged)s as they are."
        )
    say(text(said, **{name: counts[name] for name in ("tickets", "rows", "new", "updated", "unchanged")}))
    if outcome.shape.passed_over:
        say(
            plural(
                N_("%(n)s row repeats the headings and was passed over."),
                N_("%(n)s rows repeat the headings and were passed over."),
                outcome.shape.passed_over,
            )
        )
    if counts["unmatched"]:
        say(
            plural(
                N_("%(n)s ticket waits for an account, under Tickets, Without account."),
                N_("%(n)s tickets wait for an account, under Tickets, Without account."),
                counts["unmatched"],
            )
        )
    if outcome.run_id is not None and counts["tickets"]:
        say(N_("For 7 days it can be taken back with: crm import undo %(run)s"), run=str(outcome.run_id))
    if left_out is None:
        return
    for problem in outcome.problems[:SHOWN]:
        say(
            N_("Line %(line)s, %(column)s “%(value)s”: %(reason)s"),
            line=problem.line,
            column=problem.column,
            value=problem.value,
            reason=problem.reason,
        )
    say(
        plural(
            N_("%(n)s row was left out; %(file)s holds it and says why."),
            N_("%(n)s rows were left out; %(file)s holds them and says why."),
            counts["rejected"],
            file=str(left_out),
        )
    )
    if one_row_per_event:
        say(N_("Mend them in the file you brought in, and bring it in again as a whole."))
    else:
        say(N_("Mend them there, and bring in that file."))


def _result(seen: Seen, outcome: Outcome, dry_run: bool, left_out: Path | None) -> dict[str, Any]:
    names = ("rows", "tickets", "new", "updated", "unchanged", "unmatched", "rejected")
    return {
        "run": str(outcome.run_id) if outcome.run_id else None,
        "dry_run": dry_run,
        "source": seen.source_key,
        "recognised": seen.pack.key if seen.pack else None,
        "form": seen.form.value,
        "encoding": seen.encoding,
        "delimiter": seen.delimiter or None,
        "dates": seen.order.value if seen.order else None,
        "decimal": seen.decimal,
        "zone": seen.zone,
        "columns": {column.title: list(column.becomes) for column in seen.columns if column.becomes},
        **{name: outcome.counts[name] for name in names},
        "passed_over": outcome.shape.passed_over,
        "resumed_after_line": outcome.resumed_at or None,
        "seconds": round(outcome.seconds, 2),
        "rows_per_second": round(outcome.rows_now / outcome.seconds) if outcome.seconds else None,
        "left_out": str(left_out) if left_out else None,
        "problems": [
            {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}
            for one in outcome.problems[:SHOWN]
        ],
    }
