"""REST of the page for an approver: for a browser, without any script, and for programs."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from functools import cache
from importlib.resources import files

from flask import Response, render_template
from flask_smorest import Blueprint

from lea_service.extraction.page.content import Page
from lea_service.extraction.page.schemas import PageSchema
from lea_service.extraction.page.service import PageService
from lea_service.extraction.page.words import NAMES
from lea_service.kernel.canonical import sha256
from lea_service.kernel.phrases import LANGUAGES
from lea_service.web.authentication import require_actor
from lea_service.web.headers import style_only
from lea_service.web.schemas import LanguageArgs
from lea_service.web.services import part

blp = Blueprint(
    "approval-page",
    __name__,
    url_prefix="/api/v1/approvals",
    description="Everything for one decision on one page; deciding stays with one's own key.",
    template_folder="templates",
)
HTML = "text/html"


@blp.route("/<approval_id>/page", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, {"type": "string"}, content_type=HTML)
def show_page(said: dict[str, str], approval_id: str) -> Response:
    """Show everything for one decision as a page for a telephone; the look is entered first.

    The page opens in the language asked for and has the other one behind a link within it.
    """
    chosen = said["language"]
    others = (one for one in LANGUAGES if one != chosen)
    pages = _service().show(require_actor(), approval_id, chosen, *others)
    text = render_template("approval.html", pages=pages, names=NAMES, style=_style())
    response = Response(text, mimetype=HTML)
    response.headers["Content-Security-Policy"] = style_only(sha256(_style().encode()))
    return response


@blp.route("/<approval_id>/page/content", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, PageSchema)
def show_content(said: dict[str, str], approval_id: str) -> Page:
    """Show everything for one decision, heading by heading; the look is entered first."""
    (page,) = _service().show(require_actor(), approval_id, said["language"])
    return page


@cache
def _style() -> str:
    """Return the style sheet that stands in the page: so a page that was kept looks the same."""
    text = (files("lea_service.extraction.page") / "templates" / "approval.css").read_text()
    return text.strip()


def _service() -> PageService:
    return part("pages", PageService)
