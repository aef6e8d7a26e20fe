"""What the support slice contributes."""

from __future__ import annotations

from crm.contracts import Slice
from support.importing.commands import add_commands

SLICE = Slice(name="support", commands=(add_commands,))
