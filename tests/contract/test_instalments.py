"""Instalments as people meet them: compiled, decided on, looked at, and ended, over REST and CLI."""

import json

from lea_service.demands.waiting import tell_turns
from lea_service.extraction.cli import is_at_work
from tests.contract.whole import admit, answer, record, settle, take_in
from tests.demands.samples import item
from tests.support.engines import ANY_ENGINE

AHEAD = {
    "start": "2026-11-20T00:00:00+01:00",
    "end": "2026-11-28T00:00:00+01:00",
    "zone": "Europe/Amsterdam",
}


@ANY_ENGINE
def test_instalments_are_compiled_decided_on_shown_and_ended(service, lea):
    agency, person, _ = admit(service)
    take_in(service)
    demand = record(service, agency, person, items=[item(period=AHEAD)])
    settle(service, demand)
    words = ("plan", "compile", demand, "--every", "daily", "--rows-each", "40")
    made = json.loads(lea("handler", *words, "--json"))
    divided = made["document"]["instalments"]
    assert [one["number"] for one in divided["parts"]] == [1, 2, 3, 4, 5]
    assert (divided["rows_each"], divided["rows_together"]) == (40, 200)
    shown = lea("handler", "plan", "show", demand, "--language", "nl")
    assert "In delen:" in shown
    assert "registraties per deel hoogstens" in shown
    answer(service, "approver", "POST", f"/demands/{demand}/preview", 201)
    proposed = service.house.propose("extraction.plan", {"plan": made["id"]})
    page = answer(service, "approver", "GET", f"/approvals/{proposed}/page/content", 200).text
    assert "instalments 1 to 5, every day" in page
    service.house.decide(proposed)
    listed = json.loads(lea("handler", "plan", "instalments", demand, "--json"))["instalments"]
    assert [one["standing"] for one in listed] == ["due", *["ahead"] * 4]
    body = {"by": "Anna", "channel": "phone", "until": "2026-11-26T12:00:00+01:00"}
    path = f"/demands/{demand}/shortening"
    listed = answer(service, "handler", "POST", path, 200, json=body).json["instalments"]
    assert [one["standing"] for one in listed] == ["due", "ahead", "ahead", "ahead", "dropped"]
    assert listed[3]["end"] == "2026-11-26T11:00:00.000000Z"
    answer(service, "handler", "POST", path, 422, json=body)
    until = ("--until", "2026-11-25T12:00:00+01:00", "--by", "Anna", "--channel", "phone")
    assert "vervallen" in lea("handler", "plan", "shorten", demand, *until, "--language", "nl")


def test_nobody_watches_what_is_awaited():
    job = {"kind": "extraction.run"}
    assert is_at_work({"state": "approved", "job": job})
    assert is_at_work({"state": "sealing", "job": job})
    assert not is_at_work({"state": "approved", "job": None})
    assert not is_at_work({"state": "continuing", "job": job})


def test_demand_says_which_instalments_were_given_and_which_is_next():
    end = {"end": "2026-11-30T23:00:00.000000Z"}
    words = {"says": "ahead", "says_nl": "nog niet voorbij"}
    listed = [
        {"number": n, "of": 3, "standing": standing} | end | words
        for n, standing in ((1, "given"), (2, "ahead"), (3, "dropped"))
    ]
    english, dutch = (tell_turns(listed, language) for language in ("en", "nl"))
    assert english["instalments given"] == "1 / 3"
    assert english["next instalment"].startswith("2, until 2026-12-01 00:00")
    assert dutch["volgende deel"].endswith("(nog niet voorbij)")
    assert tell_turns([], "en") == {}
