"""The table people read is the table the product obeys."""

from __future__ import annotations

from crm.config import ROOT
from crm.viewer import CAPABILITIES, Capability, Role


def written_table() -> dict[Role, frozenset[Capability]]:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in (ROOT / "docs" / "rights.md").read_text("utf-8").splitlines()
        if line.startswith(("| `", "| capability"))
    ]
    roles = [Role(cell.strip("`")) for cell in rows[0][2:]]
    table: dict[Role, set[Capability]] = {role: set() for role in roles}
    for row in rows[1:]:
        name = row[0].strip("`")
        if name not in set(Capability):
            continue  # the other table: settings of CRM_BOOKS
        for role, cell in zip(roles, row[2:], strict=True):
            assert cell in ("yes", "–"), f"{name} × {role}: {cell!r}"
            if cell == "yes":
                table[role].add(Capability(name))
    return {role: frozenset(found) for role, found in table.items()}


def test_the_written_table_is_the_one_that_is_obeyed() -> None:
    assert written_table() == CAPABILITIES


def test_every_capability_and_every_role_is_written_down() -> None:
    text = (ROOT / "docs" / "rights.md").read_text("utf-8")
    assert [name for name in (*Capability, *Role) if f"`{name}`" not in text] == []
