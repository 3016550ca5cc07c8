"""Whom an order addresses, whom it is about, what it states, and whether it came before."""

from dataclasses import replace
from datetime import date

import pytest

from lea_service.demands.demand import (
    CONTENTS,
    Capacity,
    ProcessorGround,
    Protection,
    Target,
    TargetKind,
)
from lea_service.demands.devices import check_digit, normalise_imei
from lea_service.legal.breadth import CONSECUTIVE, MANY, Breadth, breadth_of, breadths_of
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.contents import SAID_BY, WANTED, tell_offence
from tests.legal.cases import GOOD, ITEM, basis_of, check, facts, suited, wrong

CATALOGUE = load_catalogue()
CODES = CATALOGUE.codes
OFFICER = "nl.opsporingsambtenaar"
EUROPEAN = "EU-EPO-CONTENT"
CONTENT = {"basis": "NL-SV-126ng-2", "categories": ["content_stored"]}


def found(demand, prefix):
    """Return the findings whose code begins so, by what tells them apart."""
    return {one.ref: one for one in check(demand) if one.code.startswith(prefix)}


def only(demand, prefix):
    (one,) = found(demand, prefix).values()
    return one


def test_tables_explain_what_a_demand_can_say():
    assert sorted(CODES["contents"]) == list(CONTENTS)
    assert list(CODES["capacities"]) == [str(one) for one in Capacity]
    assert list(CODES["processor_grounds"]) == [str(one) for one in ProcessorGround]
    assert list(CODES["protections"]) == [str(one) for one in Protection]
    whens = {row["when"] for row in CODES["contents"].values()}
    assert whens <= set(CODES["contents_when"]) == set(WANTED)
    assert {row["said_by"] for row in CODES["contents"].values() if "said_by" in row} == {*SAID_BY}


CAPACITIES = [
    ({}, "provider", None, "addressee.right", "pass"),
    ({}, None, None, "addressee.not_material", "pass"),
    ({}, "reseller", None, "addressee.reseller", "ask_human"),
    ({}, "processor", None, "addressee.processor", "ask_human"),
    (CONTENT, None, None, "addressee.unknown", "ask_human"),
    (CONTENT, "controller", None, "addressee.right", "pass"),
    ({"basis": EUROPEAN}, None, None, "addressee.unknown", "ask_human"),
    ({"basis": EUROPEAN}, "provider", None, "addressee.controller_unclear", "ask_human"),
    ({"basis": EUROPEAN}, "controller", None, "addressee.right", "pass"),
    ({"basis": EUROPEAN}, "processor", None, "addressee.controller_first", "clarify"),
    ({"basis": EUROPEAN}, "processor", "controller_unknown", "addressee.processor_stated", "pass"),
    ({"basis": EUROPEAN}, "reseller", None, "addressee.reseller", "ask_human"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "capacity", "ground", "code", "outcome"), CAPACITIES)
def test_capacity_matters_where_it_does(asked, capacity, ground, code, outcome):
    demand = facts(**asked, capacity=capacity, processor_ground=ground, other_holders=2)
    one = only(demand, "addressee.")
    assert (one.code, str(one.outcome)) == (code, outcome)
    assert one.seen["other_holders"] == 2
    assert one.seen.get("processor_ground") == ground
    is_european = asked.get("basis") == EUROPEAN
    assert ("art. 5(6)" in one.article) == is_european
    assert one.confidence == "high"


SUSPECTS = [
    ("NL-SV-126nc", True, "suspect.addressed", "defect"),
    ("NL-SV-126nc", False, "suspect.not_addressed", "pass"),
    ("NL-SV-126nc", None, "suspect.unknown", "ask_human"),
    ("NL-SV-126ne", True, "suspect.addressed_unsettled", "ask_human"),
    ("NL-SV-126ne", None, "suspect.unknown", "ask_human"),
    ("NL-SV-126ni", True, "suspect.addressed", "defect"),
    ("NL-SV-126n", True, "suspect.addressed_unsettled", "ask_human"),
    ("NL-SV-126n", None, "suspect.not_material", "pass"),
]


@pytest.mark.parametrize(("basis", "told", "code", "outcome"), SUSPECTS)
def test_suspect_is_not_addressed(basis, told, code, outcome):
    one = only(suited(basis_of(basis), is_addressee_suspect=told), "suspect.")
    assert (one.code, str(one.outcome)) == (code, outcome)
    assert one.seen == {"is_suspect": told}
    assert (one.article == "Wetboek van Strafvordering art. 126nc, 126nd, 126nh, 126ni") == (
        basis != "NL-SV-126n"
    )


