"""What the support slice tells about health: tickets, service targets, complaints and ratings."""

from support.health.features import SUPPORT
from support.health.measures import MEASURES

FEATURE_SETS = (SUPPORT,)

__all__ = ["FEATURE_SETS", "MEASURES"]
