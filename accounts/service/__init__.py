"""Verbs that write, one noun a file: refuse first, then change, then tell."""

from accounts.service.accounts import (
    change_details,
    change_stage,
    create_account,
    set_own_value,
    set_seats,
    set_tier,
)
from accounts.service.amendments import amend_contract
from accounts.service.arr import change_currency, correct_movement, move_arr
from accounts.service.assignments import (
    add_cover,
    add_team_member,
    assign_owner,
    change_cover,
    change_team_member,
    end_cover,
    end_team_member,
    grant_access,
)
from accounts.service.contacts import add_contact, change_contact, end_role, give_role, join_account
from accounts.service.contracts import Product, add_contract, close_contract, renew_contract, replace_contract
from accounts.service.interactions import close_interaction, correct_interaction, log_interaction, share_interaction
from accounts.service.sources import touch_source
from accounts.service.tasks import (
    add_outcome,
    change_task,
    complete_task,
    create_task,
    delegate_task,
    move_task,
    reopen_task,
    repeat_task,
    skip_task,
)

__all__ = [
    "Product",
    "add_contact",
    "add_contract",
    "add_cover",
    "add_outcome",
    "add_team_member",
    "amend_contract",
    "assign_owner",
    "change_contact",
    "change_cover",
    "change_currency",
    "change_details",
    "change_stage",
    "change_task",
    "change_team_member",
    "close_contract",
    "close_interaction",
    "complete_task",
    "correct_interaction",
    "correct_movement",
    "create_account",
    "create_task",
    "delegate_task",
    "end_cover",
    "end_role",
    "end_team_member",
    "give_role",
    "grant_access",
    "join_account",
    "log_interaction",
    "move_arr",
    "move_task",
    "renew_contract",
    "reopen_task",
    "repeat_task",
    "replace_contract",
    "set_own_value",
    "set_seats",
    "set_tier",
    "share_interaction",
    "skip_task",
    "touch_source",
]
