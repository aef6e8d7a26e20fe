"""The file to mend: the rows that were left out, as they were, and beside each what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sqlmodel import Session, col, select

from accounts.importing.own_fields import UNNAMED
from accounts.importing.service import source_headings
from crm.csv_io import ImportProblem, ImportRun, RowProblem, mending_lines
from crm.i18n.write import Writer


def file_to_mend(session: Session, run: ImportRun, write: Writer) -> Iterator[str]:
    headings = [heading or UNNAMED.format(column + 1) for column, heading in enumerate(source_headings(run))]
    return lines_to_mend(session, run, headings, write, str(run.mapping["source"]["delimiter"]))


def lines_to_mend(
    session: Session, run: ImportRun, headings: Sequence[str], write: Writer, delimiter: str
) -> Iterator[str]:
    """One line for each row, however much is wrong with it; goes in again as it is. Cells beyond the headings stay."""
    found = session.exec(
        select(ImportProblem)
        .where(col(ImportProblem.import_run_id) == run.id)
        .order_by(col(ImportProblem.line), col(ImportProblem.id))
        .execution_options(yield_per=1_000)
    )

    def rows() -> Iterator[tuple[RowProblem, str]]:
        for _line, problems in groupby(found, key=lambda problem: problem.line):
            several = list(problems)
            first = several[0]
            yield (
                RowProblem(
                    first.line,
                    ", ".join(problem.column_name for problem in several if problem.column_name),
                    ", ".join(problem.value for problem in several if problem.value),
                    first.reason,
                    tuple(first.row),
                ),
                " ".join(write(problem.reason) for problem in several),
            )

    widest = session.exec(select(ImportProblem.row).where(col(ImportProblem.import_run_id) == run.id))
    spare = max((len(row) for row in widest), default=0) - len(headings)
    return mending_lines([*headings, *[""] * max(0, spare)], rows(), delimiter=delimiter)


def name_of(run: ImportRun) -> str:
    return f"{Path(run.file_name).stem} - to mend.csv"
