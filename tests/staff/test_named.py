"""Below an approval stand the names of what it names, as far as whoever looks may see them."""

from lea_service.kernel.errors import NotFound, NotPermitted
from lea_service.staff.named import fetch_named, tell_named

COLLEAGUE, AGENCY, PERSON, DEMAND = (f"{kind}_{n:032x}" for n, kind in enumerate("sapc", 1))
CONTENT = {
    "agency": {"ref": AGENCY},
    "order_date": "2026-11-20",
    "legal_basis": "NL-SV-126ni",
    "references": [{"kind": "case_number", "value": "26-777777"}],
}
RELEASE = {
    "approval": {"id": f"ap_{9:032x}", "subject": DEMAND, "proposed_by": COLLEAGUE},
    "facts": {"ground": "withdrawn"},
    "payload": {"demand": DEMAND},
}
DETAIL = {
    "agency": {"id": AGENCY, "name": "Parket Oost"},
    "people": [{"id": PERSON, "name": "Saskia van Uylenburgh"}],
    "desks": [],
}


class Service:
    """Answers what the service would answer somebody."""

    def __init__(self, **answers):
        self.answers = {"staff": [{"account": COLLEAGUE, "name": "Jan Jansen"}]} | answers

    def get(self, path):
        found = self.answers.get(path.split("/")[3], NotFound("no such thing"))
        if isinstance(found, Exception):
            raise found
        return found

    def pages(self, path):
        yield from self.get(path)


def test_what_is_let_go_is_told_by_agency_day_and_reference():
    demand = {"content": CONTENT, "is_sealed": False}
    found = fetch_named(Service(demands=demand, agencies=DETAIL), RELEASE)
    assert found == {
        DEMAND: "demand of Parket Oost, order of 2026-11-20, NL-SV-126ni, 26-777777",
        COLLEAGUE: "Jan Jansen",
    }
    assert f"  {COLLEAGUE}  Jan Jansen" in tell_named(found)
    dutch = fetch_named(Service(demands=demand, agencies=DETAIL), RELEASE, "nl")[DEMAND]
    assert dutch.startswith("vordering van Parket Oost, document van 2026-11-20, ")


def test_agency_of_a_sealed_demand_is_not_looked_up():
    demand = {"content": CONTENT, "is_sealed": True}
    unasked = AssertionError("asked")
    found = fetch_named(Service(demands=demand, agencies=unasked), RELEASE)
    assert set(found) == {COLLEAGUE}


def test_people_of_an_agency_that_is_named_are_told():
    opened = {**RELEASE, "payload": {"agency": AGENCY, "members": [PERSON]}}
    opened["approval"] = {"proposed_by": COLLEAGUE}
    found = fetch_named(Service(agencies=DETAIL), opened)
    assert (found[AGENCY], found[PERSON]) == ("Parket Oost", "Saskia van Uylenburgh")


def test_who_may_see_none_of_it_sees_ids():
    refused = NotPermitted("no")
    found = fetch_named(Service(staff=refused, demands=refused, agencies=refused), RELEASE)
    assert (found, tell_named(found)) == ({}, "")


def test_name_moves_no_cursor():
    shown = tell_named({COLLEAGUE: "Jan\x1b[2J"})
    assert "\x1b" not in shown