PROTECTIONS = [
    ("NL-SV-126n", None, "protection.not_flagged", "pass"),
    ("NL-SV-126n", "none", "protection.none", "pass"),
    ("NL-SV-126n", "lawyer", "protection.privilege", "ask_human"),
    ("NL-SV-126n", "journalist_or_source", "protection.source", "clarify"),
    ("NL-SV-126n", "immunity", "protection.other", "ask_human"),
    ("NL-SV-126n", "other", "protection.other", "ask_human"),
    (EUROPEAN, "none", "protection.none", "pass"),
    (EUROPEAN, "lawyer", "protection.european", "clarify"),
    (EUROPEAN, "journalist_or_source", "protection.european", "clarify"),
    (EUROPEAN, "immunity", "protection.european", "clarify"),
]


@pytest.mark.parametrize(("basis", "protection", "code", "outcome"), PROTECTIONS)
def test_protected_person_never_passes(basis, protection, code, outcome):
    one = only(facts(basis, item={"protection": protection}), "protection.")
    assert (one.code, str(one.outcome), one.item) == (code, outcome, 1)
    articles = {
        "protection.source": "art. 218a lid 2",
        "protection.privilege": "96a lid 3",
        "protection.european": "art. 10(5)",
    }
    assert articles.get(code, basis_of(basis).citation) in one.article


def test_source_needs_the_judge_of_the_catalogue():
    asked = {"role": OFFICER, "categories": ["number_and_service"], "authorisation": None}
    demand = facts("NL-SV-126na-1", **asked, item={"protection": "journalist_or_source"})
    assert "judicial.missing_by_statute" not in wrong(demand)
    assert wrong(replace(demand, is_source_protected=True)) == {
        "judicial.missing_by_statute": "defect",
        "protection.source": "clarify",
    }


def test_contents_are_ticked_by_who_read_them():
    one = only(facts(states=None), "contents.")
    assert (one.code, str(one.outcome)) == ("contents.not_read", "ask_human")
    assert one.seen["unread"] == [*basis_of("NL-SV-126n").contents]
    some = facts(states=frozenset({"period", "data_requested"}))
    missing = found(some, "contents.")
    assert {*missing} == {
        "contents.missing/target_person_or_number", "contents.missing/legal_basis_title",
    }  # fmt: skip
    named = missing["contents.missing/legal_basis_title"]
    assert (str(named.outcome), named.ground) == ("clarify", "content_missing")
    assert named.seen == {"nl": "De titel (het artikel)", "en": "The article"}
    assert only(facts(), "contents.").code == "contents.stated"


def test_fields_of_their_own_state_contents():
    law = facts("NL-SV-126nf", categories=["sensitive"], states=None, authorisation=None)
    assert "reference_to_rc_authorisation" in only(law, "contents.").seen["unread"]
    given = replace(law, authorisation=GOOD.authorisation)
    assert "reference_to_rc_authorisation" not in only(given, "contents.").seen["unread"]
    terror = facts("NL-SV-126zh", states=frozenset(basis_of("NL-SV-126n").contents))
    assert {*found(terror, "contents.")} == {"contents.missing/terrorist_offence_and_facts"}
    stated = replace(terror, has_offence=True)
    assert only(stated, "contents.").code == "contents.stated"
    assert only(stated, "threshold.").seen["states_offence"] is True


@pytest.mark.parametrize(
    ("capacity", "ground", "wanted"),
    [
        ("controller", None, False),
        ("processor", None, True),
        ("processor", "controller_harmful", True),
    ],
)
def test_processor_is_told_why_it_is_asked(capacity, ground, wanted):
    demand = facts(EUROPEAN, capacity=capacity, processor_ground=ground, states=frozenset())
    refs = found(demand, "contents.")
    is_missing = "contents.missing/processor_confirmation_if_any" in refs
    assert is_missing == (wanted and ground is None)
    assert "contents.missing/emergency_reasons_if_any" not in refs


def test_contents_of_data_to_come_are_wanted_then_only():
    basis = replace(basis_of("NL-SV-126n"), contents=("period_if_future_data",))
    catalogue = replace(CATALOGUE, _editions={basis.id.lower(): (basis,)})
    for last, code in (
        (date(2026, 11, 20), "contents.stated"),
        (date(2026, 11, 21), "contents.not_read"),
    ):
        demand = facts(states=None, item={"last_on": last})
        assert code in {one.code for one in check(demand, catalogue)}


def test_unknown_contents_ask_a_person():
    basis = replace(basis_of("NL-SV-126n"), contents=None)
    catalogue = replace(CATALOGUE, _editions={basis.id.lower(): (basis,)})
    assert wrong(GOOD, catalogue=catalogue) == {"contents.unknown": "ask_human"}


