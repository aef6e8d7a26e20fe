"""What the accounts slice's core tells about health: contact, silence and the people who carry the relationship. Usage,
survey answers, invoices and the owner's pulse each tell it where they are kept."""

from accounts.health.features import RELATIONSHIP
from accounts.health.measures import MEASURES

FEATURE_SETS = (RELATIONSHIP,)

__all__ = ["FEATURE_SETS", "MEASURES"]
