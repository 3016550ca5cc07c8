"""A service that lies gets no signature: what is signed is compared with what was shown."""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization as form
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from lea_service.extraction import turns
from lea_service.extraction.api import blp
from lea_service.extraction.cli import plan
from lea_service.extraction.instalments import Wanted
from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.kernel.canonical import encode_b64url, salted_digest
from lea_service.kernel.coded import codes_of
from lea_service.staff.api import blueprints
from lea_service.staff.cli import approvals
from lea_service.staff.statement import dump_statement, load_statement
from tests.extraction.test_holders import hold
from tests.staff.edge import build_staff
from tests.support.edge import build_app, run, serve
from tests.support.extraction import START, make_item
from tests.support.log import check_log

PASSPHRASE = "a phrase that passes"
ANOTHER = "ab" * 32
"""Fingerprint of a certificate that nobody decided on."""


class Liar:
    """The service with somebody between it and the people, who changes its answers."""

    def __init__(self, app, where, change):
        self._app, self._where, self._change = app, where, change
        self.signed = []

    def __call__(self, environ, start_response):
        path = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if re.search(r"POST .*/(approvals|decision)$", path):
            self.signed.append(path)
        body, status, headers = run_wsgi_app(self._app, environ)
        data = b"".join(body)
        if re.search(self._where, path) and status.startswith("2"):
            found = json.loads(data)
            self._change(found)
            data = json.dumps(found).encode()
        answer = Response(data, status, content_type=headers["Content-Type"])
        return answer(environ, start_response)


def restate(**changes):
    """Return a change of a prepared statement, each field as a function of what it was."""

    def change(found):
        old = load_statement(decode(found["statement"]))
        fields = {name: make(getattr(old, name)) for name, make in changes.items()}
        found["statement"] = encode_b64url(dump_statement(replace(old, **fields)))

    return change


def decode(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def office(office):
    office.source()
    office.calls(*[START] * 3)
    return office


@pytest.fixture
def app(office, clock):
    people = {name: office.actor(name) for name in ("handler1", "approver1")}
    parts = {
        "extraction": office.service,
        "staff": build_staff(office.register.house),
        "approvals": office.house.approvals,
    }
    return build_app(clock, parts, people, blp, *blueprints)


def key_file(office, folder, name):
    path = folder / f"{name}.pem"
    encryption = form.BestAvailableEncryption(PASSPHRASE.encode())
    key = office.house.key(name)
    path.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, encryption))
    path.chmod(0o600)
    return path


@pytest.fixture
def sign(office, tmp_path):
    """A function that proposes or decides by command, at the service or what stands for it."""

    def command(app, group, who, *words):
        key = key_file(office, tmp_path, who)
        with serve(app) as url:
            environ = {"LEA_KEY_PASSPHRASE": PASSPHRASE}
            given = {"url": url, "token": who, "env": environ}
            return run(group, *words, "--key", key, "--json", **given)

    return command


@pytest.fixture
def changing(office):
    """A plan about a number that changed hands, previewed; returns its demand."""
    office.source("crm", "subscriber")
    hold(office, ("K1", -9, 3), ("K2", 3, None))
    return office.planned().demand_id


def test_plan_about_what_changed_hands_is_proposed_knowingly_and_decided(
    office, app, sign, changing, log
):
    unaware = sign(app, plan, "handler1", "propose", changing, "--yes")
    assert unaware.exit_code != 0
    assert "not in one hand throughout" in unaware.output
    proposed = sign(app, plan, "handler1", "propose", changing, "--per-holder", "--yes")
    assert proposed.exit_code == 0, proposed.output
    approval = json.loads(proposed.stdout)["id"]
    decided = sign(
        app, approvals, "approver1", "decide", approval, "--outcome", "approved", *ALL, "--yes"
    )
    assert decided.exit_code == 0, decided.output
    assert office.state(changing) == "approved"
    check_log(log)


def later(found):
    """Let a number change hands a day later than it did."""
    for one in found["counts"]["holders"][0]["spans"]:
        one.update({name: one[name].replace("11-04", "11-05") for name in ("start", "end")})


def test_other_change_of_hands_than_is_shown_gets_no_signature(app, sign, changing):
    liar = Liar(app, r"GET .*/preview$", later)
    refused = sign(liar, plan, "handler1", "propose", changing, "--per-holder", "--yes")
    assert refused.exit_code != 0
    assert "other holders than the preview" in refused.output
    assert liar.signed == []


