"""What every answer of the service has, and every refusal."""

from http import HTTPStatus

from sqlalchemy import func, select

from lea_service.custody.models import LogEntry
from lea_service.web.headers import HEADERS
from lea_service.web.problems import MEDIA_TYPE, TYPE_PREFIX
from lea_service.web.schemas import ProblemSchema


def check_answer(response, status):
    """Fail unless an answer has this status, the headers, and the form of a problem if it is one."""
    assert response.status_code == status, response.text[:300]
    for name in (*HEADERS, "Cache-Control", "X-Request-Id"):
        assert name in response.headers, name
    if status >= 400:
        check_problem(response)


def check_problem(response):
    """Fail unless a refusal is a problem (RFC 9457) that says no more than it may."""
    assert response.content_type == MEDIA_TYPE
    body = response.json
    assert ProblemSchema().validate(body) == {}
    assert body["status"] == response.status_code
    assert body["type"].startswith(TYPE_PREFIX)
    assert "Traceback" not in response.text
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        assert "detail" not in body
    for error in body.get("errors", []):
        assert error["pointer"] == "" or error["pointer"].startswith("/")


def list_events(service, after=0):
    """Return the events of the entries from an index on."""
    with service.log.transactions.read() as session:
        rows = session.scalars(select(LogEntry).where(LogEntry.idx >= after).order_by(LogEntry.idx))
        return [row.event for row in rows]


def count_entries(service):
    """Return how many entries the log has."""
    with service.log.transactions.read() as session:
        return session.scalar(select(func.count()).select_from(LogEntry))
