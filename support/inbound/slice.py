"""What helpdesks' webhooks contribute."""

from crm.contracts import Slice
from support.inbound import models  # noqa: F401

PART = Slice(name="support.inbound")
