"""Verbs that write, one noun a file: refuse first, then change, then tell."""

from accounts.service.accounts import (
    change_details,
    change_stage,
    create_account,
    set_own_value,
    set_seats,
    set_tier,
)
from accounts.service.assignments import (
    add_cover,
    add_team_member,
    assign_owner,
    end_cover,
    end_team_member,
    grant_access,
)
from accounts.service.contacts import add_contact, change_contact, contact_left, end_role, give_role
from accounts.service.contracts import add_contract, close_contract, correct_movement, move_arr, renew_contract
from accounts.service.interactions import close_interaction, correct_interaction, log_interaction, share_interaction
from accounts.service.sources import touch_source
from accounts.service.tasks import add_outcome, change_task, complete_task, create_task, move_task, reopen_task

__all__ = [
    "add_contact",
    "add_contract",
    "add_cover",
    "add_outcome",
    "add_team_member",
    "assign_owner",
    "change_contact",
    "change_details",
    "change_stage",
    "change_task",
    "close_contract",
    "close_interaction",
    "complete_task",
    "contact_left",
    "correct_interaction",
    "correct_movement",
    "create_account",
    "create_task",
    "end_cover",
    "end_role",
    "end_team_member",
    "give_role",
    "grant_access",
    "log_interaction",
    "move_arr",
    "move_task",
    "renew_contract",
    "reopen_task",
    "set_own_value",
    "set_seats",
    "set_tier",
    "share_interaction",
    "touch_source",
]
