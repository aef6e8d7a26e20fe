"""How names are compared: folded, so that "Société Générale" and "societe generale" are one."""

from __future__ import annotations

from crm.search import folded as fold

__all__ = ["fold"]