def test_provider_says_that_it_does_not_weigh():
    said = only(GOOD, "threshold.")
    assert "niet de proportionaliteit" in said.seen["nl"]
    assert "not proportionality" in said.seen["en"]
    assert str(said.outcome) == "pass"
    assert str(said.seen["threshold"]).startswith("Suspicion of an offence for which pre-trial")


def test_offence_is_told_beside_the_threshold_alone():
    said = only(GOOD, "threshold.")
    assert tell_offence(said, "diefstal (310 Sr)").seen == {
        **said.seen,
        "offence": "diefstal (310 Sr)",
    }
    assert tell_offence(said, None) == said
    other = only(GOOD, "duplicate.")
    assert tell_offence(other, "diefstal (310 Sr)") == other


def test_repeats_name_the_other_demands():
    ids = tuple(f"c_{n:032x}" for n in range(12))
    assert only(GOOD, "duplicate.").code == "duplicate.none"
    same = found(facts(same_order=ids, same_document=ids[:1]), "duplicate.")
    assert same["duplicate.order"].seen == {"demands": [*ids[:10]], "count": 12}
    assert same["duplicate.document"].seen == {"demands": [ids[0]], "count": 1}
    assert {str(one.outcome) for one in same.values()} == {"ask_human"}
    for basis in ("no-such-basis", "US-SCA-2703D"):
        assert "duplicate.order" in wrong(facts(basis, same_order=ids))


PHONE, CUSTOMER = TargetKind.PHONE_NUMBER, TargetKind.CUSTOMER_NUMBER
SIP, MAIL, ADDRESS, EXTENSION = (
    TargetKind.SIP_URI, TargetKind.EMAIL, TargetKind.IP_ADDRESS, TargetKind.PHONE_ID,
)  # fmt: skip
BREADTHS = [
    (PHONE, "+31612345678", "one"), (PHONE, "0800-2345", "one"), (PHONE, "+31 20", "short_number"),
    (PHONE, "112", "short_number"), (PHONE, "020-1234", "short_number"),
    (CUSTOMER, "K-1001", "one"), (CUSTOMER, "2026-0001", "one"), (CUSTOMER, "10-1", "one"),
    (CUSTOMER, "1000-1999", "range"), (CUSTOMER, "1000 t/m 1999", "range"),
    (CUSTOMER, "1000-1000", "one"), (CUSTOMER, "1999-1000", "one"),
    (CUSTOMER, "*", "pattern"), (CUSTOMER, "10%", "pattern"), (CUSTOMER, "06xxxx", "pattern"),
    (CUSTOMER, "06 xxxx", "pattern"), (CUSTOMER, "Allen", "everybody"),
    (CUSTOMER, "alle klanten", "everybody"), (CUSTOMER, "All customers", "everybody"),
    (CUSTOMER, "Allard", "one"), (CUSTOMER, "cell 204-04-1-2", "cell"), (CUSTOMER, "Marcel", "one"),
    (PHONE, "0201234500-99", "range"), (PHONE, "06-12345678", "one"),
    (PHONE, "0201234500 99", "range"), (PHONE, "+1 212 555 0100/99", "range"),
    (CUSTOMER, "every customer", "everybody"), (CUSTOMER, "elke klant", "everybody"),
    (CUSTOMER, "iedere abonnee", "everybody"), (CUSTOMER, "klantenbestand", "everybody"),
    (CUSTOMER, "Elkema", "one"), (CUSTOMER, "Antennebouw BV", "one"),
    (CUSTOMER, "cel-id 99", "cell"), (CUSTOMER, "eNodeB 77", "cell"), (CUSTOMER, "cel 99", "cell"),
    (CUSTOMER, "CID 5", "cell"), (CUSTOMER, "204-08-1234-5678", "cell"),
    (CUSTOMER, "every single customer", "everybody"), (CUSTOMER, "elk account", "everybody"),
    (CUSTOMER, "elke  persoon", "everybody"),
    (CUSTOMER, "204-12-3456", "one"), (CUSTOMER, "CID-12345", "one"),
    (CUSTOMER, "het klantenbestand", "everybody"), (MAIL, "elke.jansen@firma.example", "one"),
    (SIP, "sip:elke@pbx.example", "one"), (MAIL, "every.day@firma.example", "one"), (SIP, "sip:+31201234xxx@pbx.example", "pattern"),
    (CUSTOMER, "12345678/9", "one"), (CUSTOMER, "12345678-9", "one"),
    (PHONE, "+31 (0)20 1234-567", "one"), (PHONE, "+31 20 1234500-9", "range"),
    (CUSTOMER, "0201234500-99", "range"), (CUSTOMER, "0201234599-00", "one"),
    (CUSTOMER, "1000-99", "one"), (CUSTOMER, "+31201234500 t/m +31201234599", "range"),
    (CUSTOMER, "020 1234500 tot en met 020 1234599", "range"), (CUSTOMER, "100 t/m 100", "one"),
    (CUSTOMER, "+31201234500 – +31201234599", "range"), (CUSTOMER, "0201234500..99", "range"),
    (CUSTOMER, "10.0.0.0/24", "range"), (CUSTOMER, "10.0.0.1/32", "one"),
    (CUSTOMER, "2001:db8::/64", "range"), (CUSTOMER, "10.0.0.1-10.0.0.9", "range"),
    (CUSTOMER, "10.0.0.1 - 10.0.0.1", "one"), (CUSTOMER, "2026/17", "one"),
    (SIP, "sip:0201234500-99@pbx.example", "range"),
    (EXTENSION, "200-299", "range"), (EXTENSION, "200", "one"),
    (SIP, "sip:*@pbx.example", "pattern"), (SIP, "sip:all@pbx.example", "everybody"),
    (SIP, "sip:jan@all.example", "one"), (SIP, "sip:a%25@pbx.example", "one"),
    (SIP, "sip:a%@pbx.example", "pattern"), (SIP, "sip:%31%32@pbx.example", "one"),
    (MAIL, "all@firma.example", "everybody"), (MAIL, "jan@cell.example", "one"),
    (ADDRESS, "192.0.2.1", "one"), (ADDRESS, "2001:db8::1", "one"),
    (TargetKind.IMEI, "35-693803-564380-9", "one"), (TargetKind.IMSI, "204081234567890", "one"),
    (TargetKind.MAC_ADDRESS, "00-1a-2b-3c-4d-5e", "one"),
    (TargetKind.ICCID, "8931080012345678904", "one"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "breadth"), BREADTHS)
