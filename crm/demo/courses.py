"""How things went with a customer over two years: what the histories are drawn from. Scores are never written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Curve = float | Sequence[tuple[int, float]]  # a constant, or (days ago, value) from old to new, straight in between


def at(curve: Curve, ago: float) -> float:
    if isinstance(curve, (int, float)):
        return float(curve)
    first_ago, first = curve[0]
    if ago >= first_ago:
        return first
    for later_ago, later in curve[1:]:
        if ago >= later_ago:
            return first + (later - first) * (first_ago - ago) / (first_ago - later_ago)
        first_ago, first = later_ago, later
    return first


@dataclass(frozen=True)
class Course:
    volume: Curve = 1.0  # tickets, against what is normal for the tier
    on_time: Curve = 0.78  # share answered, and share resolved, within target
    happy: Curve = 79.0  # mean rating, 0–100
    mood: Curve = 0.55  # of talks: 0 bad, 0.5 plain, 1 good
    talks: Curve = 1.0  # against the cadence owed; 0: none
    reopened: Curve = 0.06  # share of resolved tickets
    escalated: Curve = 0.018
    complaints: Curve = 0.012
    defects: Curve = 0.42
    urgent: Curve = 0.02
    again: Curve = 0.02  # share about what was resolved just before
    mobile: Curve = 0.0  # share about the mobile app, on top
    overdue: float = 0.0  # the last talk with somebody who decides lies so many cadences back
    key_talk_until: int = 0  # days ago of the last talk with somebody who decides
    contact_until: int = 0  # days ago of the last contact of any kind
    ticket_until: int = 0


STEADY = Course()
EXCELLENT = Course(volume=0.8, on_time=0.9, happy=89, mood=0.8, reopened=0.02, escalated=0.004, complaints=0.004)

COURSES: dict[str, Course] = {
    "steady": STEADY,
    "excellent": EXCELLENT,
    "fair": Course(on_time=0.66, happy=70, mood=0.5, reopened=0.08, escalated=0.02, complaints=0.02),
    # A good customer whom a bad season and silence above have brought to the brink.
    "halden": Course(
        volume=((730, 2.7), (62, 2.7), (40, 1.2)),
        on_time=((730, 0.8), (130, 0.74), (95, 0.97)),
        happy=((730, 82), (150, 76), (60, 94)),
        mood=((730, 0.6), (60, 0.6)),
        reopened=((200, 0.03), (180, 0.0)),
        escalated=((200, 0.01), (180, 0.0)),
        complaints=((200, 0.01), (180, 0.0)),
        defects=((62, 0.42), (45, 0.25)),
        again=0.0,
        urgent=0.01,
        talks=((50, 1.0), (49, 0.0)),
        key_talk_until=52,
    ),
    "brodeur": Course(
        volume=((730, 1.0), (60, 1.9), (0, 2.4)),
        on_time=((220, 0.86), (100, 0.45), (0, 0.3)),
        happy=((220, 84), (100, 50), (0, 38)),
        reopened=((200, 0.05), (90, 0.18)),
        talks=((50, 1.0), (49, 0.0)),
        key_talk_until=52,
    ),
    "corvin": Course(
        volume=0.65, on_time=0.94, happy=86, mood=0.85, reopened=0.02, escalated=0.0, complaints=0.003
    ),
    "champion_left": Course(on_time=0.88, happy=86, mood=0.6),
    # Red three months ago, then the account escalation was solved.
    "recovered": Course(
        volume=((170, 1.0), (130, 2.4), (95, 2.6), (75, 1.0), (40, 0.8)),
        on_time=((170, 0.86), (130, 0.3), (92, 0.3), (85, 0.95), (0, 0.97)),
        happy=((180, 82), (125, 34), (90, 34), (80, 94), (0, 96)),
        mood=((170, 0.55), (120, 0.05), (85, 0.2), (65, 0.7), (0, 0.9)),
        reopened=((170, 0.03), (120, 0.25), (92, 0.1), (85, 0.0)),
        escalated=((170, 0.01), (120, 0.14), (92, 0.05), (85, 0.0)),
        complaints=((170, 0.01), (120, 0.08), (85, 0.0)),
        defects=((170, 0.4), (120, 0.65), (70, 0.4)),
    ),
    # A release three weeks ago brought a wave of tickets about the mobile app.
    "surge": Course(
        volume=((25, 1.0), (22, 5.2), (8, 4.4), (0, 3.8)),
        on_time=((60, 0.88), (26, 0.7), (20, 0.25), (0, 0.25)),
        happy=((26, 84), (20, 50), (0, 50)),
        defects=((26, 0.42), (22, 0.85)),
        mobile=((26, 0.0), (22, 0.75)),
        mood=((26, 0.6), (18, 0.25)),
        escalated=((26, 0.01), (20, 0.07)),
        reopened=((26, 0.03), (20, 0.15)),
    ),
    "surge_light": Course(
        volume=((25, 1.0), (22, 6.5), (10, 5.0), (0, 4.0)),
        on_time=((90, 0.82), (26, 0.6), (20, 0.2), (0, 0.2)),
        happy=((60, 80), (26, 66), (20, 42)),
        defects=((26, 0.42), (22, 0.85)),
        mobile=((26, 0.0), (22, 0.5)),
        escalated=((26, 0.01), (20, 0.08)),
        reopened=((26, 0.03), (20, 0.18)),
    ),
    "sliding": Course(
        volume=((90, 1.1), (40, 1.4), (0, 1.9)),
        happy=((210, 92), (130, 58), (60, 30), (0, 12)),
        on_time=((210, 0.88), (110, 0.48), (0, 0.3)),
        mood=((200, 0.6), (0, 0.15)),
        reopened=((150, 0.1), (30, 0.28)),
        escalated=((150, 0.02), (30, 0.07)),
    ),
    "sliding_light": Course(
        volume=((90, 1.0), (40, 1.5), (0, 2.0)),
        happy=((190, 86), (100, 52), (0, 34)),
        on_time=((170, 0.86), (90, 0.46), (0, 0.38)),
        mood=((150, 0.6), (0, 0.3)),
        reopened=((150, 0.06), (60, 0.16)),
        escalated=((150, 0.03), (60, 0.08)),
        overdue=1.6,
    ),
    "silent": Course(
        volume=((400, 0.8), (260, 0.3)),
        talks=((400, 1.0), (240, 0.6)),
        mood=0.4,
        key_talk_until=290,
        contact_until=236,
        ticket_until=260,
    ),
    "quiet_fine": Course(volume=0.5, on_time=0.95, happy=92, mood=0.6, talks=1.2),
    "bumpy": Course(
        on_time=((300, 0.84), (120, 0.42), (0, 0.28)),
        happy=((220, 80), (100, 44), (0, 38)),
        reopened=((220, 0.06), (100, 0.2)),
        escalated=((220, 0.02), (80, 0.1)),
        complaints=0.03,
        mood=0.35,
        volume=((90, 1.1), (30, 1.8), (0, 2.2)),
        overdue=1.6,
    ),
    "red": Course(
        volume=((150, 1.0), (60, 1.6), (0, 2.3)),
        on_time=((220, 0.85), (90, 0.4), (0, 0.22)),
        happy=((200, 80), (90, 46), (0, 28)),
        mood=((200, 0.5), (60, 0.05)),
        reopened=((150, 0.06), (60, 0.24)),
        escalated=((150, 0.03), (60, 0.12)),
        complaints=((150, 0.02), (60, 0.09)),
        key_talk_until=39,
    ),
    "red_light": Course(
        volume=((150, 1.0), (60, 1.6), (0, 2.0)),
        on_time=((220, 0.86), (90, 0.42), (0, 0.3)),
        happy=((200, 82), (60, 40)),
        mood=((200, 0.5), (60, 0.1)),
        reopened=((150, 0.05), (60, 0.22)),
        escalated=((150, 0.03), (60, 0.12)),
        complaints=((150, 0.02), (60, 0.07)),
        key_talk_until=44,
    ),
    # Two bad quarters, a rescue, and the signature five weeks ago.
    "saved": Course(
        volume=((330, 1.0), (250, 2.3), (170, 2.0), (110, 0.9)),
        on_time=((330, 0.88), (250, 0.28), (170, 0.4), (110, 0.93)),
        happy=((330, 84), (240, 38), (160, 50), (100, 88), (0, 92)),
        mood=((330, 0.5), (230, 0.1), (150, 0.3), (100, 0.7), (0, 0.85)),
        reopened=((330, 0.05), (240, 0.24), (140, 0.03)),
        escalated=((330, 0.02), (240, 0.14), (150, 0.04), (110, 0.0)),
        complaints=((330, 0.01), (230, 0.05), (140, 0.01)),
    ),
    "late_onboarding": Course(
        volume=((100, 1.0), (40, 1.5)),
        on_time=((120, 0.7), (60, 0.5)),
        happy=((120, 74), (60, 52)),
        mood=0.3,
        complaints=0.03,
        defects=0.3,
        escalated=0.05,
        reopened=0.1,
    ),
    # Another way to go: first fewer tickets, then no word at all.
    "lost_quietly": Course(
        volume=((600, 0.9), (330, 0.3)),
        talks=((600, 1.0), (330, 0.6)),
        mood=0.35,
        key_talk_until=310,
        contact_until=290,
        ticket_until=290,
    ),
    "new": Course(volume=0.0, talks=0.0, key_talk_until=99),
    # The way a customer goes: slower answers, worse ratings, then silence. Days count back from the day they left.
    "lost": Course(
        volume=((420, 1.0), (260, 1.6), (120, 1.5), (30, 0.6)),
        on_time=((420, 0.86), (260, 0.5), (60, 0.25)),
        happy=((420, 80), (240, 52), (60, 30)),
        mood=((420, 0.5), (240, 0.15), (60, 0.0)),
        reopened=((420, 0.04), (240, 0.15)),
        escalated=((420, 0.02), (240, 0.09)),
        complaints=((420, 0.02), (240, 0.07)),
        key_talk_until=75,
        contact_until=20,
        ticket_until=12,
    ),
}  # fmt: skip
