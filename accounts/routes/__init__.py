"""Pages of accounts, one noun a file."""

from fastapi import APIRouter

from accounts.routes import listing

router = APIRouter()
for _part in (listing,):
    router.include_router(_part.router)

__all__ = ["router"]
