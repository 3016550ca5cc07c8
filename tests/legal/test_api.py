import pytest
from openapi_spec_validator import validate

from lea_service.kernel.clock import format_instant
from lea_service.legal.catalogue import load_catalogue
from tests.demands.samples import demand_json
from tests.legal.cases import basis_of
from tests.legal.conftest import JUDGE
from tests.support.call_backs import SPOKE_TO

ROUTES = [
    ("POST", "assessment"),
    ("GET", "assessment"),
    ("POST", "assessment/acceptances"),
    ("POST", "refusal"),
    ("GET", "refusal"),
    ("POST", "clarifications"),
    ("PUT", "clarifications"),
    ("GET", "clarifications"),
]
REASON = "De officier bevestigde dit."
REFUSAL = {
    "ground": "category_outside_basis",
    "findings": ["category.excluded"],
    "explanation": "Verkeersgegevens vallen onder artikel 126n.",
}


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def web(app):
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer handler"
    return client


@pytest.fixture
def record(web, authority):
    def send(**changes):
        parties = {
            "agency": {"ref": authority.agency},
            "issuing_person": {"ref": authority.prosecutor},
            "receivers": [authority.desk],
            "judicial_authorisation": JUDGE,
        }
        answer = web.post("/api/v1/demands", json=demand_json(**{**parties, **changes}))
        return f"/api/v1/demands/{answer.json['id']}"

    return send


def test_catalogue_is_listed_with_grounds(web):
    found = web.get("/api/v1/legal-bases").json
    assert len(found["bases"]) == 51
    one = {row["id"]: row for row in found["bases"]}["NL-WIV-54"]
    assert "look_back" in one["unknown_fields"]
    assert {"proportionality": False, "role_not_competent": True}.items() <= {
        row["code"]: row["may_refuse"] for row in found["grounds"]
    }.items()


def test_catalogue_in_use_is_shown_beside_the_one_that_ships(web):
    found = web.get("/api/v1/legal-catalogue").json
    assert (found["bases"], found["own"]) == (len(load_catalogue().bases), [])
    assert "NL-WIV-54" in found["incomplete"]
    told = web.get("/api/v1/legal-catalogue/difference?language=nl").json
    assert (told["same"], told["changed"]) == (True, [])
    assert told["digests"] == [found["digest"], found["digest"]]
    assert found["digest"] in told["in_words"]


def test_row_is_shown_as_its_file_has_it(web, legal):
    place = "/api/v1/legal-bases/nl.sv.126n"
    found = web.get(place).json
    basis = basis_of("NL-SV-126n")
    said = {one["field"]: one for one in found["editions"][0].pop("in_words")["answers"]}
    assert said["issuing_roles"] == {
        "field": "issuing_roles",
        "asks": "Who may issue it alone",
        "says": ["Public prosecutor (Netherlands) (nl.officier_van_justitie)"],
    }
    dutch = web.get(f"{place}?language=nl").json["editions"][0]["in_words"]
    assert dutch["heading"] == "NL-SV-126n, vanaf 2004-09-01, zonder einde"
    assert dutch["answers"][0]["asks"] == "Wiens recht"
    assert web.get(f"{place}?language=fr").status_code == 422
    row = legal.catalogue.get_row(basis)
    edition = {"digest": basis.digest, "reviewed": None, "row": row}
    assert found == {"id": "NL-SV-126n", "editions": [edition]}
    assert web.get("/api/v1/legal-bases/nl-sv-1").status_code == 404


def test_assessment_says_article_and_cure(web, record):
    place = record(legal_basis="NL-SV-126nd")
    answer = web.post(f"{place}/assessment")
    assert answer.status_code == 201
    (defect,) = [one for one in answer.json["findings"] if one["outcome"] == "defect"]
    assert "art. 126nd" in defect["article"]
    assert "art. 126n;" in defect["cure"]
    assert defect["can_be_accepted"] is False
    assert web.get(f"{place}/assessment").json == answer.json


def test_findings_are_read_in_dutch(web, record):
    place = record(legal_basis="NL-SV-126nd")
    said = web.post(f"{place}/assessment?language=nl").json
    (defect,) = [one for one in said["findings"] if one["outcome"] == "defect"]
    assert defect["says"].startswith("Deze categorie valt niet onder de grondslag")
    assert defect["cure"].startswith(
        "Een vordering op grond van Wetboek van Strafvordering art. 126n;"
    )
    assert web.get(f"{place}/assessment?language=nl").json == said
    assert web.get(f"{place}/assessment?language=de").status_code == 422


