"""PDF from our own pages: rendered in a killable child process that can reach nothing but our own assets."""

from crm.pdf.rendering import CannotRender, TookTooLong, missing_library, render_pdf

__all__ = ["CannotRender", "TookTooLong", "missing_library", "render_pdf"]
