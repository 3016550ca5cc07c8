from dataclasses import replace
from datetime import date, timedelta

import pytest

from lea_service.legal.authority import AgencyCompetent, PersonCompetent, RoleAllowed
from lea_service.legal.basis import Memory
from lea_service.legal.case import AllOf, Case
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand, checks_for
from lea_service.legal.contents import ContentsStated, ThresholdStated
from lea_service.legal.facts import (
    AgencyFacts,
    Authorisation,
    EmergencyFacts,
    KeptFacts,
    PersonFacts,
    ValidatorFacts,
)
from lea_service.legal.findings import Outcome, gravest, load_finding, make_finding
from lea_service.legal.formality import FormAllowed, JudgeAuthorised
from lea_service.legal.instrument import (
    BasisInForce,
    InstrumentHandled,
    OrderLasts,
    preserved_before,
)
from lea_service.legal.scope import (
    EachItem,
    categories_inside,
    period_inside,
    target_precise,
)
from lea_service.legal.validation import rule_of_owed
from lea_service.legal.word import OURS
from tests.legal.cases import GOOD, ITEM, ORDER_DATE, TODAY, basis_of, check, facts, suited, wrong

CATALOGUE = load_catalogue()
OFFICER, PROSECUTOR = "nl.opsporingsambtenaar", "nl.officier_van_justitie"
PASSES = {
    "NL-SV-126n", "NL-SV-126na-1", "NL-SV-126nc", "NL-SV-126nd", "NL-SV-126nd-6", "NL-SV-126nf",
    "NL-SV-126ng-2", "NL-SV-126u", "NL-SV-126ua", "NL-SV-126ug-2", "NL-SV-126zh", "NL-SV-126zi",
    "NL-SV-126zk", "NL-SV-126zl", "NL-SV-126zn", "NL-SV-126zo-2",
}  # fmt: skip
NO_JUDGE = {"authorisation": None}
SPOKEN = Authorisation(date(2026, 11, 20), is_oral=True, written_on=date(2026, 11, 20))
THREAT = EmergencyFacts("threat_to_life")


def belgian(basis, role, **changes):
    agency = AgencyFacts("BE", (role,), is_suspended=False)
    person = PersonFacts((role,), is_suspended=False, is_of_agency=True)
    asked = {"agency": agency, "person": person, "capacity": "controller"}
    return facts(basis, role=role, **asked | changes)


def test_good_demand_passes_everywhere():
    found = check(GOOD)
    assert {one.outcome for one in found} == {Outcome.PASS}
    assert len(found) > 12
    assert all(one.cure is None for one in found)


@pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda basis: basis.id)
def test_only_rows_known_whole_can_pass(basis):
    outcome = gravest(check(suited(basis)))
    assert (outcome is Outcome.PASS) == (basis.id in PASSES)
    if basis.unknown:
        assert "basis.incomplete" in wrong(suited(basis))


@pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda basis: basis.id)
def test_no_row_without_checks(basis):
    assert len(checks_for(basis).checks) >= 6


