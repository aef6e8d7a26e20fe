"""The only file that names all slices, lowest first: the order of handlers and of what has no order of its own."""

from __future__ import annotations

from importlib import import_module

from crm.contracts import Registry, Slice

_NAMES = ("crm.foundation", "crm.identity", "accounts", "support", "health_scores", "crm.dashboard", "reports")


def _load() -> tuple[Slice, ...]:
    found = []
    for name in _NAMES:
        try:
            module = import_module(name if name == "crm.foundation" else f"{name}.slice")
        except ImportError as missing:
            if (missing.name or "").partition(".")[0] not in {one.partition(".")[0] for one in _NAMES}:
                raise
            continue  # under construction
        found.append(module.SLICE)
    return tuple(found)


SLICES = _load()
REGISTRY = Registry(SLICES)
