"""The model that comes with the product, published as it stands here and told in docs/guide/health.md.

Version 1 knew no usage, survey answers and invoices. An installation that has published it, or a model of its own,
keeps that until somebody publishes this one (``crm health adopt``): nobody's scores move because of an upgrade.

Points say what a measure takes at most. None takes more than the 30 between amber and green, so that no single measure
moves an account across two bands. Curves: figure of the measure to percent of its points.
"""

from __future__ import annotations

from typing import Any

VERSION = 2
TITLE = "Standard"

DEFINITION: dict[str, Any] = {
    "bands": {"green": 70, "amber": 40, "hysteresis": 3},
    "coverage": {"unknown_below": 40, "amber_below": 60},
    "green_needs": ["relationship", "usage"],
    "measures": [
        {"key": "urgent_open", "points": 22, "curve": [[0, 0], [1, 100]]},
        {"key": "complaints", "points": 15, "curve": [[0, 0], [1, 100]]},
        {"key": "open_burden", "points": 16, "curve": [[1, 0], [2, 40], [4, 80], [8, 100]]},
        {"key": "escalated_open", "points": 6, "curve": [[0, 0], [1, 70], [2, 100]]},
        {"key": "resolution", "points": 12, "curve": [[0.4, 100], [0.6, 60], [0.9, 0]]},
        {"key": "first_answer", "points": 6, "curve": [[0.4, 100], [0.7, 50], [0.95, 0]]},
        {"key": "reopened", "points": 7, "curve": [[0.05, 0], [0.15, 60], [0.3, 100]]},
        {"key": "repeat_contact", "points": 5, "curve": [[0.1, 0], [0.4, 100]]},
        {"key": "inflow", "points": 8, "curve": [[1.5, 0], [3, 100]]},
        {"key": "escalations", "points": 4, "curve": [[3, 0], [12, 100]]},
        {"key": "burden_trend", "points": 6, "curve": [[0.5, 0], [3, 100]]},
        {"key": "satisfaction", "points": 10, "curve": [[45, 100], [65, 50], [80, 0]]},
        {"key": "rating_slope", "points": 3, "curve": [[-30, 100], [-5, 0]]},
        {"key": "rating_trend", "points": 2, "curve": [[-25, 100], [-5, 0]]},
        {"key": "silence", "points": 14, "curve": [[1, 0], [2, 60], [4, 100]]},
        {"key": "key_silence", "points": 12, "curve": [[1, 0], [1.5, 60], [3, 100]]},
        {"key": "usage", "points": 12, "curve": [[0.4, 100], [0.7, 50], [0.9, 0]]},
        {"key": "nps", "points": 5, "curve": [[3, 100], [6, 50], [8, 0]]},
        {"key": "overdue_invoices", "points": 5, "curve": [[7, 0], [30, 50], [90, 100]]},
        {"key": "pulse", "points": 5, "curve": [[0, 0], [1, 40], [2, 100]]},
    ],
    "caps": [{"measure": "champion_gone", "least": 1, "score": 69}],
}