def test_plan_is_shown_signed_and_decided(office, app, sign, log):
    demand = office.planned().demand_id
    proposed = sign(app, plan, "handler1", "propose", demand, "--yes")
    assert proposed.exit_code == 0, proposed.output
    approval = json.loads(proposed.stdout)["id"]
    decided = sign(
        app, approvals, "approver1", "decide", approval, "--outcome", "approved", *ALL, "--yes"
    )
    assert decided.exit_code == 0, decided.output
    assert office.state(demand) == "approved"
    check_log(log)


@pytest.fixture
def ahead(office, monkeypatch):
    """A plan of what is still to come, of at most 40 rows in all, which nobody can count."""
    monkeypatch.setattr(turns, "reaches_ahead", lambda _basis: True)
    demand = office.new_demand([make_item(days=40)])
    return office.planned(demand, wanted=Wanted(rows_each=20, rows_together=40))


def test_plan_in_instalments_is_signed_within_the_bounds_it_states(office, app, sign, ahead):
    proposed = sign(app, plan, "handler1", "propose", ahead.demand_id, "--yes")
    assert proposed.exit_code == 0, proposed.output
    approval = json.loads(proposed.stdout)["id"]
    decided = sign(
        app, approvals, "approver1", "decide", approval, "--outcome", "approved", *ALL, "--yes"
    )
    assert decided.exit_code == 0, decided.output
    assert office.state(ahead.demand_id) == "approved"


def test_other_bounds_than_a_plan_in_instalments_states_get_no_signature(app, sign, ahead):
    for most in (13, 41):
        liar = Liar(app, PREPARED, facts(bounds={"rows": 3, "max_rows": most}))
        refused = sign(liar, plan, "handler1", "propose", ahead.demand_id, "--yes")
        assert (refused.exit_code, "more rows than its" in refused.output) == (4, True)
        assert liar.signed == []


def test_plan_is_signed_after_it_was_shown(office, app, sign):
    demand = office.planned().demand_id
    assert sign(app, plan, "handler1", "propose", demand).exit_code == 1
    assert "approval.proposed" not in office.events(demand)


def test_plan_without_preview_is_not_signed(office, app, sign):
    refused = sign(
        app, plan, "handler1", "propose", office.plan(office.new_demand()).demand_id, "--yes"
    )
    assert (refused.exit_code, "not previewed yet" in refused.output) == (5, True)


def facts(**changes):
    return restate(facts=lambda old: {**old, **changes})


def swap_document(found):
    """Prepare a plan for somebody else, sound in itself."""
    found["payload"]["receivers"][0]["certificate"] = ANOTHER
    digest = salted_digest(decode(found["salt"]), found["payload"])
    restate(digest=lambda _: digest)(found)
    facts(receivers=[ANOTHER])(found)


def ask_for_another(found):
    """Show a plan whose item names one number and whose search is for another."""
    (match,) = found["document"]["items"][0]["asks"][0]["matches"]
    match["values"] = ["+31687654321"]
    found["digest"] = salted_digest(decode(found["salt"]), found["document"])