def test_breadth_of_a_target(kind, value, breadth):
    assert breadth_of(kind, value, "NL") == breadth


def test_number_is_one_by_the_plan_of_its_country():
    assert breadth_of(PHONE, "0201234500-99", "DE") == "one"


def with_check_digit(digits):
    return digits + check_digit(digits)


def many(count, write, kind=PHONE):
    return breadths_of([Target(kind, write(n)) for n in range(count)], "NL")


ROWS = [
    (PHONE, lambda n: f"+3120123{4500 + n}"),
    (PHONE, lambda n: f"+3120123{4500 + n}" if n % 2 else f"020-123 {4500 + n}"),
    (SIP, lambda n: f"sip:+3120123{4500 + n}@pbx{n}.example"),
    (SIP, lambda n: f"sip:user{n}@pbx.example"),
    (MAIL, lambda n: f"user{n:03}@firma.example"),
    (CUSTOMER, lambda n: f"K-{1042 + n}-A"),
    (EXTENSION, lambda n: str(200 + n)),
    (ADDRESS, lambda n: f"192.0.2.{n}"),
    (ADDRESS, lambda n: f"2001:db8::{n:x}"),
    (TargetKind.IMEI, lambda n: str(normalise_imei(f"3569380356{4380 + n}"))),
    (TargetKind.IMEI, lambda n: f"3569380356{4380 + n}01"[: 16 if n % 2 else 14]),
    (TargetKind.ICCID, lambda n: with_check_digit(f"893144000000{12380 + n}")),
    (TargetKind.MAC_ADDRESS, lambda n: f"00:1a:2b:3c:4d:{0x56 + n:02x}"),
    (TargetKind.IMSI, lambda n: f"204080123456{780 + n}"),
]


@pytest.mark.parametrize(("kind", "write"), ROWS)
def test_targets_in_a_row_are_a_range(kind, write):
    assert set(many(CONSECUTIVE, write, kind)) == {"row"}
    assert set(many(CONSECUTIVE - 1, write, kind)) == {"one"}
    assert set(many(2 * CONSECUTIVE, lambda n: write(2 * n), kind)) == {"one"}
    assert set(many(CONSECUTIVE + 5, write, kind)) == {"row"}


def test_row_is_of_one_kind_and_one_source():
    half = CONSECUTIVE // 2
    targets = [Target(EXTENSION, str(200 + n), source="a" if n < half else "b") for n in range(10)]
    targets += [Target(CUSTOMER, f"K-{n}" if n < half else f"L-{n}") for n in range(10)]
    targets += [Target(MAIL, f"u{n}@{'a' if n < half else 'b'}.example") for n in range(10)]
    assert set(breadths_of(targets, "NL")) == {"one"}


