"""Tables as files: written so that no spreadsheet runs them, read as people and helpdesks write them."""

from crm.csv_io.models import ImportProblem, ImportRun, ImportState

__all__ = ["ImportProblem", "ImportRun", "ImportState"]
