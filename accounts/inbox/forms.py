"""What a person may send about mail that waits."""

from __future__ import annotations

from typing import Annotated

from accounts.forms import RowId, RowIdOrNone, sent_as
from crm.web.forms import Form, Submitted


class FilingForm(Form):
    account: RowId
    contact: RowIdOrNone = None
    add_contact: bool = False


FilingSubmitted = Annotated[Submitted[FilingForm], sent_as(FilingForm)]
