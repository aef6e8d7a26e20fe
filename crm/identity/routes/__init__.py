"""Identity's pages, one noun a file."""

from fastapi import APIRouter

from crm.identity.routes import demo, me, preferences, search, sign_in, undo, users, welcome

router = APIRouter()
for _part in (sign_in, welcome, demo, preferences, me, users, search, undo):
    router.include_router(_part.router)

__all__ = ["router"]
