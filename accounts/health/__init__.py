"""What the accounts slice tells about health: contact, silence and the people who carry the relationship."""

from accounts.health.features import RELATIONSHIP
from accounts.health.measures import MEASURES

FEATURE_SETS = (RELATIONSHIP,)

__all__ = ["FEATURE_SETS", "MEASURES"]