PREPARED, PLAN, PREVIEW = r"POST .*/approvals/preparations$", "GET .*/plan$", "GET .*/preview$"
LIES = {
    "another plan": (PREPARED, swap_document, "payload is not the one that was shown"),
    "another salt": (PREPARED, lambda found: found.update(salt="A" * 22), "payload shown"),
    "another key": (PREPARED, facts(receivers=[ANOTHER]), "other receivers than the plan"),
    "another demand": (PREPARED, facts(demand=f"c_{9:032x}"), "other demand than the plan"),
    "a ground": (PREPARED, facts(past_term={"ground": "any"}), "other past_term than the plan"),
    "one more fact": (PREPARED, facts(more=1), "more or fewer facts"),
    "no bounds": (PREPARED, facts(bounds=None), "no bounds"),
    "wide bounds": (PREPARED, facts(bounds={"rows": 3, "max_rows": 999}), "more rows than its"),
    "many rows": (
        PREPARED, facts(bounds={"rows": 1000, "max_rows": 1100}), "other rows than the preview",
    ),
    "another subject": (PREPARED, restate(subject=lambda _: f"pl_{9:032x}"), "about another plan"),
    "shown otherwise": (
        PLAN, lambda found: found["document"].update(demand_version=9), "its digest stands for",
    ),
    "another search": (PLAN, ask_for_another, "no plan that can be read"),
    "no plan": (PLAN, lambda found: found.update(document={}), "no plan that can be read"),
    "another preview": (
        PREVIEW, lambda found: found.update(plan=f"pl_{9:032x}"), "another was previewed",
    ),
    "fewer rows shown": (PREVIEW, lambda found: found.update(rows=1), "other rows than"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_lying_service_gets_no_proposal(office, app, sign, lie):
    demand = office.planned().demand_id
    where, change, said = LIES[lie]
    liar = Liar(app, where, change)
    refused = sign(liar, plan, "handler1", "propose", demand, "--yes")
    assert (refused.exit_code, said in refused.output) == (4, True), refused.output
    assert liar.signed == []


def test_plan_of_another_demand_is_not_signed(office, app, sign):
    one, other = office.planned(), office.planned()
    document = {"document": one.document, "salt": one.salt, "digest": one.digest, "id": one.id}
    liar = Liar(app, PLAN, lambda found: found.update(document))
    refused = sign(liar, plan, "handler1", "propose", other.demand_id, "--yes")
    assert (refused.exit_code, "of another demand" in refused.output) == (4, True)
    assert liar.signed == []


def everywhere(**changes):
    """Return a change of facts that is told in the statement and beside it alike."""

    def change(found):
        if "facts" in found:
            found["facts"].update(changes)
        else:
            facts(**changes)(found)

    return change


DECISIONS = {
    "another key": ({"receivers": [ANOTHER]}, "other receivers than the plan"),
    "wide bounds": ({"bounds": {"rows": 3, "max_rows": 999}}, "more rows than its preview"),
    "many rows": ({"bounds": {"rows": 1000, "max_rows": 1100}}, "other rows than the preview"),
    "a ground": ({"past_term": {"ground": "any"}}, "other past_term than the plan"),
}
ALL = [word for code in codes_of(PLAN_REASONS.looked_at) for word in ("--looked-at", code)]
OPENED = r"(GET .*/approvals/ap_[0-9a-f]*$|POST .*/approvals/ap_.*/preparations$)"


@pytest.mark.parametrize("lie", DECISIONS)
def test_lying_service_gets_no_decision(office, app, sign, lie):
    approval = office.propose(office.planned())
    changes, said = DECISIONS[lie]
    liar = Liar(app, OPENED, everywhere(**changes))
    words = ("decide", approval, "--outcome", "approved", *ALL, "--yes")
    refused = sign(liar, approvals, "approver1", *words)
    assert (refused.exit_code, said in refused.output) == (4, True), refused.output
    assert liar.signed == []


def test_later_count_within_the_bounds_is_no_lie(office, app, sign, clock):
    planned = office.planned()
    approval = office.propose(planned)
    clock.advance(seconds=30)
    office.calls(START)
    office.preview(planned.demand_id)
    words = ("decide", approval, "--outcome", "approved", *ALL, "--yes")
    assert sign(app, approvals, "approver1", *words).exit_code == 0


def test_later_count_beyond_the_bounds_is_told(office, app, sign, clock):
    planned = office.planned()
    approval = office.propose(planned)
    clock.advance(seconds=30)
    office.calls(*[START] * 20)
    office.preview(planned.demand_id)
    approved = sign(
        app, approvals, "approver1", "decide", approval, "--outcome", "approved", *ALL, "--yes"
    )
    assert (approved.exit_code, "counted again" in approved.output) == (4, True)
    words = ["--outcome", "returned", "--yes", "--reason-code", "scope", "--reason-code", "period"]
    untold = sign(app, approvals, "approver1", "decide", approval, *words)
    assert (untold.exit_code, "/text" in untold.output) == (2, True), untold.output
    words += ["--reason", "Twenty rows more than you counted."]
    assert sign(app, approvals, "approver1", "decide", approval, *words).exit_code == 0
    with serve(app) as url:
        told = run(approvals, "show", approval, url=url, token="approver1").output
    assert "The period is not right. (period)" in told
    assert "Twenty rows more than you counted." in told


def test_command_of_approvals_knows_plans():
    code = (
        "import click; from lea_service.cli import main; "
        "main.get_command(click.Context(main), 'approvals'); "
        "from lea_service.staff import signing; print(*signing._CHECKS)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["extraction.plan"]