TRAPS = [
    # who
    (facts(role=OFFICER), {"role.not_allowed": "defect"}),
    (facts("NL-SV-126na-1", role=OFFICER, categories=["subscriber_identity"], **NO_JUDGE), {}),
    (facts(role="nl.burgemeester"),
     {"role.not_allowed": "defect", "agency.role_not_held": "defect", "person.role_not_held": "defect"}),
    (facts(agency=None), {"agency.unknown": "ask_human"}),
    (facts(person=None), {"person.unknown": "ask_human"}),
    (facts(agency=AgencyFacts("NL", (PROSECUTOR,), is_suspended=True)), {"agency.suspended": "ask_human"}),
    (facts(agency=AgencyFacts("NL", (OFFICER,), is_suspended=False)), {"agency.role_not_held": "defect"}),
    (facts(agency=AgencyFacts("DE", (PROSECUTOR,), is_suspended=False)), {"agency.other_state": "defect"}),
    (facts(person=PersonFacts((OFFICER,), is_suspended=False, is_of_agency=True)),
     {"person.role_not_held": "defect"}),
    (facts(person=PersonFacts((PROSECUTOR,), is_suspended=True, is_of_agency=True)),
     {"person.suspended": "ask_human"}),
    (facts(person=PersonFacts((PROSECUTOR,), is_suspended=False, is_of_agency=False)),
     {"person.other_agency": "ask_human"}),
    # which data
    (facts("NL-SV-126nd"), {"category.excluded": "defect"}),
    (facts(categories=["content_stored"]), {"category.excluded": "defect"}),
    (facts(categories=["sensitive"]), {"category.outside": "defect"}),
    (facts(categories=["usage_sessions"]), {"category.unsettled": "ask_human"}),
    # from a provider only what art. 126n and 126na do not give: art. 126ng lid 1
    (facts("NL-SV-126nc", role=OFFICER, categories=["subscriber_identity"]), {"category.unsettled": "ask_human"}),
    (facts("NL-SV-126nd", categories=["billing_payment"]), {"category.unsettled": "ask_human"}),
    (facts("NL-SV-126nd", categories=["device_identifiers"]), {"category.unsettled": "ask_human"}),
    (facts("NL-SV-126nd", categories=["usage_sessions"]), {}),
    (facts("NL-SV-126na-1", role=OFFICER, categories=["identifying_admin"]), {"category.excluded": "defect"}),
    (facts("NL-SV-126na-1", role=OFFICER, categories=["ip_identification"]),
     {"category.outside": "defect", "target.address_missing": "clarify"}),
    (facts("NL-SV-126ng-2", categories=["traffic_call_records"]), {"category.outside": "defect"}),
    (facts(items=()), {"items.none": "clarify"}),
    # the judge
    (facts(**NO_JUDGE), {"judicial.missing_by_case_law": "clarify"}),
    (facts("NL-SV-126u", **NO_JUDGE), {"judicial.missing_by_case_law": "clarify"}),
    (facts(categories=["subscriber_identity"], **NO_JUDGE), {}),
    (facts(categories=["subscriber_identity", "location"], **NO_JUDGE),
     {"judicial.missing_by_case_law": "clarify"}),
    (facts("NL-SV-126ng-2", categories=["content_stored"], **NO_JUDGE), {"judicial.missing_by_statute": "defect"}),
    (facts("NL-SV-126nf", categories=["sensitive"], **NO_JUDGE), {"judicial.missing_by_statute": "defect"}),
    (facts("NL-SV-126nd-6", categories=["identifying_admin"], **NO_JUDGE), {"judicial.missing_by_statute": "defect"}),
    (facts("NL-SV-126zn", categories=["sensitive"]), {}),
    (facts("NL-SV-126zn", categories=["sensitive"], **NO_JUDGE), {"judicial.missing_by_statute": "defect"}),
    (facts("NL-SV-126uf", categories=["sensitive"], **NO_JUDGE),
     {"judicial.missing_by_statute": "defect", "basis.incomplete": "ask_human", "validity.unknown": "ask_human",
      "period.look_back_unknown": "ask_human"}),
    (facts("NL-SV-126na-1", role=OFFICER, categories=["number_and_service"], is_source_protected=True, **NO_JUDGE),
     {"judicial.missing_by_statute": "defect"}),
    (facts(is_source_protected=True, **NO_JUDGE), {"judicial.missing_by_statute": "defect"}),
    (facts("NL-SV-126nd", categories=["usage_sessions"], is_source_protected=True, **NO_JUDGE),
     {"judicial.missing_by_statute": "defect"}),
    (facts(authorisation=Authorisation(None)), {"judicial.undated": "clarify"}),
    (facts(authorisation=Authorisation(date(2026, 11, 21))), {"judicial.after_order": "clarify"}),
    (facts(authorisation=Authorisation(TODAY)), {"judicial.after_order": "clarify"}),
    (facts("NL-SV-126nd-6", categories=["identifying_admin"], authorisation=SPOKEN), {}),
    (facts("NL-SV-126nd-6", categories=["identifying_admin"], authorisation=replace(SPOKEN, is_after_receipt=True)),
     {"judicial.after_order": "clarify"}),
    (facts(authorisation=Authorisation(date(2026, 11, 25))), {"judicial.in_future": "defect"}),
    (facts(authorisation=Authorisation(date(2026, 12, 1))), {"judicial.in_future": "defect"}),
    (facts(authorisation=Authorisation(date(2026, 11, 20))), {}),
    # form and dates
    (facts(has_order=False), {"form.order_missing": "clarify"}),
    (facts(form="oral", has_order=False), {"form.oral_by_analogy": "ask_human"}),
    (facts("NL-SV-126nc", role=OFFICER, categories=["identifying_admin"], form="oral", has_order=False),
     {"form.oral_urgent": "clarify"}),
    (facts("NL-SV-126zh", form="oral", has_order=False), {"form.oral_allowed": "clarify"}),
    (facts(order_date=date(2026, 11, 25)), {"dates.in_future": "defect"}),
    (facts(order_date=date(2026, 11, 24)), {"dates.after_receipt": "clarify"}),
    (facts(order_date=date(2004, 8, 31), authorisation=Authorisation(date(2004, 8, 30)),
           item={"starts_on": date(2004, 6, 1), "last_on": date(2004, 6, 2)}),
     {"basis.not_in_force": "defect"}),
    # period and target
    (facts(item={"is_reversed": True}), {"period.reversed": "clarify"}),
    (facts(item={"last_on": date(2026, 11, 20)}), {}),
    (facts(item={"last_on": date(2026, 11, 23)}), {}),
    (facts(item={"last_on": date(2026, 11, 24)}), {"period.to_come": "ask_human"}),
    (facts(item={"last_on": date(2027, 2, 20)}), {"period.to_come": "ask_human"}),
    (facts(item={"last_on": date(2027, 2, 21)}), {"period.too_far_ahead": "clarify"}),
    (facts("NL-SV-126nd", categories=["usage_sessions"], item={"last_on": date(2026, 11, 23), "target_kind": "email"}),
     {"period.nothing_to_come": "clarify"}),
    (facts("NL-SV-126zl", categories=["identifying_admin"], item={"last_on": date(2026, 11, 23)}),
     {"period.nothing_to_come": "clarify"}),
    (facts("NL-SV-126zm", categories=["identifying_admin"],
           item={"starts_on": date(2026, 11, 21), "last_on": date(2026, 11, 23)}),
     {"instrument.to_come": "ask_human", "judicial.unknown": "ask_human"}),
    (facts(item={"target_kind": "ip_address"}), {"target.instant_missing": "clarify"}),
    (facts(item={"target_kind": "ip_address", "has_instant": True}), {}),
    (facts("NL-SV-126n", categories=["ip_identification", "traffic_call_records"]), {"category.unsettled": "ask_human"}),
    (facts("NL-SV-126nc", role=OFFICER, categories=["identifying_admin"],
           item={"target_kind": "ip_address", "has_instant": True}),
     {"target.kind": "clarify"}),
    # no basis for stored data
    (facts("nl-sv-999"), {"basis.unknown": "clarify"}),
    (
        facts("nl-sv-999", order_date=date(2026, 12, 1)),
        {"basis.unknown": "clarify", "dates.in_future": "defect"},
    ),
    (
        facts("nl-sv-999", order_date=date(2026, 11, 24)),
        {"basis.unknown": "clarify", "dates.after_receipt": "clarify"},
    ),
    (
        facts("NL-SV-126m", item={"is_reversed": True}),
        {"basis.not_stored_data": "defect", "period.reversed": "clarify"},
    ),
    (facts("NL-SV-126m"), {"basis.not_stored_data": "defect"}),
    (facts("NL-SV-126nba"), {"basis.not_stored_data": "defect"}),
    (facts("NL-SV-126ni", categories=["traffic_call_records"]), {"instrument.preservation": "ask_human"}),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "expected"), TRAPS)
