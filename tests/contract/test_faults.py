"""What breaks in our own house is told as a problem without its text, and shows where it must."""

import os
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs

from lea_service.custody.models import LogHead
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.datakeys import DataKey
from tests.contract.answers import check_answer

LIST = "/api/v1/demands"


PARTS = {
    "cases",
    "records",
    "keys",
    "signer",
    "notices",
    "staff",
    "clock",
    "packages",
    "spool",
}


def lose_table(service, name):
    lose(service.services.cases, name)


def lose(database, name):
    with database.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO lost"))


def test_unforeseen_fault_is_told_without_its_text(service):
    service.token("handler")
    lose_table(service, "demands")
    response = service.call("handler", "GET", LIST)
    check_answer(response, 500)
    assert response.json == {
        "type": "urn:lea-service:problem:internal-server-error",
        "title": "Internal Server Error",
        "status": 500,
    }


def test_damaged_key_is_told_without_its_text(service):
    agency = service.register.organisation()
    with service.services.cases.write() as session:
        session.execute(update(DataKey).values(wrapped=bytes(60)))
    response = service.call("auditor", "GET", f"/api/v1/agencies/{agency}")
    check_answer(response, 500)
    assert response.json["type"] == "urn:lea-service:problem:integrity-failure"
    assert "detail" not in response.json


def parts_down(service):
    """Return which parts are told to be down."""
    response = service.call("stranger", "GET", "/health/ready")
    down = [name for name, told in response.json["parts"].items() if told != "ok"]
    assert (response.status_code, response.json["status"]) == (
        (503, "not ready") if down else (200, "ready")
    )
    return sorted(down)


def test_ready_asks_every_part(service):
    told = service.call("stranger", "GET", "/health/ready").json["parts"]
    assert told == dict.fromkeys(PARTS, "ok")


@pytest.mark.parametrize("part", ["cases", "records"])
def test_ready_sees_a_database_of_another_version(service, part):
    database = getattr(service.services, part)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert parts_down(service) == [part]
    lose(database, "alembic_version")
    assert parts_down(service) == [part]


def test_ready_sees_where_notices_cannot_be_written(service):
    folder = service.services.settings.notices_dir
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file stands here")
    assert parts_down(service) == ["notices"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_ready_sees_a_folder_of_notices_that_is_not_ours(service):
    folder = service.services.settings.notices_dir
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    assert parts_down(service) == ["notices"]


def test_ready_names_the_part_that_is_down(service):
    shutil.rmtree(service.services.settings.keys_dir)
    assert parts_down(service) == ["keys", "staff"]
    assert service.call("stranger", "GET", "/health/live").status_code == 200


def test_ready_sees_folders_and_pinned_keys(service):
    settings = service.services.settings
    for folder in (settings.packages_dir, settings.spool_dir):
        shutil.rmtree(folder, ignore_errors=True)
        folder.write_text("a file stands here")
    settings.staff_root.unlink()
    assert parts_down(service) == ["packages", "spool", "staff"]


def test_ready_sees_a_clock_behind_the_log(service):
    with service.services.cases.write() as session:
        head = session.get(LogHead, 1)
        head.t = service.clock.now() + timedelta(minutes=2)
    assert parts_down(service) == ["clock"]


def test_ready_sees_a_log_shorter_than_what_was_signed(service):
    service.services.custody.checkpointer.publish(worker_actor())
    with service.services.cases.write() as session:
        session.execute(update(LogHead).values(size=LogHead.size - 1))
    with capture_logs() as told:
        assert parts_down(service) == ["signer"]
    assert any("an older database was restored" in line["event"] for line in told)


def test_unknown_addresses_and_methods_are_problems(service):
    for path in ("/", "/api", "/api/v1", "/api/v1/nothing", "/api/v2/demands", "/demands", "/%00"):
        check_answer(service.call("stranger", "GET", path), 404)
    for method in ("PATCH", "PUT", "DELETE", "TRACE", "PROPFIND"):
        check_answer(service.call("auditor", method, LIST), 405)
    assert "GET" in service.call("auditor", "PATCH", LIST).headers["Allow"]
    check_answer(service.call("auditor", "GET", LIST + "/"), 404)
