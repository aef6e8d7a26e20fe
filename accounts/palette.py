"""What the palette offers to begin: with the account one looks at, and from anywhere."""

from crm.contracts import PaletteAction
from crm.text import N_
from crm.viewer import Capability

PALETTE_ACTIONS = (
    PaletteAction(
        "note-here", N_("Write a note here"), "accounts.notes.new", "note", 10, Capability.NOTE, of_account=True
    ),
    PaletteAction(
        "task-here", N_("Plan a task here"), "accounts.tasks.new", "checkbox", 20, Capability.NOTE, of_account=True
    ),
    PaletteAction(
        "contact-here",
        N_("Add a contact here"),
        "accounts.contacts.new",
        "user-plus",
        30,
        Capability.CHANGE_ACCOUNT,
        of_account=True,
    ),
    PaletteAction(
        "pulse-here",
        N_("Set the pulse"),
        "accounts.pulse.new",
        "activity-heartbeat",
        32,
        Capability.CHANGE_ACCOUNT,
        of_account=True,
    ),
    PaletteAction(
        "risk-here", N_("Open a risk"), "risks.new", "alert-triangle", 34, Capability.CHANGE_ACCOUNT, of_account=True
    ),
    PaletteAction(
        "promise-here", N_("Write down a promise"), "promises.new", "hand-stop", 36, Capability.NOTE, of_account=True
    ),
    PaletteAction(
        "note", N_("Write a note about an account"), "accounts.notes.new_anywhere", "note", 110, Capability.NOTE
    ),
    PaletteAction("account", N_("New account"), "accounts.new", "building", 120, Capability.IMPORT),
    PaletteAction("import", N_("Import accounts or contacts"), "accounts.import.new", "upload", 130, Capability.IMPORT),
)