def test_known_traps(demand, expected):
    assert wrong(demand) == expected


def test_what_rests_on_no_article_says_so():
    unknown = check(facts("nl-sv-999", same_order=("c_1",)))
    assert {one.code for one in unknown} >= {"basis.unknown", "agency.known", "duplicate.order"}
    assert {one.article for one in unknown} == {OURS}
    assert all(one.article for basis in CATALOGUE.bases for one in check(suited(basis)))


OWED = {"role.validation_owed": "clarify", "judicial.validation_owed": "clarify"}
UNVALIDATED = {"role.not_validated": "defect", "judicial.not_validated": "defect"}


@pytest.mark.parametrize(
    ("basis", "category", "emergency", "expected"),
    [
        # Regulation (EU) 2023/1543 art. 4(5): orders for subscriber data and to preserve, in an
        # emergency; of traffic data and content it says nothing, so art. 4(2) holds without it
        ("EU-EPO-SUBSCRIBER", "subscriber_identity", None, UNVALIDATED),
        ("EU-EPO-SUBSCRIBER", "subscriber_identity", THREAT, OWED),
        ("EU-EPRO", "location", None, UNVALIDATED),
        ("EU-EPRO", "location", THREAT, OWED),
        ("EU-EPO-TRAFFIC", "location", THREAT, UNVALIDATED),
        ("EU-EPO-CONTENT", "content_stored", THREAT, UNVALIDATED),
    ],
)
def test_validation_may_follow_in_an_emergency(basis, category, emergency, expected):
    role = "eu.other_competent_authority"
    demand = belgian(basis, role, categories=[category], emergency=emergency, **NO_JUDGE)
    found = {one.code: one for one in check(demand) if one.code in {*OWED, *UNVALIDATED}}
    assert {code: str(one.outcome) for code, one in found.items()} == expected
    articles = {one.article for one in found.values()}
    assert ("Regulation (EU) 2023/1543 art. 4(5)" in articles) == (expected is OWED)


