"""The worker alone makes checkpoints; what people are served ends where the newest one does."""

import io
import zipfile

import pytest

from lea_service.custody.note import parse_head, parse_note
from lea_service.custody.proofs import LogProof
from lea_service.custody.verify import GOOD, verify_bundle
from lea_service.kernel.actors import GRANTS, Permission, Role, worker_actor
from tests.contract.answers import count_entries
from tests.contract.whole import answer, run_demand
from tests.support.log import check_log

CUSTODY = "/api/v1/custody"


@pytest.fixture
def checkpointer(service):
    return service.services.custody.checkpointer


def read_state(service):
    return service.services.settings.signer_state.read_bytes()


def export(service, demand, status=200):
    """Export a bundle as the auditor does; returns its files, or the refusal."""
    body = {"demand": demand}
    response = service.call("auditor", "POST", f"{CUSTODY}/bundles", json=body)
    assert response.status_code == status, response.text
    if status != 200:
        return response
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_comes_later(response):
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.json["type"] == "urn:lea-service:problem:unavailable"
    assert "in a moment" in response.json["detail"]


def test_only_the_worker_may_make_checkpoints():
    may = {role for role in Role if Permission.CHECKPOINT_PUBLISH in GRANTS[role]}
    assert may == {Role.WORKER}


def test_no_request_makes_the_signer_sign(service, checkpointer, tmp_path):
    ids = run_demand(service, tmp_path)
    checkpointer.publish(worker_actor())
    before, beside = read_state(service), f"/collect/packages/{ids.package_id}"
    answer(service, "receiver", "GET", f"{beside}/content", 200)
    entry = answer(service, "receiver", "GET", f"{beside}/entry", 200).data
    proof = LogProof.parse(answer(service, "receiver", "GET", f"{beside}/proof", 200).data)
    proof.verify(entry, service.services.custody.policy)
    for demand in (ids.demand_id, None):
        report = verify_bundle(export(service, demand), service.services.custody.policy)
        assert report.verdict == GOOD, report.problems
    answer(service, "auditor", "GET", "/custody/entries/0/proof", 200)
    newest = count_entries(service) - 1
    check_comes_later(service.call("auditor", "GET", f"{CUSTODY}/entries/{newest}/proof"))
    assert read_state(service) == before
    assert checkpointer.publish(worker_actor()).size == newest + 1
    check_log(service.log)


def test_bundles_end_with_the_newest_checkpoint(service, checkpointer):
    agency = service.register.organisation()
    covered = checkpointer.publish(worker_actor()).size
    answer(service, "handler", "GET", f"/agencies/{agency}", 200)
    assert count_entries(service) > covered
    for stream in (agency, None):
        files = service.services.custody.export(service.house.actor("auditor1"), stream).files()
        report = verify_bundle(files, service.services.custody.policy)
        assert report.problems == []
        assert report.head.size == covered
    assert report.entries == covered


def test_nothing_is_served_before_the_first_checkpoint(service):
    service.token("auditor")
    begun = count_entries(service)
    check_comes_later(service.call("auditor", "GET", f"{CUSTODY}/entries/0/proof"))
    check_comes_later(export(service, None, 503))
    assert count_entries(service) == begun
    assert not service.services.settings.signer_state.exists()
    service.work()
    head = parse_head(parse_note(export(service, None)["checkpoint"]).text)
    assert head.size >= begun
