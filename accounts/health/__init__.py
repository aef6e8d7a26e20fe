"""What the accounts slice tells about health: contact, silence and the people who carry the relationship; usage, survey
answers, invoices and the owner's pulse, each where it is kept."""

from accounts.health.features import RELATIONSHIP
from accounts.health.measures import MEASURES as RELATIONSHIP_MEASURES
from accounts.invoices import health as invoices
from accounts.nps import health as nps
from accounts.pulse import health as pulse
from accounts.usage import health as usage

FEATURE_SETS = (RELATIONSHIP, *usage.FEATURE_SETS, *nps.FEATURE_SETS, *invoices.FEATURE_SETS, pulse.FEATURES)
MEASURES = (*RELATIONSHIP_MEASURES, *usage.MEASURES, *nps.MEASURES, *invoices.MEASURES, pulse.MEASURE)

__all__ = ["FEATURE_SETS", "MEASURES"]