@pytest.mark.parametrize("kind", ["customer_number", "mac_address", "imsi", "imei", "phone_number"])
def test_sessions_of_anything_but_an_address_are_no_identification(kind):
    # Regulation (EU) 2023/1543 art. 3(10): addresses and their instants, to identify a user
    item = {"target_kind": kind}
    asked = {"categories": ["ip_identification"], "item": item, **NO_JUDGE}
    demand = belgian("EU-EPO-SUBSCRIBER", PROSECUTORS, **asked)
    missing = {"target.address_missing": "clarify"}
    assert {code: wrong(demand)[code] for code in wrong(demand).keys() - ALWAYS} == missing
    item |= {"target_kind": "ip_address", "has_instant": True}
    assert not wrong(belgian("EU-EPO-SUBSCRIBER", PROSECUTORS, **asked)).keys() - ALWAYS


@pytest.mark.parametrize("basis", ["US-SCA-2703C2", "US-SCA-2703D", "DE-STPO-100G", "UK-IPA-60A"])
def test_foreign_order_does_not_bind(basis):
    found = {one.code: one for one in check(suited(basis_of(basis)))}
    defect = found["basis.foreign"]
    route = (
        "european_order_or_investigation_order" if basis[:2] == "DE" else "mutual_legal_assistance"
    )
    assert defect.seen["route"] == route
    assert "category.inside" not in found


MISSING = {"role.not_validated": "defect", "judicial.not_validated": "defect"}
UNPROVEN = {"judicial.validation_unproven": "ask_human"}


@pytest.mark.parametrize(
    ("basis", "emergency", "is_owed"),
    [
        ("EU-EPRO", THREAT, True),
        ("EU-EPRO", None, False),
        ("EU-EPO-TRAFFIC", THREAT, False),
        ("NL-SV-126n", THREAT, False),
    ],
)
def test_rule_by_which_validation_may_follow_is_named_where_it_is_owed(basis, emergency, is_owed):
    row = basis_of(basis)
    demand = belgian(basis, "eu.other_competent_authority", emergency=emergency, **NO_JUDGE)
    rule = rule_of_owed(Case(demand, row, CATALOGUE, TODAY))
    assert rule == (row.validation.afterwards.rule if is_owed else None)
    assert (rule is not None) is is_owed


UNKNOWN = {"role.validator_unknown": "ask_human"} | UNPROVEN
PROSECUTORS, OTHERS = "eu.public_prosecutor", "eu.other_competent_authority"
JUDGE = ValidatorFacts(("eu.judge",), "BE")
COURT = replace(JUDGE, roles=(OFFICER, "eu.court"))
COLLEAGUE = replace(JUDGE, roles=(PROSECUTORS,))
EUROPEAN = [
    ("EU-EPO-TRAFFIC", "eu.judge", None, {}),
    ("EU-EPO-TRAFFIC", PROSECUTORS, None, MISSING),
    ("EU-EPO-TRAFFIC", PROSECUTORS, JUDGE, {}),
    ("EU-EPO-CONTENT", PROSECUTORS, COURT, {}),
    ("EU-EPO-CONTENT", PROSECUTORS, ValidatorFacts(), UNKNOWN),
    ("EU-EPO-CONTENT", PROSECUTORS, replace(JUDGE, roles=()), UNKNOWN),
    ("EU-EPO-CONTENT", PROSECUTORS, replace(JUDGE, roles=("eu.burgomaster",)), UNKNOWN),
    ("EU-EPO-CONTENT", PROSECUTORS, replace(JUDGE, roles=("eu.burgomaster", OFFICER)), UNKNOWN),
    ("EU-EPO-CONTENT", PROSECUTORS, COLLEAGUE, {"role.validator_not_competent": "defect"} | UNPROVEN),
    ("EU-EPO-CONTENT", PROSECUTORS, replace(JUDGE, is_suspended=True),
     {"role.validator_suspended": "ask_human"} | UNPROVEN),
    ("EU-EPO-CONTENT", PROSECUTORS, replace(JUDGE, country="DE"),
     {"role.validator_of_other_state": "ask_human"} | UNPROVEN),
    ("EU-EPO-SUBSCRIBER", PROSECUTORS, None, {}),
    ("EU-EPO-SUBSCRIBER", OTHERS, None, MISSING),
    ("EU-EPO-SUBSCRIBER", OTHERS, COLLEAGUE, {}),
]  # fmt: skip
ALWAYS = {
    *("instrument.european", "instrument.european_at_once"),
    "basis.incomplete",
    "validity.unknown",
}


