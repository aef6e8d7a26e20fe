"""``crm import tickets``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import col

from crm.commands import Installation, Json, end, group, installation, progress, say, writer
from crm.csv_io import ImportProblem, RowProblem, mending_lines
from crm.errors import Invalid
from crm.jobs import run_waiting
from crm.text import N_, plural, text
from support.importing.mapping import load_yaml, mapping_from
from support.importing.running import Outcome, import_tickets

SHOWN = 10  # problems on the terminal; all of them are in the file


def add_commands(app: typer.Typer) -> None:
    group(app, "import", "Bring in what other systems know.").command("tickets")(tickets)


def tickets(
    file: Annotated[Path, typer.Argument(help="CSV file of one row per ticket or per event, also gzipped.")],
    mapping: Annotated[Path, typer.Option("--mapping", help="YAML file that says what the columns mean.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    problems: Annotated[
        Path | None, typer.Option("--problems", help="Where to write the rows that were left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring in a ticket history. Again changes nothing; interrupted, it goes on where it stopped."""
    if not file.is_file():
        raise Invalid(N_("There is no file %(file)s."), file=str(file))
    written = load_yaml(mapping)
    known = mapping_from(written)
    with installation() as here:
        with progress(N_("Bringing tickets in")) as shown:
            outcome = import_tickets(
                here.database,
                file,
                known,
                written,
                actor=here.viewer,
                spool_in=here.settings.data_dir / "tmp",
                dry_run=dry_run,
                progress=shown,
            )
        if not dry_run:
            with progress(N_("Scoring accounts")):
                run_waiting(here.database, here.registry)
        rejected = outcome.counts["rejected"]
        left_out = _write_problems(here, outcome, problems) if rejected else None
    _say(outcome, dry_run=dry_run, one_row_per_event=known.events is not None, left_out=left_out)
    end(_result(outcome, dry_run, left_out), as_json=as_json, code=1 if rejected else 0)


def _write_problems(here: Installation, outcome: Outcome, wanted: Path | None) -> Path:
    path = wanted or here.settings.data_dir / "imports" / f"tickets-{outcome.run_id or 'dry-run'}-left-out.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write: Callable[[RowProblem], str] = lambda problem: writer()(problem.reason)  # noqa: E731 - two lines shorter
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(mending_lines(outcome.shape.titles, ((one, write(one)) for one in _problems_of(here, outcome))))
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
    if counts["unmatched"]:
        say(
            plural(
                N_("%(n)s ticket waits for an account, under Tickets, Without account."),
                N_("%(n)s tickets wait for an account, under Tickets, Without account."),
                counts["unmatched"],
            )
        )
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


def _result(outcome: Outcome, dry_run: bool, left_out: Path | None) -> dict[str, object]:
    names = ("rows", "tickets", "new", "updated", "unchanged", "unmatched", "rejected")
    return {
        "run": outcome.run_id,
        "dry_run": dry_run,
        **{name: outcome.counts[name] for name in names},
        "resumed_after_line": outcome.resumed_at or None,
        "seconds": round(outcome.seconds, 2),
        "rows_per_second": round(outcome.rows_now / outcome.seconds) if outcome.seconds else None,
        "left_out": str(left_out) if left_out else None,
        "problems": [
            {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}
            for one in outcome.problems[:SHOWN]
        ],
    }
