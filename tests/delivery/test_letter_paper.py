"""The letter as a PDF over REST: it says what the text says, to the same people."""

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from lea_service.delivery.letters.api import blp
from lea_service.delivery.letters.text import About
from lea_service.web.application import install_web
from lea_service.web.services import Edge
from tests.delivery.test_letters import ask_about, letters
from tests.demands.samples import demand_json
from tests.support.orders import order_of

__all__ = ["letters"]


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def get(handover, letters, clock):
    edge = Edge(
        clock=clock, authenticate=handover.house.actor, max_body_bytes=2000, stranger_limit=5
    )
    app = Flask("letters")
    app.extensions["api"] = install_web(app, {"letters": letters}, edge)
    app.extensions["api"].register_blueprint(blp)

    def ask(who, demand, query):
        return app.test_client().get(
            f"/api/v1/demands/{demand}/letters/draft/pdf?{query}",
            headers={"Authorization": f"Bearer {who}"},
        )

    return ask


@pytest.mark.parametrize("language", ["nl", "en"])
def test_letter_is_had_as_a_pdf(handover, letters, get, language):
    ordered = order_of(demand_json(legal_basis="NL-SV-126n"))
    demand = ask_about(handover, ["authenticity.not_proven"], ordered)
    sent = get("handler1", demand, f"about=question&language={language}")
    assert (sent.status_code, sent.mimetype) == (200, "application/pdf")
    assert f'filename="{demand}-question.pdf"' in sent.headers["Content-Disposition"]
    assert "no-store" in sent.headers["Cache-Control"]
    pages = PdfReader(BytesIO(sent.data)).pages
    said = "".join("".join(page.extract_text() for page in pages).split())
    shown = letters.draft(handover.house.actor("handler1"), demand, About.QUESTION, language)
    assert said == "".join(shown.text.split())  # a long line is broken
    assert get("handler1", demand, "about=refusal").status_code == 404
    assert get("handler1", demand, "about=gossip").status_code == 422
