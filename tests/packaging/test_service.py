import json
import zipfile

import pytest

from lea_service.custody.verify import NO_WITNESS
from lea_service.demands.changes import advance
from lea_service.extraction.instalments import HANDED_OVER
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.datakeys import RESULT
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotFound,
    NotPermitted,
    Unavailable,
    VerificationFailed,
    WrongState,
)
from lea_service.packaging.report import GOOD
from lea_service.packaging.service import SealedFile
from lea_service.packaging.verify import load_trust, verify_package
from lea_service.packaging.verify_log import GivenLog
from tests.packaging.judge import export
from tests.staff.edge import build_staff
from tests.support.extraction import WORKER, make_item
from tests.support.log import check_log, run_ahead
from tests.support.package import enter
from tests.support.sources import declare_source


def test_extracted_demand_becomes_a_package_that_verifies(sealery):
    demand, run = sealery.extracted()
    package = sealery.seal(demand, run)
    container = sealery.open(package)
    report = verify_package(container, load_trust(sealery.trust()))
    assert [one.text() for one in report.problems] == []
    assert (report.verdict, report.package, report.rows) == (GOOD, package, 3)
    assert sealery.office.state(demand) == "ready"
    assert sealery.office.events(demand)[-2:] == ["package.sealing_started", "package.sealed"]
    check_log(sealery.log)


def test_package_of_a_busy_house_holds_against_the_whole_log(sealery, clock, tmp_path):
    house = sealery.office.house
    staff = build_staff(house)
    clock.advance(seconds=30)
    for name in ("approver1", "handler1"):
        staff.suspend(house.actor("overseer1"), house.id(name), "key_lost")
        clock.advance(seconds=30)
        house.approve("staff.lift", {"account": house.id(name)}, "overseer1", "admin1")
        clock.advance(seconds=30)
    demand, run = sealery.extracted()
    clock.advance(seconds=30)
    package = sealery.seal(demand, run)
    enter(sealery.log, HANDED_OVER, demand, {"package": package})
    staff.suspend(house.actor("overseer1"), house.id("approver1"), "left")
    sealery.log.checkpointer.publish(WORKER)
    log = GivenLog.load(export(sealery.log, tmp_path / "log.zip"))
    report = verify_package(sealery.open(package), load_trust(sealery.trust()), log)
    assert [one.text() for one in report.problems] == []
    assert (report.verdict, report.open) == (GOOD, [NO_WITNESS])


@pytest.mark.parametrize("minutes", [6, 30])
def test_package_of_a_clock_that_was_put_back(sealery, clock, minutes):
    demand, run = sealery.office.decided()
    run_ahead(sealery.log, minutes)
    assert sealery.office.work(run) == "done"
    clock.advance(seconds=5)
    report = verify_package(sealery.open(sealery.seal(demand, run)), load_trust(sealery.trust()))
    assert [one.text() for one in report.problems] == []
    assert report.verdict == GOOD
    check_log(sealery.log)


def test_letter_names_authority_basis_and_reference(sealery):
    demand, run = sealery.extracted()
    with zipfile.ZipFile(sealery.open(sealery.seal(demand, run))) as container:
        dutch, english = (container.read(f"LETTER.{one}.txt").decode() for one in ("nl", "en"))
        coverage = json.loads(container.read("coverage.json"))
    for text in (dutch, english):
        assert "Politie Eenheid Oost" in text
        assert "Voorbeeld Telecom B.V." in text
        assert "126n" in text
        assert "lea@v.example" in text
        assert demand in text
    assert "(zaaknummer)" in dutch
    assert "(case number)" in english
    assert [(one["source"], one["rows_delivered"]) for one in coverage] == [("pbx1", 3)]


def test_letter_says_which_category_is_not_held(sealery):
    categories = ["traffic_call_records", "subscriber_identity"]
    demand = sealery.office.new_demand([make_item(categories=categories)])
    demand, run = sealery.extracted(demand=demand)
    with zipfile.ZipFile(sealery.open(sealery.seal(demand, run))) as archive:
        text = archive.read("LETTER.en.txt").decode()
    assert "Delivered: 3 records" in text
    assert "Not held: name and address of the user." in text


def test_letter_says_which_source_was_not_searched(sealery):
    with sealery.office.transactions.begin(WORKER) as tx:
        declare_source(tx, "pbx2", without=["account"])
    demand = sealery.office.new_demand([make_item("K1", "customer_number"), make_item()])
    demand, run = sealery.extracted(demand=demand)
    path = sealery.open(sealery.seal(demand, run))
    with zipfile.ZipFile(path) as archive:
        english, dutch = (archive.read(f"LETTER.{one}.txt").decode() for one in ("en", "nl"))
        coverage = json.loads(archive.read("coverage.json"))
    assert "Nothing found. The sources that were searched hold no record of it." in english
    assert "Not searched: pbx2. What is there of it is not known" in english
    assert "Niet doorzocht voor onderdeel 1:" in dutch
    assert [one["not_searched"] for one in coverage] == [[], [1]]
    assert verify_package(path, load_trust(sealery.trust())).verdict == 0


