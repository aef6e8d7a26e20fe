"""Hundredths as people read them: whole points, cut off and not rounded, so that no figure contradicts its band."""

from __future__ import annotations


def whole(hundredths: int) -> int:
    """39.96 reads 39, because it is red; what was lost then reads 61, so that the two make 100."""
    return hundredths // 100


def whole_change(now: int, change: int) -> int:
    """The difference of what is read now and what was read before."""
    return whole(now) - whole(now - change)


def exact(hundredths: int) -> float:
    return hundredths / 100
