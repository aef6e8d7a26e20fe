"""An event log as a helpdesk would export it, made up with a fixed seed, and the mapping for it."""

from __future__ import annotations

import csv
import gzip
import io
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

HEADER = (
    "id opened_at updated_at rev state priority passes reopens in_time company_id company person team category".split()
)

MAPPING: dict[str, Any] = {
    "source": {"key": "log", "title": "The log"},
    "zone": "Europe/Paris",
    "dates": ["%d/%m/%Y %H:%M"],
    "unknown": ["?"],
    "one_row_per": "event",
    "ticket": {
        "id": "id",
        "subject": "About {category}",
        "topic": "category",
        "team": "team",
        "url": "https://desk.example/t/{id}",
        "priority": {"column": "priority", "values": {"1": "urgent", "2": "high", "3": "normal", "4": "low"}},
        "state": {
            "column": "state",
            "values": {"New": "open", "Active": "open", "Pending": "waiting", "Solved": "resolved", "Closed": "closed"},
        },
    },
    "times": {"opened": "opened_at"},
    "events": {"at": "updated_at", "sequence": "rev"},
    "counts": {"reassigned": "passes", "reopened": "reopens"},
    "verdict": {"resolution": {"column": "in_time", "values": {"true": "met", "false": "missed"}}},
    "company": {"id": "company_id", "name": "Company {company_id}", "create": "true"},
    "requester": {"id": "person", "name": "Person {person}"},
}

_NEXT = {
    "New": ("New", "Active", "Active", "Solved"),
    "Active": ("Active", "Active", "Pending", "Solved"),
    "Pending": ("Pending", "Active", "Solved"),
    "Solved": ("Closed", "Closed", "Active"),
}


def log_rows(tickets: int, seed: int = 7) -> list[dict[str, str]]:
    """Rows of ``tickets`` incidents, grouped and in order. Some name no company; verdicts turn false at the end."""
    chance = random.Random(seed)
    rows: list[dict[str, str]] = []
    opened = datetime(2026, 1, 5, 8, tzinfo=UTC)
    for number in range(1, tickets + 1):
        opened += timedelta(minutes=chance.randint(1, 600))
        at, state, passes, reopens = opened, "New", 0, 0
        company = chance.choice(["?", *"ABCDEFGH"]) if chance.random() < 0.1 else chance.choice("ABCDEFGH")
        priority = chance.choice("1233334")
        for rev in range(chance.randint(2, 9)):
            rows.append(
                {
                    "id": f"{number:06}",
                    "opened_at": f"{opened:%d/%m/%Y %H:%M}",
                    "updated_at": f"{at:%d/%m/%Y %H:%M}",
                    "rev": str(rev),
                    "state": state,
                    "priority": priority,
                    "passes": str(passes),
                    "reopens": str(reopens),
                    "in_time": "true",
                    "company_id": company,
                    "company": "",
                    "person": str(chance.randint(1, 40)),
                    "team": f"Team {chance.randint(1, 4)}",
                    "category": chance.choice(["export", "import", "printing"]),
                }
            )
            if state == "Closed":
                break
            at += timedelta(minutes=chance.choice([0, 3, 45, 300, 2000]))
            before, state = state, chance.choice(_NEXT[state])
            reopens += before == "Solved" and state == "Active"
            passes += chance.random() < 0.3
        if chance.random() < 0.4:
            rows[-1]["in_time"] = "false"
    return rows


def write_log(path: Path, rows: list[dict[str, str]]) -> Path:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    content = out.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_mapping(path: Path, mapping: dict[str, Any] | None = None) -> Path:
    path.write_text(yaml.safe_dump(mapping or MAPPING, sort_keys=False), "utf-8")
    return path
