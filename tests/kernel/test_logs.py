import io
import json
import logging

import pytest

from lea_service.kernel.logs import configure_logging, get_log
from tests.support.clock import FixedClock


@pytest.fixture
def lines():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(clock=FixedClock(), stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_line_is_json_with_time_and_safe_fields(lines):
    get_log("web").info("request", rule="/api/v1/demands/<id>", status=200, milliseconds=4)
    assert lines() == [
        {
            "at": "2026-11-24T09:00:00.000000Z",
            "event": "request",
            "level": "info",
            "log": "web",
            "rule": "/api/v1/demands/<id>",
            "status": 200,
            "milliseconds": 4,
        }
    ]


def test_unlisted_field_is_dropped_and_named(lines):
    get_log("web").info("request", caller="+31612345678")
    assert lines()[0]["dropped"] == ["caller"]
    assert "612345678" not in json.dumps(lines())


def test_text_of_an_exception_is_not_written(lines):
    try:
        raise ValueError("+31612345678 is busy")
    except ValueError:
        get_log("worker").exception("job failed", job="j_1")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["where"][-1].startswith("test_logs.py:")
    assert "612345678" not in json.dumps(line)


def test_values_in_lines_of_libraries_are_not_written(lines):
    logging.getLogger("sqlalchemy.pool").warning("connection of %s lost", "Jan Jansen")
    try:
        raise ValueError("Jan Jansen")
    except ValueError:
        logging.getLogger("lea_service.app").exception("Exception on /people/Jan Jansen")
    assert [line["event"] for line in lines()] == ["connection of %s lost", "exception"]
    assert "Jansen" not in json.dumps(lines())


def test_text_that_a_library_put_values_into_is_not_written(lines):
    logging.getLogger("gunicorn.error").warning("Invalid header: Jan Jansen")
    (line,) = lines()
    assert line["event"] == "message"
    assert line["where"][0].startswith("test_logs.py:")
    assert "Jansen" not in json.dumps(line)