def test_what_lies_beside_a_row_is_one():
    targets = [Target(PHONE, f"+3120123{4500 + n}") for n in range(CONSECUTIVE)]
    targets += [Target(PHONE, "+31612345678"), Target(CUSTOMER, "Jan"), Target(PHONE, "112")]
    assert breadths_of(targets, "NL")[CONSECUTIVE:] == ("one", "one", "short_number")
    assert breadths_of(targets, "NL")[:CONSECUTIVE] == ("row",) * CONSECUTIVE


def test_short_number_in_a_row_or_among_many_may_be_a_prefix():
    assert set(many(CONSECUTIVE, lambda n: f"020{n + 10}")) == {"range"}
    assert many(MANY, lambda n: f"+3161234{17 * n + 1000}" if n else "0201")[0] == "range"


def test_many_different_targets_are_bulk_wherever_they_lie():
    assert set(many(MANY, lambda n: f"+3161234{17 * n + 1000}")) == {"many"}
    assert set(many(MANY - 1, lambda n: f"+3161234{17 * n + 1000}")) == {"one"}
    assert set(many(MANY, lambda _: "+31612345678")) == {"one"}
    assert "everybody" in many(MANY, lambda n: f"klant {n}" if n else "alle klanten", CUSTOMER)


@pytest.mark.parametrize("breadth", list(Breadth))
def test_broad_target_is_named(breadth):
    one = only(facts(item={"breadth": str(breadth)}), "target.")
    codes = {"one": "target.precise", "short_number": "target.short"}
    codes |= dict.fromkeys(("row", "many"), "target.listed")
    assert one.code == codes.get(str(breadth), "target.broad")
    assert one.seen.get("breadth") == (None if breadth == "one" else breadth)
    assert "manifest" not in str(one.ground)


def test_listed_targets_lack_what_each_of_them_lacks():
    listed = facts(item={"breadth": "row", "target_kind": "ip_address"})
    assert [*found(listed, "target.")] == ["target.listed/1", "target.instant_missing/1"]
    bulk = facts("NL-SV-126hh", item={"breadth": "many"})
    assert [*found(bulk, "target.")] == ["target.bulk/1"]


def test_bulk_has_a_rule_of_its_own():
    one = suited(basis_of("NL-SV-126na-2"))
    assert wrong(one)["target.too_few_places"] == "clarify"
    two = replace(one, items=(one.items[0], replace(one.items[0], n=2)))
    assert [*found(two, "target.")] == ["target.bulk/1", "target.bulk/2"]
    dataset = suited(basis_of("NL-SV-126hh"))
    assert wrong(dataset)["target.bulk"] == "ask_human"


CLIPPED = [
    (facts(item={"last_on": date(2027, 2, 21)}), "period.too_far_ahead", "2027-02-20"),
    (facts(item={"last_on": date(2026, 12, 24)}), "period.to_come", "2026-12-24"),
    (facts("NL-SV-126na-2", item={"starts_on": date(2025, 11, 19)}), "period.too_far_back", "2025-11-20"),
    (facts("NL-SV-126ne", item={"last_on": date(2026, 12, 19)}), "period.before_order", "2026-11-21"),
    (facts("NL-SV-126ne", item={"starts_on": date(2026, 11, 21), "last_on": date(2026, 12, 19)}),
     "period.too_far_ahead", "2026-12-18"),
    (facts("NL-SV-126nd", item={"last_on": date(2026, 11, 21)}), "period.nothing_to_come", "2026-11-20"),
    (facts(order_date=date(2026, 11, 30), item={"last_on": date(2027, 3, 1)}), "period.too_far_ahead", "2027-02-28"),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "code", "day"), CLIPPED)
def test_period_beyond_is_named_with_its_day(demand, code, day):
    one = found(demand, code)[f"{code}/1"]
    assert one.seen["day"] == day
    assert day in one.cure


def test_period_inside_names_no_day():
    assert "day" not in only(facts(), "period.").seen
    assert "day" not in only(facts(item={"is_reversed": True}), "period.").seen
    assert ITEM.breadth == "one"


def test_category_that_may_belong_elsewhere_names_where():
    one = only(facts("NL-SV-126nc", role=OFFICER, categories=["subscriber_identity"]), "category.")
    assert (one.code, one.seen["belongs_to"]) == (
        "category.unsettled",
        ["NL-SV-126n", "NL-SV-126na-1"],
    )
    assert "126na" in one.cure