def european(basis, role, validator, **changes):
    categories = basis_of(basis).categories[:1]
    return belgian(basis, role, categories=categories, validator=validator, **changes)


@pytest.mark.parametrize(
    ("basis", "code"),
    [
        ("EU-EPO-TRAFFIC", "instrument.european"),
        ("EU-EPO-CONTENT", "instrument.european"),
        ("EU-EPO-SUBSCRIBER", "instrument.european_at_once"),
    ],
)
def test_day_ten_is_spoken_of_only_where_the_row_waits_for_an_authority(basis, code):
    found = {one.code: one for one in check(european(basis, "eu.judge", None))}
    assert {one for one in found if one.startswith("instrument.")} == {code}
    assert ("day 10" in found[code].says) is (code == "instrument.european")
    assert ("dag 10" in found[code].says_nl) is (code == "instrument.european")


@pytest.mark.parametrize(("basis", "role", "validator", "expected"), EUROPEAN)
def test_who_issues_a_european_order(basis, role, validator, expected):
    found = wrong(european(basis, role, validator, **NO_JUDGE))
    assert {code: out for code, out in found.items() if code not in ALWAYS} == expected


@pytest.mark.parametrize(
    ("given_on", "validator", "expected"),
    [
        (date(2026, 11, 19), None, UNKNOWN),
        (date(2026, 11, 19), ValidatorFacts(), UNKNOWN),
        (date(2026, 11, 19), JUDGE, {}),
        (None, None, {"role.validator_unknown": "ask_human", "judicial.undated": "clarify"}),
        (None, JUDGE, {"judicial.undated": "clarify"}),
        (date(2026, 11, 21), JUDGE, {"judicial.after_order": "clarify"}),
    ],
)
def test_reference_alone_validates_no_european_order(given_on, validator, expected):
    given = {"authorisation": Authorisation(given_on)}
    found = wrong(european("EU-EPO-CONTENT", PROSECUTORS, validator, **given))
    assert {code: out for code, out in found.items() if code not in ALWAYS} == expected


def test_unproven_validation_names_its_article_and_who_may():
    demand = european("EU-EPO-CONTENT", PROSECUTORS, ValidatorFacts(), **NO_JUDGE)
    found = {one.code: one for one in check(demand)}
    asked = found["role.validator_unknown"]
    assert asked.article == basis_of("EU-EPO-CONTENT").citation
    assert asked.seen["allowed"] == ["eu.judge", "eu.court", "eu.investigating_judge"]
    assert asked.ground == "european_order_defect"
    assert asked.can_be_accepted
    suspended = replace(demand, validator=replace(JUDGE, is_suspended=True))
    found = {one.code: one for one in check(suspended)}
    assert not found["role.validator_suspended"].can_be_accepted


@pytest.mark.parametrize(
    ("country", "code"),
    [("NL", "agency.own_state"), ("DK", "agency.other_state"), ("US", "agency.other_state")],
)
def test_states_without_european_orders(country, code):
    demand = belgian("EU-EPO-TRAFFIC", "eu.judge")
    moved = replace(demand, agency=replace(demand.agency, country=country))
    assert wrong(moved)[code] == "defect"


def test_european_order_reaches_what_is_held_at_receipt():
    """To the instant: the rest of the day of receipt is to come."""
    for later, is_held in ((timedelta(0), True), (timedelta(microseconds=1), False)):
        item = {"last_on": GOOD.received_on, "ends_at": GOOD.received_at + later}
        found = wrong(belgian("EU-EPO-TRAFFIC", "eu.judge", item=item))
        assert ("period.after_receipt" not in found) == is_held
    whole_day = {"last_on": GOOD.received_on}
    asked = belgian("EU-EPO-TRAFFIC", "eu.judge", item=whole_day)
    (one,) = (one for one in check(asked) if one.code.startswith("period."))
    assert (one.code, str(one.outcome)) == ("period.after_receipt", "clarify")
    assert one.seen["received_at"] == "2026-11-23T09:30:00.000000Z"
    assert "2026-11-23 10:30 (+01:00)" in one.cure


