"""Pages of risks, one noun a file."""

from fastapi import APIRouter

from accounts.risks.routes import cells, endings, meeting, risk

router = APIRouter()
for _part in (meeting, risk, cells, endings):
    router.include_router(_part.router)

__all__ = ["router"]
