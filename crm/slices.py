"""The only file that names all slices, lowest first: the order of handlers and of what has no order of its own."""

from __future__ import annotations

import accounts.slice
import crm.api.slice
import crm.dashboard.slice
import crm.foundation
import crm.hours.slice
import crm.identity.slice
import crm.webhooks.slice
import health_scores.slice
import reports.slice
import support.slice
from crm.contracts import Registry, Slice

SLICES: tuple[Slice, ...] = (
    crm.foundation.SLICE,
    crm.identity.slice.SLICE,
    crm.webhooks.slice.SLICE,
    crm.api.slice.SLICE,
    crm.hours.slice.SLICE,
    accounts.slice.SLICE,
    support.slice.SLICE,
    health_scores.slice.SLICE,
    crm.dashboard.slice.SLICE,
    reports.slice.SLICE,
)
REGISTRY = Registry(SLICES)