def test_defect_names_where_a_category_belongs():
    (defect,) = [one for one in check(facts("NL-SV-126nd")) if one.outcome is Outcome.DEFECT]
    assert defect.seen == {"category": "traffic_call_records", "belongs_to": ["NL-SV-126n"]}
    assert "art. 126n;" in defect.cure
    assert defect.article.startswith("Wetboek van Strafvordering art. 126nd")
    assert defect.ground == "category_outside_basis"
    (content,) = [one for one in check(facts(categories=["content_stored"])) if one.cure]
    assert content.seen["belongs_to"] == ["NL-SV-126ng-2"]


@pytest.mark.parametrize(
    ("basis", "category", "homes"),
    [
        ("NL-SV-126u", "content_stored", ["NL-SV-126ug-2"]),  # of its own family
        ("NL-SV-126u", "sensitive", ["NL-SV-126uf"]),
        ("NL-SV-126zh", "sensitive", ["NL-SV-126zn"]),
        ("NL-SV-126u", "bulk_dataset", []),  # of no title a production order for a provider
        ("EU-EPO-CONTENT", "sensitive", []),  # and no Dutch article for another law
        (
            "NL-SV-126ii",
            "traffic_call_records",
            ["NL-SV-126n"],
        ),  # where that has none, the ordinary
        ("NL-WIV-54", "traffic_call_records", ["NL-WIV-55"]),
        ("NL-WIV-55", "sensitive", []),  # which no intelligence service may use
    ],
)
def test_category_outside_names_an_article_of_its_law(basis, category, homes):
    (defect,) = (
        one
        for one in check(suited(basis_of(basis), items=(replace(ITEM, categories=(category,)),)))
        if one.subject == category
    )
    assert defect.seen["belongs_to"] == homes


def test_each_category_is_judged_alone():
    two = replace(ITEM, n=2, categories=("content_stored", "subscriber_identity"))
    found = {one.ref: one.outcome for one in check(facts(items=(ITEM, two)))}
    assert found["category.inside/1/traffic_call_records"] == "pass"
    assert found["category.excluded/2/content_stored"] == "defect"
    assert found["category.inside/2/subscriber_identity"] == "pass"


def test_no_two_findings_share_a_reference():
    for basis in CATALOGUE.bases:
        demand = replace(suited(basis), agency=None, person=None)
        refs = [one.ref for one in check(demand)]
        assert len(refs) == len(set(refs))


def test_memory_lowers_confidence():
    two = facts(categories=["traffic_call_records", "location"])
    found = {one.subject: one.confidence for one in check(two) if one.subject}
    assert found == {"traffic_call_records": "high", "location": "medium"}


def remembered(field):
    """Return the article whose one field rests on memory alone."""
    basis = basis_of("NL-SV-126n")
    return replace(basis, confidence="high", memory={field: Memory("low", None, ())})


def told(ask, basis, **item):
    """Return what is found about an item: by code its confidence."""
    one = replace(ITEM, **item)
    case = Case(facts(items=(one,)), basis, CATALOGUE, TODAY)
    return {finding.code: finding.confidence for finding in ask(case, one)}


def test_each_finding_is_as_sure_as_the_field_it_rests_on():
    both = {"categories": ("usage_sessions", "traffic_call_records")}
    for field, unsettled, inside in (
        ("unsettled_categories", "low", "high"),
        ("categories", "high", "low"),
        ("look_back", "high", "high"),
    ):
        assert told(categories_inside, remembered(field), **both) == {
            "category.unsettled": unsettled,
            "category.inside": inside,
        }
    ahead, reversed_ = {"last_on": date(2026, 12, 1)}, {"is_reversed": True}
    for field, back, forward in (
        ("look_back", "low", "high"), ("look_forward", "high", "low"), ("targets", "high", "high"),
    ):  # fmt: skip
        basis = remembered(field)
        assert told(period_inside, basis) == {"period.inside": back}
        assert told(period_inside, basis, **reversed_) == {"period.reversed": back}
        assert told(period_inside, basis, **ahead) == {"period.to_come": forward}
        unknown = replace(basis, look_back=None)
        assert told(period_inside, unknown) == {"period.look_back_unknown": back}
    assert told(target_precise, remembered("targets")) == {"target.precise": "low"}