def test_acceptance_settles(web, record, clock):
    place = record(form="oral")
    (number,) = web.get(f"{place}/authenticity").json["contacts"]
    call = {"contact": number["id"], "outcome": "confirmed", "spoke_to": SPOKE_TO}
    call["called_at"] = format_instant(clock.now())
    assert web.post(f"{place}/call-backs", json=call).status_code == 201
    codes = ["form.oral_by_analogy", "order.not_readable"]
    assert web.post(f"{place}/assessment").json["open"] == codes
    body = {"code": codes[0], "reason": REASON}
    assert web.post(f"{place}/assessment/acceptances", json=body).json["open"] == codes[1:]
    body = {"code": "order.not_readable", "reason": REASON}
    refused = web.post(f"{place}/assessment/acceptances", json=body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/retyped")
    body["retyped"] = ["2026-11-20", "0612345678"]
    answer = web.post(f"{place}/assessment/acceptances", json=body)
    assert answer.status_code == 201
    assert answer.json["is_settled"]
    assert answer.json["acceptances"][0]["reason"] == REASON


def test_defect_is_a_conflict_to_accept(web, record):
    place = record(legal_basis="NL-SV-126nd")
    web.post(f"{place}/assessment")
    body = {"code": "category.excluded", "reason": REASON}
    assert web.post(f"{place}/assessment/acceptances", json=body).status_code == 409


def test_refusal_is_a_result(web, record):
    place = record(legal_basis="NL-SV-126nd")
    web.post(f"{place}/assessment")
    answer = web.post(f"{place}/refusal", json=REFUSAL)
    assert answer.status_code == 201
    assert answer.json["findings"] == ["category.excluded/1/traffic_call_records"]
    assert web.get(f"{place}/refusal").json == answer.json
    assert web.get(place).json["state"] == "refused"


def test_answer_belongs_to_a_question(web, record):
    place = record()
    web.post(f"{place}/assessment")
    asked = web.post(
        f"{place}/clarifications", json={"question": "Waar is de vordering?", "reasons": ["other"]}
    )
    assert (asked.status_code, asked.headers["ETag"]) == (201, '"1"')
    body = {"answer": "Per post onderweg."}
    assert web.put(f"{place}/clarifications", json=body).status_code == 428
    late = web.put(f"{place}/clarifications", json=body, headers={"If-Match": '"2"'})
    assert late.status_code == 412
    done = web.put(f"{place}/clarifications", json=body, headers={"If-Match": '"1"'})
    assert done.status_code == 200
    assert web.get(f"{place}/clarifications").json["clarifications"] == [done.json]


def test_reason_that_is_too_short_is_told_how_long_it_has_to_be(web):
    body = {"code": "a.b", "reason": "kort"}
    refused = web.post(f"/api/v1/demands/c_{'0' * 32}/assessment/acceptances", json=body)
    (error,) = refused.json["errors"]
    assert (error["pointer"], error["detail"]) == (
        "/reason",
        "Expected a text of 10 to 2000 characters.",
    )


BAD = [
    ("POST", "assessment/acceptances", {"code": "form.order_missing"}, "/reason"),
    ("POST", "assessment/acceptances", {"code": "Jan", "reason": REASON}, "/code"),
    ("POST", "assessment/acceptances", {"code": "a.b", "reason": "kort"}, "/reason"),
    ("POST", "assessment/acceptances", {"code": "a.b", "reason": REASON, "item": "1"}, "/item"),
    ("POST", "assessment/acceptances", {"code": "a.b", "reason": REASON, "all": True}, "/all"),
    (
        "POST",
        "assessment/acceptances",
        {"code": "a.b", "reason": REASON, "retyped": "x"},
        "/retyped",
    ),
    ("POST", "refusal", REFUSAL | {"ground": 7}, "/ground"),
    ("POST", "refusal", REFUSAL | {"ground": "made_up"}, "/ground"),
    ("POST", "refusal", REFUSAL | {"findings": "category.excluded"}, "/findings"),
    ("POST", "refusal", REFUSAL | {"findings": ["x" * 300]}, "/findings/0"),
    ("POST", "refusal", {"ground": "role_not_competent"}, "/explanation"),
    ("POST", "clarifications", {"question": "   "}, "/question"),
    ("POST", "clarifications", {"question": "x" * 4001}, "/question"),
    ("PUT", "clarifications", {"answer": None}, "/answer"),
]


@pytest.mark.parametrize(("method", "route", "body", "pointer"), BAD)
def test_bad_body_names_its_place(web, record, method, route, body, pointer):
    place = record()
    web.post(f"{place}/assessment")
    answer = web.open(f"{place}/{route}", method=method, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert web.get(place).json["state"] == "under_review"


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_stranger_and_engineer_get_nothing(app, record, method, route):
    place = f"{record()}/{route}"
    bodies = {
        "assessment/acceptances": {"code": "form.order_missing", "reason": REASON},
        "refusal": REFUSAL,
        "clarifications": {"question": "Wie?"} if method == "POST" else {"answer": "Ik."},
    }
    body = bodies.get(route) if method != "GET" else None
    for token, status in (("", 401), ("engineer", 403), ("receiver", 403), ("overseer", 403)):
        headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
        answer = app.test_client().open(place, method=method, json=body, headers=headers)
        assert answer.status_code == status, token


def test_document_is_valid_openapi(app):
    document = app.extensions["api"].document()
    validate(document)
    assert "/api/v1/demands/{demand_id}/refusal" in document["paths"]
