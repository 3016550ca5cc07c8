"""Whatever can be read over REST is read by a command, or it is said why none does."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from flask import request, request_finished

from lea_service.cli import main
from lea_service.kernel.errors import InvalidInput
from lea_service.web.client import Client
from tests.contract.routes import DEMAND, ROUTES, SOURCE, V1
from tests.contract.test_looks import CALLERS, EMPTY, fill
from tests.support.edge import serve

COLLECT = f"{V1}/collect/packages"
IMPORT = f"{SOURCE}/imports/<import_id>"
FETCH = "collect fetch {package_id} --out {folder}"
READERS = {
    f"{V1}/tokens": "staff token list",
    f"{V1}/staff": "staff list",
    f"{V1}/staff/printable": "staff list --print",
    f"{V1}/staff/me": "staff me",
    f"{V1}/staff/reachability": "staff reachable",
    f"{V1}/staff/<account>/tokens": "staff token list --of {account}",
    f"{V1}/approvals": "approvals list",
    f"{V1}/approvals/<approval_id>": "approvals show {approval_id}",
    f"{V1}/approvals/<approval_id>/page": "approvals page {approval_id} --html {folder}/page.html",
    f"{V1}/approvals/<approval_id>/page/content": "approvals page {approval_id}",
    f"{V1}/agencies": "agencies list",
    f"{V1}/agencies/<agency_id>": "agencies show {agency_id}",
    f"{V1}/agencies/<agency_id>/receiver-tokens": "deliveries tokens {agency_id}",
    f"{V1}/demands": "demands list",
    f"{V1}/demands/emergencies": "emergency list",
    DEMAND: "demands show {demand_id}",
    f"{DEMAND}/holds": "demands show {demand_id}",
    f"{DEMAND}/order": "demands order {demand_id} {folder}/order",
    f"{DEMAND}/order/reading": "legal order {demand_id}",
    f"{V1}/legal-bases": "legal list",
    f"{V1}/legal-bases/<basis_id>": "legal show {basis_id}",
    f"{V1}/legal-catalogue": "legal validate --in-use",
    f"{V1}/legal-catalogue/difference": "legal diff --in-use",
    f"{DEMAND}/assessment": "legal check {demand_id}",
    f"{DEMAND}/authenticity": "legal authenticity {demand_id}",
    f"{V1}/authenticity-policy": "legal policy",
    f"{DEMAND}/deadlines": "legal deadlines {demand_id}",
    f"{DEMAND}/refusal": "legal refusal {demand_id}",
    f"{DEMAND}/letters": "demands letters {demand_id}",
    f"{DEMAND}/letters/draft": "demands letter {demand_id} --about refusal",
    f"{DEMAND}/narrowings": "legal narrowings {demand_id}",
    f"{DEMAND}/annex-forms": "legal annex show {demand_id}",
    f"{V1}/annex-reasons": "legal annex reasons",
    f"{DEMAND}/referral": "legal referral {demand_id}",
    f"{V1}/referral-kinds": "legal referral-kinds",
    f"{DEMAND}/clarifications": "legal questions {demand_id}",
    f"{DEMAND}/plan": "plan show {demand_id}",
    f"{DEMAND}/instalments": "plan instalments {demand_id}",
    f"{DEMAND}/preview": "plan preview --last {demand_id}",
    f"{DEMAND}/progress": "plan progress {demand_id}",
    f"{DEMAND}/packages": "package list {demand_id}",
    f"{V1}/packages/<package_id>": "package show {package_id}",
    f"{DEMAND}/deliveries": "deliveries show {demand_id}",
    f"{V1}/deliveries/overdue": "deliveries overdue",
    f"{V1}/collect/demands": "collect follow",
    f"{V1}/collect/demands/<demand_id>": "collect follow {demand_id}",
    COLLECT: "collect list",
    f"{COLLECT}/<package_id>": FETCH,
    f"{COLLECT}/<package_id>/content": FETCH,
    f"{COLLECT}/<package_id>/proof": FETCH,
    f"{COLLECT}/<package_id>/entry": FETCH,
    f"{DEMAND}/custody": "custody entries {demand_id}",
    f"{V1}/custody/checkpoint": "custody checkpoint",
    f"{V1}/custody/entries/<int:index>/proof": "custody proof {index}",
    f"{V1}/custody/consistency": "custody consistency 1 2",
    f"{V1}/sources": "sources list",
    SOURCE: "sources show {source}",
    f"{SOURCE}/coverage": "sources coverage {source}",
    f"{SOURCE}/imports": "sources show {source}",
    f"{SOURCE}/pulls/<pull_id>": "sources pulled {source} {pull_id}",
    IMPORT: "sources report {source} {import_id}",
    f"{IMPORT}/rejects": "sources rejects {source} {import_id}",
    f"{V1}/deadlines": "legal deadlines",
    f"{V1}/confirmations": "confirmations list",
    f"{DEMAND}/confirmation-papers": "confirmations papers {demand_id}",
    f"{DEMAND}/confirmation-papers/<paper_id>": "confirmations paper {demand_id} {paper_id} {folder}/paper.pdf",
    f"{V1}/breaches": "breaches list",
    f"{DEMAND}/preservation": "preservation show {demand_id}",
    f"{V1}/preservations": "preservation list",
    f"{V1}/warnings": "warnings list",
    f"{V1}/inquiries/<approval_id>": "audit answer {approval_id}",
    f"{V1}/warnings/lists": "warnings lists",
    f"{V1}/processing": "processing list",
    f"{V1}/processing/published": "processing published",
    f"{V1}/processing/<code>": "processing show {code}",
    f"{V1}/retention/register": "retention register",
    f"{V1}/retention/rules": "retention rules",
    f"{V1}/retention/rules/<code>": "retention rule {code}",
    f"{V1}/retention/grounds": "retention grounds",
    f"{V1}/retention/due": "retention due",
    f"{V1}/retention/purges/<purge_id>/certificate": "retention certificate {purge_id}",
    f"{V1}/retention/statistics": "retention statistics",
    f"{V1}/retention/purges": "retention purges",
}
"""By route, the command that reads it."""

PROBES = "for what watches whether the service is up"
PAGES = "for browsers and for those who write programs"
UNREAD = {
    "/health/live": PROBES,
    "/health/ready": PROBES,
    "/api/docs": PAGES,
    "/api/openapi.json": PAGES,
    f"{DEMAND}/letters/draft/pdf": "`lea demands letter --pdf` writes the text it shows as one",
    "/api/static/<path:filename>": PAGES,
    f"{V1}/codelists": "for programs; `lea codelists` says the same without a service",
    f"{V1}/custody/tile/<path:path>": "for witnesses; `lea custody bundle` has every tile",
}
"""By route, why no command reads it."""

READABLE = {route.rule: route for route in ROUTES if route.method == "GET"}
DONE, STATE = 0, 5


@contextmanager
def answered(app):
    """Yield a list that grows by (method, rule) for each answer of the service."""
    found = []

    def note(_app, response, **_):
        if request.url_rule is not None and (response.status_code < 400 or is_empty(response)):
            found.append((request.method, request.url_rule.rule))

    with request_finished.connected_to(note, app):
        yield found


def is_empty(response):
    return request.url_rule.rule in EMPTY and response.status_code == 404


@pytest.fixture
def lea(service):
    """A function that runs a command as a role; returns its end and which routes it read."""
    with serve(service.app) as url:

        def run(role, words):
            environ = {"LEA_URL": url, "LEA_TOKEN": service.token(role)}
            with answered(service.app) as found:
                done = CliRunner(env=environ).invoke(main, words)
            return done, {rule for method, rule in found if method == "GET"}

        yield run


def test_every_readable_route_is_decided_on():
    assert READERS.keys().isdisjoint(UNREAD)
    assert READERS.keys() | UNREAD.keys() == READABLE.keys()


def test_each_readable_route_is_read_by_its_command(service, lea, tmp_path):
    places = {**fill(service, tmp_path), "folder": str(tmp_path)}
    for rule, command in READERS.items():
        role = CALLERS.get(rule, READABLE[rule].caller)
        done, read = lea(role, command.format(**places).split())
        assert done.exit_code == (STATE if rule in EMPTY else DONE), (command, done.output)
        assert rule in read, command


@pytest.mark.parametrize(
    ("role", "words", "done"),
    [("auditor", "breaches", "--assessed"), ("overseer", "warnings", "--settled")],
)
def test_what_is_open_is_listed_apart_from_what_is_done(service, lea, tmp_path, role, words, done):
    fill(service, tmp_path)

    def listed(*option):
        found, _ = lea(role, [words, "list", "--json", *option])
        assert found.exit_code == DONE, found.output
        return {one["id"] for one in json.loads(found.stdout)}

    assert listed() == listed("--open") | listed(done)
    assert listed("--open").isdisjoint(listed(done))


@pytest.mark.parametrize("route", ["breaches", "warnings"])
def test_query_that_is_neither_true_nor_false_is_told(service, route):
    with (
        serve(service.app) as url,
        Client(url, service.token("overseer")) as client,
        pytest.raises(InvalidInput) as caught,
    ):
        client.get(f"{V1}/{route}", open="1")
    (wrong,) = caught.value.errors
    assert (wrong.pointer, wrong.detail) == ("/open", "Expected true or false.")
