"""An order straight from abroad: refused on a coded ground, with the way that is open to it."""

from __future__ import annotations

from lea_service.demonstration.authority import Authority, agree
from lea_service.demonstration.letters import write_letter
from lea_service.demonstration.other_orders import write_other
from lea_service.demonstration.walk import DEMANDS, Walk, expect
from lea_service.kernel.canonical import Json

DIRECT, ROLE = "US-SCA-2703D", "us.court"
GROUND, FOREIGN = "foreign_direct_order", "basis.foreign"


def refuse_from_abroad(it: Walk) -> None:
    """Refuse an American order that came here directly, and say which way is open to it."""
    handler = it.staff.handler.client
    number: Json = {"kind": "case_number", "value": "1:26-mj-00123"}
    court = _register(it)
    demand = it.record(write_other(it, court, DIRECT, number, issuing_role=ROLE))
    found = it.assess(demand)["findings"]
    (foreign,) = [one for one in found if one["code"] == FOREIGN]
    expect(foreign["ground"] == GROUND, "the finding bears the ground out")
    it.tell.say(f"the way that is open: {foreign['seen']['route']}; {foreign['cure']}")
    body: Json = {
        "ground": GROUND,
        "findings": [foreign["ref"]],
        "explanation": "It came here directly; the way is mutual legal assistance.",
    }
    handler.post(f"{DEMANDS}/{demand}/refusal", body)
    it.tell.say(f"the handler refuses on ground {GROUND}; what was found bears it out")
    write_letter(it, demand, "refusal", "refusal")


def _register(it: Walk) -> Authority:
    """Put the court into the register, two people each."""
    two, roles = (it.staff.handler, it.staff.approver), [ROLE]
    court: dict[str, Json] = {
        "name": "United States District Court, Example District",
        "kind": "court",
        "country": "US",
        "roles": [*roles],
    }
    agency = agree(*two, "agency.organisation", court)
    judge: dict[str, Json] = {
        "agency": agency,
        "name": "Hon. A. Sample",
        "function": "Magistrate Judge",
        "email": "a.sample@court.example",
        "roles": [*roles],
    }
    return Authority(agency, agree(*two, "agency.person", judge))