def test_steps_may_be_repeated(sealery):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)
    sealery.begin(demand, run)
    first, second = (sealery.service.write(WORKER, demand, run) for _ in range(2))
    assert first.file != second.file
    assert first.receipt_digest != second.receipt_digest
    package = sealery.finish(SealedFile.load(first.dump()))
    assert sealery.finish(second) == package == first.package_id
    assert sealery.office.events(demand).count("package.sealed") == 1
    check_log(sealery.log)


def test_recorded_attempt_is_kept_and_others_go(sealery):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)
    sealery.service.write(WORKER, demand, run)  # the worker dies here
    assert sealery.service.sweep(demand) == 0
    second = sealery.service.write(WORKER, demand, run)
    package = sealery.finish(second)
    assert len(sealery.files(demand)) == 2
    assert sealery.service.sweep(demand) == 1
    assert sealery.files(demand) == [f"{package}.sealed"]
    assert len(sealery.ciphertext(package)) == second.size


def test_attempt_that_died_while_writing_does_not_open(sealery):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)

    def die(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealery.service.write(WORKER, demand, run, die)
    assert len(sealery.files(demand)) == 1
    package = sealery.finish(sealery.service.write(WORKER, demand, run))
    sealery.service.sweep(demand)
    assert sealery.files(demand) == [f"{package}.sealed"]


def test_clear_text_never_rests_on_the_disk(sealery):
    demand, run = sealery.extracted()
    sealery.seal(demand, run)
    for path in (path for path in sealery.folder.rglob("*") if path.is_file()):
        if path.parent.name != "keys" and not path.name.startswith(("cases", "records")):
            assert b"31612345678" not in path.read_bytes(), path


def test_stored_file_ends_with_the_result_key(sealery, clock):
    demand, run = sealery.extracted()
    package = sealery.seal(demand, run)
    with sealery.log.transactions.database.write() as session:
        sealery.log.keys.destroy(session, run, RESULT, clock.now())
    with pytest.raises(Unavailable, match="destroyed"):
        sealery.ciphertext(package)


def test_damaged_or_missing_file_is_noticed(sealery):
    demand, run = sealery.extracted()
    package = sealery.seal(demand, run)
    path = sealery.packages / demand / f"{package}.sealed"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(IntegrityFailure):
        sealery.ciphertext(package)
    path.unlink()
    with pytest.raises(IntegrityFailure, match="gone"):
        sealery.ciphertext(package)


def test_changed_spool_makes_no_package(sealery):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)
    (spool,) = sealery.office.result(run).spools
    path = sealery.folder / "spool" / spool.path
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    with pytest.raises(IntegrityFailure):
        sealery.service.write(WORKER, demand, run)


def test_receiver_with_a_newer_certificate_makes_no_package(sealery, clock):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)
    clock.advance(seconds=1)
    sealery.office.register.certificate(sealery.office.person, "p256", "newer")
    with pytest.raises(VerificationFailed, match="receivers' certificates"):
        sealery.service.write(WORKER, demand, run)


def test_run_without_a_result_makes_no_package(sealery):
    demand, run = sealery.office.decided()
    sealery.office.begin(run)
    with pytest.raises((NotFound, WrongState)):
        sealery.service.write(WORKER, demand, run)


def test_withdrawn_demand_gets_no_package(sealery):
    demand, run = sealery.extracted()
    sealery.begin(demand, run)
    sealed = sealery.service.write(WORKER, demand, run)
    with sealery.log.transactions.begin(WORKER) as tx:
        advance(tx, demand, "withdrawn", "demand.withdrawn")
    with pytest.raises(WrongState):
        sealery.finish(sealed)
    assert sealery.office.events(demand)[-1] == "demand.withdrawn"


def test_people_see_facts_and_seal_nothing(sealery):
    demand, run = sealery.extracted()
    handler = sealery.office.actor("handler1")
    with (
        pytest.raises(NotPermitted),
        sealery.log.transactions.begin(handler) as tx,
    ):
        sealery.service.begin(tx, demand, run)
    package = sealery.seal(demand, run)
    (listed,) = sealery.service.list_packages(handler, demand)
    assert listed == sealery.service.get_package(handler, package)
    assert sealery.office.events(demand)[-2:] == ["package.listed", "package.viewed"]
    engineer = Actor("s_9", frozenset({Role.ENGINEER}))
    for act in (sealery.service.list_packages, sealery.service.get_package):
        with pytest.raises(NotPermitted):
            act(engineer, demand)


def test_other_values_are_no_sealed_file():
    with pytest.raises(IntegrityFailure):
        SealedFile.load({"package_id": "pk_1"})
