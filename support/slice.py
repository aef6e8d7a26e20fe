"""What the support slice contributes."""

from __future__ import annotations

from crm.contracts import Slice
from support.health import FEATURE_SETS, MEASURES
from support.importing.commands import add_commands

SLICE = Slice(name="support", feature_sets=FEATURE_SETS, measures=MEASURES, commands=(add_commands,))
