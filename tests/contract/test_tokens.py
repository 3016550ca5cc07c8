"""A token that is wrong, spent or ended opens nothing; neither does one in another place."""

from tests.contract.answers import check_answer
from tests.support.staff import clearances

LIST = "/api/v1/demands"
WRONG = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer nonsense",
    "Bearer lea_s_" + "A" * 43,
    "Bearer lear_" + "A" * 43,
    "Bearer \xff",
    "Bearer " + "a" * 5000,
    "Basic bGVhOmxlYQ==",
    "lea_s_" + "A" * 43,
]


def test_wrong_token_opens_nothing(service):
    before = service.count()
    for header in WRONG:
        response = service.call("stranger", "GET", LIST, headers={"Authorization": header})
        check_answer(response, 401)
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert service.count() == before


def test_token_counts_only_in_its_header(service):
    token = service.token("auditor")
    check_answer(service.call("stranger", "GET", f"{LIST}?token={token}&access_token={token}"), 401)
    cookie = {"Cookie": f"token={token}"}
    check_answer(service.call("stranger", "GET", LIST, headers=cookie), 401)
    check_answer(service.call("auditor", "GET", LIST), 200)


def test_token_ends_with_its_days(service):
    for role in ("auditor", "receiver"):
        service.token(role)
    check_answer(service.call("auditor", "GET", LIST), 200)
    service.clock.advance(days=29, hours=23)
    check_answer(service.call("auditor", "GET", LIST), 200)
    service.clock.advance(hours=2)
    check_answer(service.call("auditor", "GET", LIST), 401)
    check_answer(service.call("receiver", "GET", "/api/v1/collect/packages"), 200)
    service.clock.advance(days=61)
    check_answer(service.call("receiver", "GET", "/api/v1/collect/packages"), 401)


def test_token_ends_at_once_when_it_is_revoked(service):
    check_answer(service.call("auditor", "GET", LIST), 200)
    check_answer(service.call("auditor", "DELETE", "/api/v1/session"), 204)
    check_answer(service.call("auditor", "GET", LIST), 401)


def test_token_ends_at_once_when_its_person_is_suspended(service):
    account = service.house.id("handler1")
    check_answer(service.call("handler", "GET", LIST), 200)
    path = f"/api/v1/staff/{account}/suspension"
    check_answer(service.call("overseer", "POST", path, json={"ground": "left"}), 201)
    check_answer(service.call("handler", "GET", LIST), 401)


def test_role_ends_with_its_clearance(service):
    short = clearances(end="2026-12-01")
    service.house.hire("auditor2", "auditor", clearances=short)
    issued = service.services.staff.issue_token(service.house.actor("auditor2"), "test")
    service.tokens["short"] = issued.token
    check_answer(service.call("short", "GET", LIST), 200)
    service.clock.advance(days=8)
    check_answer(service.call("short", "GET", LIST), 403)