@pytest.mark.parametrize(
    ("check_of", "field"),
    [
        (RoleAllowed(), "issuing_roles"),
        (FormAllowed(), "oral"),
        (JudgeAuthorised(), "judicial_authorisation"),
        (ContentsStated(), "contents"),
        (ThresholdStated(), "threshold"),
        (OrderLasts(), "order_validity"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_check_is_as_sure_as_what_the_row_says_of_its_field(check_of, field):
    for of_row, confidence in ((field, "low"), ("targets", "high")):
        case = Case(GOOD, remembered(of_row), CATALOGUE, TODAY)
        assert {one.confidence for one in check_of.find(case)} == {confidence}


def test_row_that_does_not_say_what_an_order_states_is_as_sure_as_that():
    case = Case(GOOD, replace(remembered("contents"), contents=None), CATALOGUE, TODAY)
    (finding,) = ContentsStated().find(case)
    assert (finding.code, finding.confidence) == ("contents.unknown", "low")


@pytest.mark.parametrize("basis", ["NL-SV-126n", "US-SCA-2703D", "no-such-basis"])
def test_officer_who_asks_about_an_own_number_is_found(basis):
    for asks, expected in ((True, ["own.officer"]), (False, [])):
        found = check(facts(basis, asks_about_own=asks))
        assert [one.code for one in found if one.code.startswith("own.")] == expected


@pytest.mark.parametrize(
    ("gives", "categories", "code"),
    [
        (("provider_chain",), ["provider_chain"], "instrument.chain"),
        (("provider_chain", "traffic_other"), ["provider_chain"], "instrument.chain"),
        (("traffic_other",), ["provider_chain"], "instrument.preservation"),
        ((), ["provider_chain"], "instrument.preservation"),
        (None, ["provider_chain"], "instrument.chain_unknown"),
        (("provider_chain",), ["provider_chain", "traffic_other"], "instrument.preservation"),
    ],
)
def test_chain_alone_is_handed_over_where_the_law_says_so(gives, categories, code):
    basis = basis_of("NL-SV-126ni")
    told = replace(basis, preservation=replace(basis.preservation, gives=gives))
    case = Case(facts("NL-SV-126ni", categories=categories), told, CATALOGUE, TODAY)
    assert [one.code for one in InstrumentHandled().find(case)] == [code]


def test_chain_is_not_handed_over_where_nothing_is_kept():
    told = replace(basis_of("NL-SV-126ni"), preservation=None)
    case = Case(facts("NL-SV-126ni", categories=["provider_chain"]), told, CATALOGUE, TODAY)
    assert [one.code for one in InstrumentHandled().find(case)] == ["instrument.preservation"]


def test_role_that_nobody_knows_is_shown_as_unknown():
    case = Case(facts(role="the king"), basis_of("NL-SV-126n"), CATALOGUE, TODAY)
    for check_of in (RoleAllowed(), AgencyCompetent(), PersonCompetent()):
        assert list(check_of.find(case))[-1].seen["role"] == "unknown"


def test_category_is_unknown_where_the_row_does_not_say_what_is_unsettled():
    basis = replace(basis_of("NL-SV-126n"), unsettled_categories=None, confidence="high")
    known = {"categories": ("traffic_call_records", "content_stored")}
    assert told(categories_inside, basis, **known) == {
        "category.inside": "high",
        "category.excluded": "high",
    }
    assert told(categories_inside, basis, categories=("sensitive",)) == {"category.unknown": "high"}
    none = replace(basis, categories=None)
    assert set(told(categories_inside, none, **known)) == {"category.unknown"}


def test_period_to_the_day_of_the_order_lies_in_the_past():
    one = replace(ITEM, last_on=ORDER_DATE)
    case = Case(facts(items=(one,)), basis_of("NL-SV-126n"), CATALOGUE, TODAY)
    (finding,) = period_inside(case, one)
    assert finding.seen == {"days_before_order": (ORDER_DATE - one.starts_on).days}
    later = replace(one, last_on=ORDER_DATE + timedelta(days=1))
    (finding,) = period_inside(case, later)
    assert finding.seen["days_after_order"] == 1


def test_empty_set_of_checks_is_no_pass():
    case = Case(GOOD, basis_of("NL-SV-126n"), CATALOGUE, TODAY)
    (finding,) = AllOf([]).find(case)
    assert (finding.outcome, finding.article) == (Outcome.ASK_HUMAN, case.basis.citation)
    assert gravest([]) is Outcome.ASK_HUMAN


def test_each_item_is_asked_what_it_was_made_for():
    case = Case(facts(items=(ITEM, replace(ITEM, n=2))), basis_of("NL-SV-126n"), CATALOGUE, TODAY)
    assert [one.ref for one in EachItem(target_precise).find(case)] == [
        "target.precise/1",
        "target.precise/2",
    ]
    none = replace(case, facts=facts(items=()))
    (finding,) = EachItem(target_precise).find(none)
    assert (finding.code, finding.article) == ("items.none", case.basis.citation)


def test_silent_check_is_no_pass():
    class Silent:
        def find(self, case):
            return iter(())

    case = Case(GOOD, basis_of("NL-SV-126n"), CATALOGUE, TODAY)
    (finding,) = AllOf([Silent()]).find(case)
    assert (finding.code, finding.article) == ("checks.silent", case.basis.citation)
    assert finding.seen == {"check": "Silent"}


@pytest.mark.parametrize(
    ("status", "valid_to", "day", "code"),
    [
        ("in_force", None, ORDER_DATE, "basis.in_force"),
        ("in_force", ORDER_DATE, ORDER_DATE, "basis.in_force"),
        ("repealed", ORDER_DATE, ORDER_DATE, "basis.in_force"),
        ("repealed", ORDER_DATE, ORDER_DATE + timedelta(days=1), "basis.not_in_force"),
        ("repealed", None, ORDER_DATE, "basis.in_force_unknown"),
        ("unknown", None, ORDER_DATE, "basis.in_force_unknown"),
        ("unknown", ORDER_DATE, ORDER_DATE, "basis.in_force_unknown"),
    ],
)
def test_basis_holds_from_its_first_to_its_last_day(status, valid_to, day, code):
    basis = replace(basis_of("NL-SV-126n"), status=status, valid_to=valid_to)
    case = Case(facts(order_date=day), basis, CATALOGUE, TODAY)
    (finding,) = BasisInForce().find(case)
    assert finding.code == code
    assert finding.seen.get("valid_to") == (valid_to.isoformat() if valid_to else None)


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (None, []),
        (KeptFacts(is_kept=False), [("preserved.unknown", {})]),
        (KeptFacts(True, (2,)), [("preserved.not_covered", {"items": [2]})]),
        (KeptFacts(True), [("preserved.covers", {})]),
    ],
)
def test_order_that_follows_a_preservation_is_held_against_it(kept, found):
    told = preserved_before(facts(kept=kept))
    assert [(one.code, dict(one.seen)) for one in told] == found


def test_power_over_no_stored_data_names_its_article():
    (one,) = (one for one in check(facts("NL-SV-126m")) if one.code == "basis.not_stored_data")
    assert one.article == "Wetboek van Strafvordering art. 126m, 126t, 126zg"
    assert one.seen == {"basis": "NL-SV-126m"}


def test_unknown_words_are_not_repeated():
    odd = facts("pietersen.jan", role="jan.pietersen")
    for demand in (odd, replace(odd, legal_basis="NL-SV-126n")):
        assert "pietersen" not in str([one.dump() for one in check(demand)])


def test_authorisation_without_known_consequence_asks_a_person():
    row = basis_of("NL-SV-126nf")
    unclear = replace(row, judicial=replace(row.judicial, if_missing=None))
    catalogue = replace(CATALOGUE, _editions={row.id.lower(): (unclear,)})
    demand = facts(row.id, categories=["sensitive"], **NO_JUDGE)
    assert wrong(demand, catalogue=catalogue)["judicial.unknown"] == "ask_human"


def test_finding_survives_being_stored():
    for finding in check(facts("NL-SV-126nd", **NO_JUDGE)):
        assert load_finding(finding.dump()) == finding


@pytest.mark.parametrize("code", ["basis.unknown", "agency.unknown", "instrument.preservation"])
def test_what_holds_cannot_be_accepted(code):
    basis = {"basis.unknown": "x", "instrument.preservation": "NL-SV-126ni"}.get(code, "NL-SV-126n")
    found = {one.code: one for one in check(facts(basis, agency=None))}
    assert not found[code].can_be_accepted
    assert not found[code].needs_retyping
    assert make_finding("order.target_differs").needs_retyping
    assert not found[code].needs_another
    assert make_finding("own.officer").needs_another


def test_expired_order_is_defective():
    basis = basis_of("UK-IPA-60A")
    assert basis.order_validity.value == 1
    for day, expired in ((date(2026, 12, 20), False), (date(2026, 12, 21), True)):
        row = replace(basis_of("NL-SV-126n"), order_validity=basis.order_validity)
        catalogue = replace(CATALOGUE, _editions={row.id.lower(): (row,)})
        codes = {one.code for one in check_demand(GOOD, catalogue, day)}
        assert ("validity.expired" in codes) == expired


def test_lack_that_was_taken_over_by_analogy_is_asked_about():
    demand = facts(
        "NL-SV-126ud", categories=["usage_sessions"], is_source_protected=True, **NO_JUDGE
    )
    assert wrong(demand)["judicial.missing"] == "clarify"
