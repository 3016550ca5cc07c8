"""A demand by an authority that nobody registered: recorded, held, acknowledged, then answered."""

import pytest

from lea_service.demands.document import dump_content
from lea_service.demands.schemas import load_demand
from lea_service.kernel.errors import WrongState
from tests.support.service import ROLE

UNKNOWN = {"agency_unknown", "person_unknown", "receiver_unknown"}
CERTIFICATE = "receiver_without_certificate"


@pytest.fixture
def filled(whole):
    whole.source()
    whole.calls(5)
    return whole


def correct(whole, demand, **changes):
    """Correct a demand as the handler does who asked around."""
    service = whole.services.demands
    old = service.get(whole.actor(), demand)
    command = load_demand({**dump_content(old), **changes})
    service.correct(whole.actor(), demand, command, old.version)


def codes(whole, demand):
    return {one.code for one in whole.services.demands.holds(whole.actor(), demand)}


def notices(whole, demand):
    """Let the worker send; returns how many the log says were not sent, and were."""
    whole.work()
    files = whole.settings.notices_dir.glob("*.eml")
    assert whole.events(demand).count("notice.sent") == len(list(files))
    return whole.events(demand).count("notice.unsent"), whole.events(demand).count("notice.sent")


def test_newcomer_is_answered_once_registered(filled):
    words = {"name": "Parket Noord", "function": "administratie"}
    demand = filled.record(agency=words, issuing_person=words, receivers=[])
    assert codes(filled, demand) == UNKNOWN
    assert notices(filled, demand) == (1, 0)
    filled.services.legal.assess(filled.actor(), demand)
    with pytest.raises(WrongState, match="receiver_unknown"):
        filled.services.extraction.compile_plan(filled.actor(), demand)
    agency = filled.register.organisation("Parket Noord", kind="prosecution")
    person = filled.register.person(agency, "Cato Smit", roles=[ROLE])
    known = {"agency": {"ref": agency}, "issuing_person": {"ref": person}, "receivers": [person]}
    correct(filled, demand, **known)
    assert codes(filled, demand) == {CERTIFICATE}
    assert notices(filled, demand) == (1, 1)
    filled.register.certificate(person, "p256")
    filled.kinds[person] = "p256"
    assert filled.state(filled.delivered(demand)) == "delivered"
    assert filled.opened(demand, filled.sign_in(person))
    filled.check()


def test_plan_needs_every_receiver_to_be_known(filled):
    clerk = {"name": "B. Klerk"}
    demand = filled.settle(filled.record(receivers=[filled.person, clerk]))
    assert codes(filled, demand) == {"receiver_unknown"}
    with pytest.raises(WrongState, match="receiver_unknown"):
        filled.services.extraction.compile_plan(filled.actor(), demand)
    correct(filled, demand, receivers=[{"ref": filled.person, "name": "A. de Vries"}])
    assert filled.state(filled.delivered(demand)) == "delivered"
    filled.check()
