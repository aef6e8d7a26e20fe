"""What live intake contributes."""

from crm.contracts import Slice
from support.intake.operations import OPERATIONS
from support.intake.routes import router

PART = Slice(name="support.intake", router=router, api_operations=OPERATIONS)
