"""Tables as files: written so that no spreadsheet runs them, read as people and helpdesks write them."""

from crm.csv_io.models import ImportProblem, ImportRun, ImportState
from crm.csv_io.reading import Row, RowReader, UnreadableFile, begins_with, open_rows, open_text
from crm.csv_io.writing import PROBLEM_COLUMNS, RowProblem, csv_lines, defused, mending_lines, without_mark

__all__ = [
    "PROBLEM_COLUMNS",
    "ImportProblem",
    "ImportRun",
    "ImportState",
    "Row",
    "RowProblem",
    "RowReader",
    "UnreadableFile",
    "begins_with",
    "csv_lines",
    "defused",
    "mending_lines",
    "open_rows",
    "open_text",
    "without_mark",
]
