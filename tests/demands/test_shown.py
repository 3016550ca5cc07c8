"""A demand is printed in words, its parties by name where whoever looks may see the register."""

import pytest

from lea_service.demands.shown import fetch_names, tell_content
from lea_service.kernel.errors import NotFound, NotPermitted, Unavailable
from lea_service.web.spoken import Spoken

AGENCY, PERSON, OTHER, COURT = (f"{kind}_{n:032x}" for n, kind in enumerate("appa", 1))
CONTENT = {
    "format": "demand/1",
    "agency": {"ref": AGENCY},
    "issuing_person": {"ref": PERSON, "name": "S. van Uylenburgh", "function": "officer"},
    "validating_authority": {"ref": COURT},
    "contact": {"name": "the desk"},
    "receivers": [PERSON, OTHER],
    "references": [{"kind": "case_number", "value": "26-777777"}],
    "judicial_authorisation": {"reference": "RC 26-777777", "given_on": "2026-11-20"},
    "order_date": "2026-11-20",
    "items": [],
}
DEMAND = {"content": CONTENT, "is_sealed": False}


class Register:
    """Answers what the service would answer somebody about agencies."""

    def __init__(self, error=None):
        self.error = error

    def get(self, path):
        if self.error is not None:
            raise self.error
        if path.endswith(COURT):
            raise NotFound("no such agency")
        assert path == f"/api/v1/agencies/{AGENCY}"
        people = [{"id": PERSON, "name": "Saskia van Uylenburgh"}]
        return {"agency": {"id": AGENCY, "name": "Parket Oost"}, "people": people, "desks": []}


def test_parties_are_told_by_name_and_the_rest_in_words():
    shown = tell_content(CONTENT, fetch_names(Register(), DEMAND), Spoken("en"))
    assert shown["agency"] == f"Parket Oost ({AGENCY})"
    assert shown["issuing_person"] == (
        f"S. van Uylenburgh, officer (Saskia van Uylenburgh, {PERSON})"
    )
    assert shown["receivers"] == [f"Saskia van Uylenburgh ({PERSON})", OTHER]
    assert (shown["validating_authority"], shown["contact"]) == (COURT, "the desk")
    assert shown["judicial_authorisation"] == "reference RC 26-777777, given on 2026-11-20"
    assert shown["references"][0].endswith(" 26-777777")
    assert shown["order_date"] == "2026-11-20"
    assert not {"items", "format"} & set(shown)


def test_names_of_a_sealed_demand_are_not_looked_up():
    """The look at an agency is entered, and would tell whose order it is."""
    unasked = Register(AssertionError("asked"))
    assert fetch_names(unasked, DEMAND | {"is_sealed": True}) == {}


@pytest.mark.parametrize("error", [NotFound("no"), NotPermitted("no"), Unavailable("erased")])
def test_who_may_not_see_the_register_sees_ids(error):
    shown = tell_content(CONTENT, fetch_names(Register(error), DEMAND), Spoken("nl"))
    assert (shown["agency"], shown["receivers"]) == (AGENCY, [PERSON, OTHER])
    assert shown["issuing_person"] == f"S. van Uylenburgh, officer ({PERSON})"
