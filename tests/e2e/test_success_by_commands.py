"""What is rarer than the whole way, each brought to its success by a command and read by REST."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.app import create_app
from lea_service.demands.demand import CONTENTS
from lea_service.kernel.clock import day_of, format_instant
from lea_service.legal.authenticity.policy import shipped_document
from lea_service.staff.reach.codes import code_of
from lea_service.staff.reach.models import ReachTest
from tests.e2e.test_by_commands import APPROVER, HANDLER, Terminals
from tests.legal.confirmations.test_service import move
from tests.support.edge import serve
from tests.support.engines import ANY_ENGINE
from tests.support.orders import order_of, retyped
from tests.support.service import PHONE, SCANNED, make_item

OVERSEER = "overseer1"
V1 = "/api/v1"
WHY = "Read in the letter of today and asked of the desk."
KEPT = {"legal_basis": "NL-SV-126ni", "states": sorted(CONTENTS)}
OPEN_WHEN_KEPT = {"authenticity.not_proven", "instrument.preservation"}
"""What stays open and keeps nobody from keeping data, since nothing leaves."""
pytestmark = ANY_ENGINE


class Edges(Terminals):
    """A terminal for each person, and what REST says to the same person."""

    def __init__(self, whole, url, folder, client):
        super().__init__(whole, url, folder)
        self._client = client

    def get(self, who, place):
        """Return what somebody reads by REST."""
        bearer = {"Authorization": f"Bearer {self._token(who)}"}
        answer = self._client.get(f"{V1}/{place}", headers=bearer)
        assert answer.status_code == 200, answer.json
        return answer.json

    def refused(self, who, told, *words, input=None):
        """Run a command that what was sent keeps from its success, which says so in some words."""
        with pytest.raises(AssertionError, match=told):
            self(who, *words, input=input)

    def decide(self, who, kind):
        """Let somebody read the one proposal of a kind that waits, and agree by a command."""
        (found,) = [one for one in self.json(who, "approvals", "list") if one["kind"] == kind]
        self(who, "approvals", "show", found["id"])
        words = ("approvals", "decide", found["id"], "--outcome", "approved")
        assert "approved" in self(who, *words, input="y\n" * 6)


@pytest.fixture
def lea(whole, tmp_path):
    whole.work()  # the first checkpoint: nobody is let in on a log that was never signed
    app = create_app(whole.settings, whole.services)
    with serve(app) as url:
        yield Edges(whole, url, tmp_path, app.test_client())


@pytest.fixture
def take_in(whole, lea):
    """A function that records a demand and has it assessed by a command; returns its id."""

    def record(items=None, order=SCANNED, **changes):
        demand = whole.record(items, order, **changes)
        lea(HANDLER, "legal", "assess", demand)
        return demand

    return record


@pytest.fixture
def keep(whole, lea, take_in):
    """A function that records an order to preserve and keeps what it names; returns its id."""

    def record(**changes):
        demand = take_in(**KEPT, **changes)
        found = whole.services.legal.get_assessment(whole.actor(), demand)
        for ref in {*found.open} - OPEN_WHEN_KEPT:
            code, _, item = ref.partition("/")
            words = [code, "--item", item] if item else [code]
            again = "\n".join(retyped(whole.services.transactions, found, ref))
            lea(HANDLER, "legal", "accept", demand, *words, "--reason", WHY, input=again)
        said = lea(HANDLER, "preservation", "keep", demand)
        assert lea.get(HANDLER, f"demands/{demand}/preservation")["kept_by_name"] in said
        return demand

    return record


def test_less_is_given_on_a_coded_ground(lea, take_in):
    item = make_item() | {"categories": ["billing_payment", "traffic_call_records"]}
    demand = take_in([item], legal_basis="NL-SV-126nd")
    cut = ["--item", "1", "--ground", "category_outside_basis"]
    cut += ["--category", "traffic_call_records"]
    lea(HANDLER, "legal", "narrow", demand, *cut, "--reason", WHY)
    (found,) = lea.get(HANDLER, f"demands/{demand}/narrowings")["narrowings"]
    named = ("demand", "ground", "category", "reason")
    assert [found[one] for one in named] == [
        demand,
        "category_outside_basis",
        "traffic_call_records",
        WHY,
    ]
    assert found["narrowed_by_name"] in lea(HANDLER, "legal", "narrowings", demand)


def test_authority_is_referred(lea, take_in):
    demand = take_in()
    lea(HANDLER, "legal", "refer", demand, "--to", "not_ours", "--reason", WHY)
    found = lea.get(HANDLER, f"demands/{demand}/referral")
    assert (found["to"], found["reason"]) == ("not_ours", WHY)
    assert found["referred_by_name"] in lea(HANDLER, "legal", "referral", demand)
    assert lea.get(HANDLER, f"demands/{demand}")["state"] == "replied"


def test_order_is_upheld(lea, take_in):
    demand = take_in(legal_basis="EU-EPO-TRAFFIC")
    form = ["--reason", "other_addressee", "--explanation", WHY, "--preserved", "no"]
    lea(HANDLER, "legal", "annex", "file", demand, *form)
    assert lea.get(HANDLER, f"demands/{demand}")["state"] == "replied"
    lea(HANDLER, "legal", "uphold", demand, "--reason", WHY)
    assert lea.get(HANDLER, f"demands/{demand}")["state"] == "under_review"


def test_oral_order_is_confirmed_late_and_its_breach_assessed(whole, lea, keep):
    asked = whole.demand_json("05/123456-26") | KEPT
    demand = keep(form="oral", references=asked["references"])
    assert [one["demand"] for one in lea.get(HANDLER, "confirmations")["items"]] == [demand]
    whole.clock.advance(days=5)
    whole.work()
    (breach,) = lea.get(OVERSEER, "breaches?open=true")["items"]
    assert breach["demand"] == demand
    order = lea.folder / "order.pdf"
    order.write_bytes(order_of(asked, "kenmerk OM-2026/17"))  # not typed
    assert "reference_not_typed" in lea(HANDLER, "confirmations", "record", demand, order)
    (other,) = lea.get(HANDLER, f"demands/{demand}/confirmation-papers")["papers"]
    lea.refused(HANDLER, "each difference", "confirmations", "propose", other["id"], input="y\n")
    order.write_bytes(order_of(asked))
    paper = lea.json(HANDLER, "confirmations", "record", demand, order)
    assert paper["differences"] == []
    lea(HANDLER, "confirmations", "propose", paper["id"], input="y\n")
    assert len(lea.get(HANDLER, "confirmations")["items"]) == 1
    assert paper["id"] in lea(APPROVER, "confirmations", "papers", demand)
    copy = lea.folder / "copy.pdf"
    lea(APPROVER, "confirmations", "paper", demand, paper["id"], copy)
    assert copy.read_bytes() == order.read_bytes()
    lea.decide(APPROVER, "confirmation.acceptance")
    assert lea.get(HANDLER, "confirmations")["items"] == []
    words = ("breaches", "assess", breach["id"], "no_breach", "--reason", WHY)
    lea(OVERSEER, *words)
    assert lea.get(OVERSEER, "breaches?open=true")["items"] == []
    (found,) = lea.get(OVERSEER, "breaches?open=false")["items"]
    assert (found["outcome"], found["assessment"]) == ("no_breach", WHY)


def test_judge_wrote_down_what_was_authorised_orally(whole, lea, take_in):
    now = whole.clock.now()
    oral = {"given_by": "mr. A. Rechter", "given_at": format_instant(now - timedelta(hours=2))}
    demand = take_in(legal_basis="NL-SV-126nd-6", judicial_authorisation={"oral": oral})
    move(whole.log, demand, "approved")
    (owed,) = lea.get(HANDLER, "confirmations")["items"]
    assert (owed["demand"], owed["clock"]) == (demand, "authorisation")
    told = ["--reference", "RC 26/1", "--reason", WHY]
    day, at = f"{day_of(now - timedelta(hours=1))}", format_instant(now - timedelta(hours=1))
    words = ("confirmations", "authorised", demand, day, *told, "--at", at)
    assert "voorgesteld" in lea(HANDLER, *words, "--language", "nl", input="y\n")
    assert len(lea.get(HANDLER, "confirmations")["items"]) == 1
    lea.decide(APPROVER, "confirmation.authorisation")
    assert lea.get(HANDLER, "confirmations")["items"] == []
    lea.refused(HANDLER, "recorded before", *words, input="y\n")


def test_warning_is_settled(whole, lea):
    number = {"holder": whole.person, "kind": "phone", "value": PHONE}
    whole.register.approve("agency.contact", number | {"found_by_way": "staatsalmanak"})
    whole.record()  # about the officer's own number
    (raised,) = lea.get(OVERSEER, "warnings?open=true")["items"]
    assert raised["kind"] == "officer.own_identifier"
    lea(OVERSEER, "warnings", "settle", raised["id"], "--reason", WHY)
    assert lea.get(OVERSEER, "warnings?open=true")["items"] == []
    (found,) = lea.get(OVERSEER, "warnings?open=false")["items"]
    assert (found["id"], found["settled_at"] is None) == (raised["id"], False)


def test_policy_is_proposed_and_counts(lea):
    file = lea.folder / "policy.json"
    file.write_text(json.dumps({**shipped_document(), "note": "Read anew."}))
    lea(HANDLER, "legal", "propose-policy", file, input="y\n")
    lea.decide(OVERSEER, "legal.authenticity_policy")
    found = lea.get(HANDLER, "authenticity-policy")
    assert found["document"]["note"] == "Read anew."


def test_preservation_is_released_by_two(lea, keep):
    demand = keep()
    asked = ["--ground", "authority", "--reason", WHY]
    lea(HANDLER, "preservation", "release", demand, *asked, input="y\n")
    assert lea.get(HANDLER, f"demands/{demand}/preservation")["state"] == "preserved"
    lea.decide(APPROVER, "preservation.release")
    found = lea.get(HANDLER, f"demands/{demand}/preservation")
    assert (found["state"], found["released"]) == ("released", "authority")


def test_approver_answers_is_away_and_comes_back(whole, lea):
    def stands():
        listed = lea.get(HANDLER, "staff/reachability")["approvers"]
        return next(one["reach"] for one in listed if one["account"] == whole.house.id(APPROVER))

    assert stands() == "asked"
    lea(APPROVER, "staff", "reachable", "confirm", find_code(whole))
    assert stands() == "answered"
    now = whole.clock.now()
    span = ["--from", format_instant(now), "--until", format_instant(now + timedelta(days=2))]
    lea(APPROVER, "staff", "reachable", "away", *span)
    assert stands() == "absent"
    whole.clock.advance(seconds=1)
    lea(APPROVER, "staff", "reachable", "back")
    assert stands() == "answered"


def find_code(whole):
    """Return the code that the notice to the approver tells."""
    with whole.services.transactions.read() as session:
        query = select(ReachTest.id).where(ReachTest.account_id == whole.house.id(APPROVER))
        return code_of(whole.services.transactions.index, session.scalars(query).one())
