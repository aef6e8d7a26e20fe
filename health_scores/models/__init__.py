"""Tables of the health slice, one noun a file."""

from health_scores.models.day import HealthDay
from health_scores.models.dirty import HealthDirty
from health_scores.models.model import HealthModel
from health_scores.models.prior import HealthPrior
from health_scores.models.score import Band, HealthScore
from health_scores.models.snapshot import HealthSnapshot

__all__ = ["Band", "HealthDay", "HealthDirty", "HealthModel", "HealthPrior", "HealthScore", "HealthSnapshot"]
