import random
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from itertools import chain, islice, pairwise
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from lea_service.demands.demand import CATEGORIES, Demand, Item, Period, Target, TargetKind
from lea_service.demands.devices import check_digit
from lea_service.demands.states import State
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.errors import InvalidInput, StaleVersion, WrongState
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.order_comparison import Typed, is_same
from lea_service.legal.order_names import ROLES
from lea_service.legal.order_observations import Observation
from lea_service.legal.order_text import OrderText
from lea_service.legal.order_words import load_order_words
from lea_service.legal.queries import find_assessment
from lea_service.legal.written_order import WrittenOrder
from tests.demands.samples import NAMES, content, item
from tests.legal.test_service import REASON, entries, settled
from tests.support.log import check_log
from tests.support.orders import make_orders, retyped

ORDERS = make_orders()
NUMBER = "+31612345678"
OTHER = "+31612345679"
PERIOD = "van 3 juni 2026 tot en met 5 juni 2026"
HEAD = ("Utrecht, 20 november 2026", "Op grond van art. 126n Sv vorder ik verkeersgegevens.")
ISSUER = "mr. S. van Uylenburgh"
LINES = ("Parketnummer 26-777777", f"Betreft {NUMBER}", PERIOD)


def demand(**changes):
    asked = content(**changes)
    fields = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
    at = asked.received_at
    return Demand(
        **fields,
        id="c_1",
        state=State.RECEIVED,
        version=1,
        order=None,
        recorded_at=at,
        recorded_by="s_1",
    )


def compare(*lines, observations=(), senders=(), issuers=(ISSUER,), **changes):
    text = OrderText(((*HEAD, *lines),), observations)
    return ORDERS.compare(demand(**changes), text, senders, issuers)


def refs(found):
    return [one.ref for one in found.findings]


def test_what_the_order_says_passes():
    assert refs(compare(*LINES)) == ["order.compared"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            (LINES[0], f"Betreft {OTHER}", PERIOD),
            ["order.target_differs/1", "order.target_not_asked"],
        ),
        ((*LINES, f"en {OTHER}"), ["order.target_not_asked"]),
        ((*LINES, "adres 192.0.2.7"), ["order.target_not_asked"]),
        ((*LINES, "adres 192.0.2.7:40001"), ["order.target_not_asked"]),
        ((LINES[0], "IBAN NL91 ABNA 0612 3456 78", PERIOD), ["order.target_differs/1"]),
        ((LINES[0], "BSN: 061234567", PERIOD), ["order.target_differs/1"]),
        ((*LINES, "en jan@voorbeeld.example"), ["order.target_not_asked"]),
        (
            (*LINES[:2], "van 3 juni 2026 tot 5 juni 2026"),
            ["order.period_differs/1", "order.period_not_typed"],
        ),
        ((*LINES, "periode van 1 juni 2026 tot en met 30 juni 2026"), ["order.period_not_typed"]),
        ((*LINES, f"nogmaals {PERIOD}"), ["order.compared"]),
        ((*LINES[:2], "zo snel mogelijk"), ["order.period_differs/1"]),
        (
            ("Parketnummer 26-777778", *LINES[1:]),
            ["order.reference_differs/parketnummer", "order.reference_not_typed/parketnummer"],
        ),
        (("26-777777-1", *LINES[1:]), ["order.reference_differs/parketnummer"]),
        (
            (LINES[0], "05/612345-67", f"{NUMBER}1", PERIOD),
            ["order.target_differs/1", "order.reference_not_typed/parketnummer"],
        ),
        ((*LINES, "en parketnummer 26-777779"), ["order.reference_not_typed/parketnummer"]),
        ((*LINES, "Ons kenmerk: OM-2026/17"), ["order.reference_not_typed/case_number"]),
        ((*LINES, "kenmerk 26/777777"), ["order.compared"]),
        ((*LINES, "kenmerk 05/123456-26"), ["order.reference_not_typed/parketnummer"]),
        ((*LINES, "RC-nummer 26/4711"), ["order.reference_not_typed/magistrate_number"]),
        ((*LINES, "en art. 126ng lid 2 Sv"), ["order.article_not_typed"]),
        ((*LINES, "en artikel 55 van de Wiv 2017"), ["order.article_not_typed"]),
        ((*LINES, "en art. 126na"), ["order.article_not_typed"]),
        ((*LINES, "art. 126n lid 2, 126la, 126bb en 126ng lid 1 Sv; 312 Sr"), ["order.compared"]),
    ],
)
def test_difference_is_found(lines, expected):
    assert refs(compare(*lines)) == expected


@pytest.mark.parametrize(
    ("lines", "others"),
    [
        (["De officier van justitie, mr. S. van Uylenburgh"], []),
        (["officier van justitie te Utrecht, Saskia van Uylenburgh"], []),
        (["DE OFFICIER VAN JUSTITIE: mr. Van Uylenburgh"], []),
        (["officier van justitie te Utrecht"], []),
        (["Officier van Justitie Landelijk Parket"], []),
        (["de officier van justitie,", "mr. S. van Uylenburgh"], []),
        (["machtiging van de rechter-commissaris mr. P. Dietrich"], []),
        (["namens de hulpofficier van justitie P. Bakker"], []),
        (["verdachte Jan Jansen"], []),
        (["de officier van justitie", "Utrecht, parket"], []),
        (["officier van justitie mr. P. van Uylenburgh"], ["mr. P. van Uylenburgh"]),
        (["officier van justitie mr. S. de Vries"], ["mr. S. de Vries"]),
        (["Officier van justitie Jan Jansen"], []),  # looks like a place or an office
        (["officier van justitie te Den Haag"], []),
        (["officier van justitie te 's-Hertogenbosch, mr. S. van Uylenburgh"], []),
        (["Officier van Justitie Amsterdam"], []),
        (["officier van justitie, Team Cybercrime"], []),
        (["officier van justitie: Vordert"], []),
        (["de officier van justitie te Utrecht,", "mr. S. de Vries"], ["mr. S. de Vries"]),
        (
            ["officier van justitie S. van Uylenburgh", "public prosecutor P. Bakker"],
            ["P. Bakker"],
        ),
    ],
)
def test_name_of_who_issues_is_compared(lines, others):
    given = {"reference": "RC-26/1"} if "machtiging" in lines[0] else None
    found = compare(*LINES, "RC-26/1", *lines, judicial_authorisation=given)
    assert refs(found) == (["order.name_differs"] if others else ["order.compared"])
    assert [one.value for one in found.values.get("order.name_differs", ())] == others


def test_each_role_has_words_of_its_own():
    said = compare(*LINES, "opsporingsambtenaar P. Bakker", issuing_role="nl.opsporingsambtenaar")
    assert refs(said) == ["order.name_differs"]
    assert said.findings[0].seen == {"places": ["page 1 line 6"], "retype": 1}
    table = load_order_words()
    assert set(table.issuers) <= set(load_catalogue().codes["roles"])
    assert {one for words in table.issuers.values() for one in words} <= set(ROLES)
    assert refs(compare(*LINES, "judge P. Bakker", issuing_role="us.court")) == ["order.compared"]


def test_reference_of_the_authorisation_is_typed():
    given = {"reference": "RC-26/4711"}
    lines = (*LINES, "RC-nummer RC-26/4711")
    assert refs(compare(*lines, judicial_authorisation=given)) == ["order.compared"]


@pytest.mark.parametrize("reference", ["RC 26/4711", "RC-nummer 26/4711", "26/4711", "rc-26/4711"])
@pytest.mark.parametrize("line", ["RC-nummer 26/4711", "RC-nummer: RC 26/4711"])
def test_number_of_the_judge_is_one_with_its_words_or_without(reference, line):
    found = compare(*LINES, line, judicial_authorisation={"reference": reference})
    assert refs(found) == ["order.compared"]
    other = compare(*LINES, line, judicial_authorisation={"reference": f"{reference}1"})
    assert refs(other) == [
        "order.authorisation_differs", "order.reference_not_typed/magistrate_number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Case number 501 Gs 77/26", "501 Gs 77/26"),
        ("Case number 26-777 des Gerichts", "26-777 des Gerichts"),  # read to its first word
        ("Case number 3 StR 123/20.", "3 StR 123/20"),
    ],
)
def test_number_of_several_words_is_one(line, number):
    typed = [{"kind": "parketnummer", "value": "26-777777"}]
    whole = [*typed, {"kind": "case_number", "value": number}]
    assert refs(compare(*LINES, line, references=whole)) == ["order.compared"]
    other = [*typed, {"kind": "case_number", "value": f"{number}1"}]
    assert "order.reference_differs/case_number" in refs(compare(*LINES, line, references=other))
    left = compare(*LINES, line, references=typed)
    assert refs(left) == ["order.reference_not_typed/case_number"]
    (value,) = left.values["order.reference_not_typed/case_number"]
    assert is_same(value, number, ORDERS.normalise)
    assert not is_same(value, f"1{number}", ORDERS.normalise)


def test_paragraph_of_another_basis_is_another_article():
    said = ["gebruikersgegevens", HEAD[0], *LINES]
    asked = [item(categories=["subscriber_identity"])]
    for line, expected in (
        ("art. 126na Sv", "order.compared"),
        ("art. 126na lid 1 Sv", "order.compared"),
        ("art. 126na lid 1 en 126na lid 2 Sv", "order.article_not_typed"),
    ):
        text = OrderText(((*said, line),))
        found = ORDERS.compare(demand(legal_basis="NL-SV-126na-1", items=asked), text)
        assert refs(found) == [expected]


def test_number_in_a_sip_address_that_is_asked_is_asked():
    items = [item(target={"kind": "sip_uri", "value": f"sip:{NUMBER}@pbx.example"})]
    lines = (LINES[0], f"sip:{NUMBER}@pbx.example", PERIOD)
    assert refs(compare(*lines, items=items)) == ["order.compared"]
    assert refs(compare(*lines, f"nummer {NUMBER}", items=items)) == ["order.compared"]
    assert refs(compare(*lines, f"nummer {OTHER}", items=items)) == ["order.target_not_asked"]


EQUIPMENT = {
    "imei": ("356938035643809", "490154203237518"),
    "imsi": ("204080123456789", "204080123456780"),
    "iccid": ("8931080012345678904", "8931080012345678912"),
    "mac_address": ("00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"),
    "customer_number": ("842-679-258", "842-679-259"),
}


@pytest.mark.parametrize("kind", EQUIPMENT)
def test_further_number_of_each_kind_is_not_asked(kind):
    asked, further = EQUIPMENT[kind]
    word = "klantnummer" if kind == "customer_number" else "aansluiting"
    items = [item(kind, asked)]
    lines = (LINES[0], f"{word} {asked}", PERIOD)
    assert refs(compare(*lines, items=items)) == ["order.compared"]
    found = compare(*lines, f"en {word} {further}", items=items)
    assert refs(found) == ["order.target_not_asked"]
    (value,) = found.values["order.target_not_asked"]
    assert value.kind == kind
    assert is_same(value, further, ORDERS.normalise)
    assert not is_same(value, asked, ORDERS.normalise)
    assert refs(compare(LINES[0], f"{word} {further}", PERIOD, items=items)) == [
        "order.target_differs/1", "order.target_not_asked",
    ]  # fmt: skip


def test_place_stands_in_the_order_in_its_own_words():
    asked = [item("time_and_place", "Grote Markt 1, Groningen", categories=["location"])]
    place = "wie was op Grote Markt 1, Groningen"
    assert "order.target_differs/1" not in refs(compare(place, PERIOD, items=asked))
    other = "wie was op Grote Markt 2, Groningen"
    assert "order.target_differs/1" in refs(compare(other, PERIOD, items=asked))


@pytest.mark.parametrize(
    ("kind", "value", "line"),
    [
        ("imsi", "356938035643809", "aansluiting 356938035643809"),  # an IMEI by its form
        ("imsi", "35693803564380", "aansluiting 35693803564380"),
        ("customer_number", "204080123456789", "klant 204080123456789"),
        ("customer_number", "842-679-258", "klant 842-679-258"),
        ("customer_number", "842-679-258", "klantnummer 842-679-258"),
        ("customer_number", "0612345678", "klantnummer 0612345678"),
        ("phone_id", "001a2b3c4d5e", "toestel 001a2b3c4d5e"),
    ],
)
def test_what_was_typed_is_what_a_number_is(kind, value, line):
    target = {"source": "pbx"} if kind == "phone_id" else {}
    items = [item(kind, value, target=target)]
    assert refs(compare(LINES[0], line, PERIOD, items=items)) == ["order.compared"]


def test_number_that_is_dialled_is_no_number_of_a_customer():
    items = [item("customer_number", "0612345678")]
    found = refs(compare(LINES[0], "nummer 0612345678", PERIOD, items=items))
    assert found == ["order.target_differs/1", "order.target_not_asked"]


def test_further_period_is_typed_again():
    found = compare(*LINES, "periode van 1 juni 2026 tot en met 30 juni 2026")
    (value,) = found.values["order.period_not_typed"]
    assert is_same(value, "2026-06-01/2026-07-01", ORDERS.normalise)
    assert not is_same(value, "2026-06-01/2026-06-30", ORDERS.normalise)


LATER = "van 8 juni 2026 tot en met 9 juni 2026"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"{NUMBER} {PERIOD}", f"{OTHER} {LATER}"), ["order.compared"]),
        ((f"{NUMBER} {LATER}", f"{OTHER} {PERIOD}"), ["order.period_of_another"]),
        ((f"{NUMBER} {PERIOD}", f"{OTHER} {LATER}", f"{NUMBER} {LATER}"),
         ["order.period_of_another"]),
        ((f"{NUMBER} {PERIOD}, {OTHER} {LATER}",), ["order.compared"]),  # says not which
        ((f"{OTHER} {PERIOD}, {NUMBER} {LATER}",), ["order.compared"]),
        ((NUMBER, LATER, OTHER, PERIOD), ["order.compared"]),
        ((f"{NUMBER}1 {LATER}", f"{NUMBER}, {OTHER}", PERIOD), ["order.compared"]),
    ],
)  # fmt: skip
def test_period_on_the_line_of_a_target_is_its_period(lines, expected):
    span = {"start": "2026-06-08T00:00:00+02:00", "end": "2026-06-10T00:00:00+02:00"}
    items = [item(), item(value=OTHER, period={**span, "zone": "Europe/Amsterdam"})]
    assert refs(compare(LINES[0], *lines, items=items)) == expected


def test_target_without_a_form_to_compare_is_not_named():
    order = written(*HEAD, "adres 300.1.2.3", f"nummer {NUMBER}")
    assert not order.names(Target(TargetKind.IP_ADDRESS, "300.1.2.3"))
    assert order.names(Target(TargetKind.PHONE_NUMBER, NUMBER))


def test_order_with_more_than_is_kept_is_read_in_part():
    many = [f"IP 192.0.2.{n % 250 + 1} 192.0.2.{n % 250 + 2}" for n in range(300)]
    found = compare(*LINES, *many)
    (partly,) = (one for one in found.findings if one.code == "order.partly_readable")
    assert "more_than_kept" in partly.seen["observations"]
    assert found.values[partly.ref]


def of_order(*lines, **changes):
    """Return what differs of the order itself, in an order of these lines."""
    return refs(ORDERS.compare(demand(**changes), OrderText(((*lines, *LINES),))))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("20-11-2026", []),
        ("d.d. 19 november 2026 ontvangen, 20 november 2026", []),
        ("20 november 2025", ["order.date_differs"]),
        ("20-10-2026", ["order.date_differs"]),
        (
            "van 19 november 2026 tot en met 20 november 2026",
            ["order.date_differs", "order.period_not_typed"],
        ),
        ("", ["order.date_differs"]),
    ],
)
def test_date_of_the_order_is_compared(line, expected):
    assert of_order(line, HEAD[1]) == (expected or ["order.compared"])


@pytest.mark.parametrize(
    ("basis", "line", "is_there"),
    [
        ("NL-SV-126n", "art. 126n Sv", True),
        ("nl-sv-126n", "NL-SV-126N", True),
        ("NL-SV-126n", "art. 126nd Sv", False),
        ("NL-SV-126n", "", False),
        ("NL-SV-126na-1", "art. 126na Sv", True),
        ("NL-SV-126na-1", "art. 126na, tweede lid, Sv", False),
        ("NL-SV-126na-1", "NL-SV-126na-2", False),
        ("NL-SV-126nd", "art. 126ng lid 1 jo. 126nd Sv", True),
        ("NL-SV-126nd", "art. 126nd lid 6 Sv", False),
        ("NL-AWB-5-16", "artikel 5:16 Awb", True),
        ("NL-AWB-5-16", "artikel 5:17 Awb", False),
        ("EU-EPO-TRAFFIC", "Verordening (EU) 2023/1543", True),
        ("EU-EPO-TRAFFIC", "art. 4 lid 2", False),
        ("DE-STPO-100G", "Paragraph 100g(1) StPO", True),
        ("DE-STPO-100G", "Paragraph 101a StPO", False),
        ("NL-WIV-55", "artikel 55 van de Wiv 2017", True),
        ("NL-WIV-55", "artikel 56 van de Wiv 2017", False),
    ],
)
def test_article_is_compared_with_the_basis(basis, line, is_there):
    found = of_order(HEAD[0], "verkeersgegevens", line, legal_basis=basis)
    assert ("order.basis_differs" not in found) is is_there


def test_unknown_basis_has_no_article_to_compare():
    said = (HEAD[0], "verkeersgegevens, art. 126zz")
    assert of_order(*said, legal_basis="NL-SV-126zz") == ["order.compared"]
    assert of_order(*HEAD, legal_basis="NL-SV-126zz") == ["order.article_not_typed"]


@pytest.mark.parametrize(
    ("reference", "given_on", "line", "expected"),
    [
        ("RC-2026/17", "2026-11-19", "RC-nummer RC-2026/17 van 19 november 2026", []),
        ("RC-2026/17", None, "machtiging RC-2026/17", []),
        ("RC-2026/17", "2026-11-19", "machtiging RC-2026/71", ["RC-2026/17", "2026-11-19"]),
        ("RC-2026/17", "2026-11-19", "machtiging RC-2026/17 van 18-11-2026", ["2026-11-19"]),
    ],
)
def test_authorisation_is_compared(reference, given_on, line, expected):
    given = {"reference": reference, **({"given_on": given_on} if given_on else {})}
    found = compare(*LINES, line, judicial_authorisation=given)
    typed = found.values.get("order.authorisation_differs", ())
    assert [one.value for one in typed] == expected
    assert refs(found) == (["order.authorisation_differs"] if expected else ["order.compared"])


def test_authorisation_that_nobody_typed_is_told():
    found = compare(*LINES, "Machtiging: zie bijlage")
    assert refs(found) == ["order.authorisation_not_typed"]
    assert not found.findings[0].needs_retyping


def test_words_of_a_category_are_a_question():
    assert refs(compare(*LINES, "at a location")) == ["order.compared"]
    both = compare(*LINES, "en de locatiegegevens")
    assert refs(both) == ["order.category_not_typed/location"]
    asked = [item(categories=["traffic_call_records", "location"])]
    assert refs(compare(*LINES, "en de Locatiegegevens", items=asked)) == ["order.compared"]
    found = compare(*LINES, items=asked)
    assert refs(found) == ["order.category_not_named/location"]
    assert [one.outcome for one in (*both.findings, *found.findings)] == ["clarify", "clarify"]


def test_word_that_only_names_the_target_is_accepted_in_one_step():
    """An honest order says that a number is an IMEI, and asks for no data of devices."""
    (found,) = compare(*LINES, "van het toestel met IMEI").findings
    assert found.ref == "order.category_not_typed/device_identifiers"
    assert found.can_be_accepted
    assert not found.needs_retyping
    assert "(a telephone by its IMEI): accept this" in found.cure
    assert "(een toestel met zijn IMEI): aanvaard dit" in found.cure_nl


def test_each_category_has_words_of_its_own():
    words = load_order_words().categories
    assert tuple(words) == CATEGORIES
    phrases = [*chain(*words.values(), load_order_words().authorisation)]
    assert len(set(phrases)) == len(phrases)
    assert all(one == " ".join(one.casefold().split()) for one in phrases)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_clock_of_the_order_is_not_the_one_that_was_typed(zone):
    place = ZoneInfo(zone)
    (asked,) = demand().items
    clocks = (one.astimezone(HOME_ZONE) for one in (asked.period.start, asked.period.end))
    start, end = (one.replace(tzinfo=place) for one in clocks)
    moved = replace(asked, period=Period(start, end, zone))
    found = ORDERS.compare(replace(demand(), items=(moved,)), OrderText(((*HEAD, *LINES),)), ())
    assert refs(found) == ["order.period_differs/1", "order.period_not_typed"]


def test_moment_of_an_address_is_always_typed_again():
    (asked,) = demand().items
    at = asked.period.start + timedelta(hours=14, minutes=5, seconds=33)
    target = Target(TargetKind.IP_ADDRESS, "192.0.2.7", 40_001, at)
    lines = (LINES[0], "adres 192.0.2.7", PERIOD)
    asked = replace(demand(), items=(replace(asked, target=target),))
    found = ORDERS.compare(asked, OrderText(((*HEAD, *lines),)), ())
    assert refs(found) == ["order.moment_not_compared/1"]
    (typed,) = found.values["order.moment_not_compared/1"]
    again = f"{at.isoformat()}/40001"
    assert is_same(typed, again, ORDERS.normalise)
    for wrong in (again[:-1], again + "9", again.partition("/")[0], f"{PERIOD}/40001", "/"):
        assert not is_same(typed, wrong, ORDERS.normalise)
    later = f"{(at + timedelta(seconds=1)).isoformat()}/40001"
    assert not is_same(typed, later, ORDERS.normalise)


@pytest.mark.parametrize("end", ["31-12-9999 24:00", "9999-12-31T23:59:59", "31 december 0001"])
def test_date_that_no_order_means_stops_nothing(end):
    assert refs(compare(*LINES, f"van 1 januari 2026 tot {end}")) == ["order.compared"]


def test_number_of_the_authority_is_no_target():
    lines = (*LINES, "tel. 030 123 45 67, S.Devries@om.example")
    senders = {"+31301234567", "s.devries@om.example"}
    assert refs(compare(*lines, senders=senders)) == ["order.compared"]
    assert refs(compare(*lines)) == ["order.target_not_asked"]


@pytest.mark.parametrize(
    ("kind", "value", "line", "is_there"),
    [
        ("customer_number", "K-1042", "klant K-1042.", True),
        ("customer_number", "K-1042", "klant K-10421", False),
        ("customer_number", "1042", "zaak 05/1042-26", False),
        ("customer_number", "K 1042", "klant K 1042, te Utrecht", True),
        ("customer_number", "12", "klant 12, te Utrecht", True),
        ("customer_number", "12", "Utrecht, 12 november 2026", False),
        ("customer_number", "12", "op 12 november om 14:05 uur", False),
        ("customer_number", "3", "van 3 t/m 5 juni 2026", False),
        ("customer_number", "12", "nummer 06 12 34 56 78", False),
        ("customer_number", "12", "06 12 34 56 78 / 020 1234567", False),
        ("customer_number", "1042", "kenmerk: 1042", False),
        ("customer_number", "1042", "bij brief\nkenmerk: 1042", False),
        ("customer_number", "2", "art. 126na lid 2 Sv", False),
        ("customer_number", "K-1042", "bij brief\nK-1042 jan@voorbeeld.example", True),
        ("customer_number", "612345678", "nummer 612345678", True),
        ("customer_number", "0999999999", "nummer 0999999999", False),
        ("customer_number", "(0)999999999", "nummer (0)999999999", False),
        ("customer_number", "+3199912345678", "nummer +3199912345678", False),
        ("phone_id", "200", "toestel 200, op 12-11-2026", True),
        ("email", "Jan@voorbeeld.example", "jan@voorbeeld.example", True),
        ("email", "jan@voorbeeld.example", "jan@voorbeeld.example.org", False),
        ("sip_uri", "sips:+31612345678@voip.example", "sip:+31612345678@voip.example;x=1", True),
        ("sip_uri", "sip:jan@voip.example", "sip:jan@voip.example.org", False),
        ("ip_address", "2001:db8::1", "2001:0DB8:0::1", True),
        ("phone_number", "0612345678", "0612345678 / 0687654321", True),
        ("imei", "356938035643809", "toestel 35-693803-564380-9 en 2", True),
        ("imei", "356938035643809", "IMEI 3569380356438, nummer", False),
        ("imei", "356938035643809", "IMEI 490154203237518", False),
        ("imsi", "204081234567890", "IMSI: 204 08 1234567890.", True),
        ("iccid", "8931080012345678904", "sim 8931080012345678904F", True),
        ("mac_address", "00:1a:2b:3c:4d:5e", "modem (00-1A-2B-3C-4D-5E)", True),
        ("mac_address", "00:1a:2b:3c:4d:5e", "modem 001a.2b3c.4d5e", True),
        ("mac_address", "00:1a:2b:3c:4d:5e", "modem 00:1a:2b:3c:4d:5f", False),
        ("phone_number", "0687654321", "0612345678 / 0687654321", True),
        ("phone_number", "0612345678", "0031 6 1234-5678", True),
        ("phone_number", "0612345678", "nummer 612345678", True),
        ("phone_number", "0612345678", "612345678 / 687654321", True),
        ("phone_number", "0612345678", "612345678  687654321", True),
        ("phone_number", "0687654321", "612345678 - 687654321", True),
    ],
)
def test_target_of_each_kind_is_looked_for(kind, value, line, is_there):
    target = {"source": "pbx"} if kind == "phone_id" else {}
    (one,) = demand(items=[item(kind, value, target=target)]).items
    assert written(*line.split("\n")).names(one.target) is is_there


def written(*lines):
    text = OrderText((lines,))
    return WrittenOrder(text.pages, ORDERS.propose(text), ORDERS.normalise)


@pytest.mark.parametrize(("hours", "is_there"), [(0, True), (-2, False), (2, False)])
def test_period_that_an_order_gives_with_an_offset_is_of_that_offset(hours, is_there):
    (asked,) = demand().items
    start, end = (one + timedelta(hours=hours) for one in (asked.period.start, asked.period.end))
    order = written("van 2026-06-02T22:00:00Z tot 2026-06-05T22:00:00Z")
    assert order.has_period(replace(asked.period, start=start, end=end)) is is_there


def test_what_could_not_be_read_is_one_finding():
    assert refs(ORDERS.compare(demand(), None)) == ["order.not_readable"]
    scan = ORDERS.compare(demand(), OrderText(observations=(Observation.NO_TEXT,)))
    assert refs(scan) == ["order.not_readable"]
    assert scan.findings[0].seen == {"observations": ["no_text"], "retype": 2}
    values = (Typed("order_date", "2026-11-20"), Typed("phone_number", NUMBER))
    assert scan.values == {"order.not_readable": values}
    half = compare(*LINES, observations=(Observation.HIDDEN_TEXT, Observation.RESTRICTED))
    assert refs(half) == ["order.partly_readable"]


def numbers(count):
    """Return numbers of several countries as people write them, each valid."""
    dice = random.Random(2026)
    shapes = (
        "+316########",
        "06########",
        "020#######",
        "+3247#######",
        "+4915########",
        "+447#########",
        "003161#######",
    )
    while count:
        shape = dice.choice(shapes)
        text = "".join(str(dice.randrange(10)) if sign == "#" else sign for sign in shape)
        if phonenumbers.is_valid_number(phonenumbers.parse(text, "NL")):
            count -= 1
            yield text


def slips(text):
    """Yield a number with each single digit wrong, and with each two neighbours swapped."""
    for n, sign in enumerate(text):
        if sign.isdigit():
            yield from (text[:n] + other + text[n + 1 :] for other in "0123456789" if other != sign)
    for n, (one, two) in enumerate(pairwise(text)):
        if one != two:
            yield text[:n] + two + one + text[n + 2 :]


def names_of_every_kind(count):
    """Return targets of every kind, by turns, as people write them."""
    dice = random.Random(2027)
    phones = numbers(count)

    def digits(size):
        return str(dice.randrange(10 ** (size - 1), 10**size))

    def checked(front):
        return front + check_digit(front)

    def word():
        return "".join(dice.choices("abcdefghijklmnoprstuvwz", k=6))

    ways = (
        lambda: Target(TargetKind.PHONE_NUMBER, next(phones)),
        lambda: Target(TargetKind.SIP_URI, f"sip:{next(phones)}@{word()}{digits(2)}.example"),
        lambda: Target(TargetKind.EMAIL, f"{word()}.{word()}{digits(3)}@{word()}.example"),
        lambda: Target(TargetKind.CUSTOMER_NUMBER, f"KL{digits(7)}"),
        lambda: Target(TargetKind.IP_ADDRESS, ".".join(str(dice.randrange(256)) for _ in "1234")),
        lambda: Target(TargetKind.IP_ADDRESS, f"2001:db8:{dice.randrange(1, 9999):x}::{digits(4)}"),
        lambda: Target(TargetKind.PHONE_ID, digits(6), source="pbx"),
        lambda: Target(TargetKind.IMEI, checked(f"35{digits(12)}")),
        lambda: Target(TargetKind.IMSI, f"204{digits(12)}"),
        lambda: Target(TargetKind.ICCID, checked(f"8931{digits(14)}")),
        lambda: Target(TargetKind.MAC_ADDRESS, f"00:{dice.randbytes(5).hex(':')}"),
    )
    for n in range(count):
        yield ways[n % len(ways)]()


def misses(count, together=20):
    """Return slips that ``compare`` does not find, and how many it was asked to.

    An order names some targets, the demand asks about each of them and about each slip of it. What
    means the same in spite of a slip is none.
    """
    found, tried = [], 0
    targets = names_of_every_kind(count)
    while named := [*islice(targets, together)]:
        orders = replace(ORDERS, normalise=cache(ORDERS.normalise))
        typed = [(one, one) for one in named]
        for one in named:
            form = orders.normalise(one.kind, one.value)
            typed += [
                (one, Target(one.kind, slip, source=one.source))
                for slip in slips(one.value)
                if orders.normalise(one.kind, slip) != form
            ]
        (first,) = demand().items
        items = [
            Item(n, slip, first.period, first.categories) for n, (_, slip) in enumerate(typed, 1)
        ]
        lines = (*HEAD, LINES[0], PERIOD, *(f"Betreft: {one.value}, in gebruik" for one in named))
        compared = orders.compare(replace(demand(), items=tuple(items)), OrderText((lines,)))
        differ = {one.item for one in compared.findings if one.code == "order.target_differs"}
        assert not differ & {*range(1, len(named) + 1)}, "what the order names is there"
        slipped = {*range(len(named) + 1, len(typed) + 1)}
        found += [typed[n - 1] for n in slipped - differ]
        tried += len(slipped)
    return found, tried


@pytest.mark.slow
def test_slip_of_a_digit_is_caught():
    found, tried = misses(2_000)
    assert found == []
    assert tried > 220_000


@pytest.mark.full
def test_every_slip_over_ten_thousand_targets_is_caught():
    found, tried = misses(10_000)
    assert found == []
    assert tried > 1_100_000


def test_retyped_value_is_compared_in_its_form():
    normalise = ORDERS.normalise
    assert is_same(Typed("phone_number", NUMBER), "06 1234 5678", normalise)
    assert not is_same(Typed("phone_number", NUMBER), "06 1234 5679", normalise)
    period = Typed("period", "2026-06-03T00:00:00+02:00/2026-06-06T00:00:00+02:00")
    assert is_same(period, "2026-06-03/2026-06-06", normalise)
    assert is_same(period, "2026-06-02T22:00Z/2026-06-06T00:00+02:00", normalise)
    assert not is_same(period, "2026-06-03/2026-06-05", normalise)
    assert not is_same(period, "2026-06-03", normalise)
    assert is_same(Typed("order_date", "2026-11-20"), "20 november 2026", normalise)
    assert is_same(Typed("order_date", "2026-11-20"), " 2026-11-20 ", normalise)
    for wrong in ("2026-11-21", "20 november", "2026-11-20 2026-11-21", ""):
        assert not is_same(Typed("order_date", "2026-11-20"), wrong, normalise)
    assert is_same(Typed("legal_basis", "NL-SV-126n"), "nl-sv-126n", normalise)
    assert not is_same(Typed("legal_basis", "NL-SV-126n"), "NL-SV-126nd", normalise)
    assert is_same(Typed("parketnummer", "26-777777"), "26/777777", normalise)
    assert not is_same(Typed("parketnummer", "26-777777"), "26-777778", normalise)
    article = Typed("article", "126ng, tweede lid")
    assert is_same(article, "art. 126ng lid 2 Sv", normalise)
    for wrong in ("126ng", "126nd lid 2", "126ng lid 2 en 126n", ""):
        assert not is_same(article, wrong, normalise)
    assert is_same(Typed("article", "NL-SV-126ng-2"), "nl-sv-126ng-2", normalise)
    assert not is_same(Typed("article", "NL-SV-126ng-2"), "126ng", normalise)
    assert is_same(Typed("name", "mr. S. de Vries"), "S. de Vries", normalise)
    for wrong in ("P. de Vries", "Vries", "S. de Vriest", ""):
        assert not is_same(Typed("name", "mr. S. de Vries"), wrong, normalise)


def test_difference_is_accepted_by_typing_it_again(log, authority, legal, handler):
    demand_id = authority.send(order=authority.paper(OTHER), items=[item(value=OTHER)])
    found = legal.assess(handler, demand_id)
    assert found.open == ("order.target_not_asked",)
    for wrong, place in (
        ((), "/retyped"),
        ((OTHER,), "/retyped/0"),
        ((NUMBER, NUMBER), "/retyped"),
    ):
        with pytest.raises(InvalidInput) as caught:
            legal.accept_finding(handler, demand_id, found.open[0], REASON, retyped=wrong)
        assert [one.pointer for one in caught.value.errors] == [place]
        assert OTHER not in str(caught.value)
        if place == "/retyped":
            told = "expected 1 values typed again from the order, in this order: "
            assert f"{told}order.target_not_asked: phone_number" in str(caught.value)
    assert not settled(log, demand_id)
    legal.accept_finding(handler, demand_id, found.open[0], REASON, retyped=["06-12345678"])
    assert settled(log, demand_id)
    assert entries(log, demand_id)[-1]["facts"]["retyped"] == 1
    check_log(log)


def test_name_reference_and_article_are_settled_by_typing_them_again(
    log, authority, legal, handler
):
    more = ("officier van justitie mr. P. Ander", "parketnummer 26-777778", "art. 126ng lid 2 Sv")
    demand_id = authority.send(order=authority.paper(*more))
    found = legal.assess(handler, demand_id)
    wanted = {
        "order.reference_not_typed/parketnummer": "26-777778",
        "order.article_not_typed": "126ng lid 2",
        "order.name_differs": "P. Ander",
    }
    assert found.open == tuple(wanted)
    for ref, value in wanted.items():
        with pytest.raises(InvalidInput):
            legal.accept_finding(handler, demand_id, ref, REASON, retyped=[])
        with pytest.raises(InvalidInput):
            legal.accept_finding(handler, demand_id, ref, REASON, retyped=["mr. X. Xander"])
        assert not settled(log, demand_id)
        legal.accept_finding(handler, demand_id, ref, REASON, retyped=[value])
    assert settled(log, demand_id)
    assert "Ander" not in str(entries(log, demand_id))


def test_name_of_the_register_counts_and_not_what_was_typed_beside_it(authority, legal, handler):
    ref = authority.form().issuing_person.ref
    party = {"ref": ref, "name": "mr. P. Ander"}
    paper = authority.paper("officier van justitie mr. P. Ander")
    demand_id = authority.send(order=paper, issuing_person=party)
    assert "order.name_differs" in legal.assess(handler, demand_id).open


def test_wrong_date_is_settled_by_typing_it_again(log, authority, legal, handler):
    demand_id = authority.send(order=authority.paper(order_date="2026-11-21"))
    assert legal.assess(handler, demand_id).open == ("order.date_differs",)
    for wrong in ((), ("2026-11-21",)):
        with pytest.raises(InvalidInput):
            legal.accept_finding(handler, demand_id, "order.date_differs", REASON, retyped=wrong)
    legal.accept_finding(handler, demand_id, "order.date_differs", REASON, retyped=["2026-11-20"])
    for again in ([], ["2026-11-20"], ["2026-11-27"]):
        with pytest.raises(
            WrongState, match=r"settled before: order.date_differs; nothing was com"
        ):
            legal.accept_finding(handler, demand_id, "order.date_differs", REASON, retyped=again)
    assert settled(log, demand_id)
    recorded, *after = entries(log, demand_id)
    assert "2026-11-20" in str(recorded)  # what is owed counts from there
    assert "2026-11-20" not in str(after)
    assert "2026-11-21" not in str([recorded, *after])


def test_scan_is_settled_by_typing_each_target_again(log, authority, legal, handler):
    items = [item(), item(value=OTHER)]
    demand_id = authority.send(order=authority.paper()[:300] + b"%%EOF", items=items)
    found = legal.assess(handler, demand_id)
    assert found.open == ("order.not_readable",)
    assert found.findings[-1].needs_retyping
    with pytest.raises(InvalidInput):
        legal.accept_finding(
            handler, demand_id, "order.not_readable", REASON, retyped=["2026-11-20", OTHER, NUMBER]
        )
    again = retyped(log.transactions, found, "order.not_readable")
    assert again == ["2026-11-20", NUMBER, OTHER]
    legal.accept_finding(handler, demand_id, "order.not_readable", REASON, retyped=again)
    assert settled(log, demand_id)


def test_values_are_sealed_beside_their_findings(log, authority, legal, handler):
    demand_id = authority.send(order=authority.paper(OTHER), items=[item(value="+31201234567")])
    legal.assess(handler, demand_id)
    with log.transactions.read() as session:
        shown = str([one.dump() for one in find_assessment(session, demand_id).findings])
    stored = shown + str(entries(log, demand_id))
    assert "order.target_differs" in stored
    assert not any(name in stored for name in (*NAMES, "612345679", "201234567"))


def test_other_question_takes_nothing_typed_again(authority, legal, handler):
    demand_id = authority.send(items=[item(categories=["usage_sessions"])])
    (ref,) = legal.assess(handler, demand_id).open
    with pytest.raises(InvalidInput):
        legal.accept_finding(handler, demand_id, ref, REASON, retyped=[NUMBER])


@pytest.mark.parametrize("step", ["read", "normalise"])
def test_demand_corrected_while_its_order_is_compared(log, authority, legal, handler, step):
    demand_id = authority.send()
    form = authority.form(note="x")
    corrections = [partial(authority.demands.correct, handler, demand_id, form, 1)]

    def do(*args):
        while corrections:
            corrections.pop()()
        return getattr(make_orders(), step)(*args)

    legal._orders = replace(ORDERS, **{step: do})
    with pytest.raises(StaleVersion):
        legal.assess(handler, demand_id)
    assert "demand.assessed" not in [one["ev"] for one in entries(log, demand_id)]


def test_mail_of_who_is_named_is_no_target(authority, legal, handler):
    contact = {"kind": "email", "value": "post@om.example", "found_by_way": "read on its own site"}
    authority.register.approve("agency.contact", {"agency": authority.agency, **contact})
    own = "anna.de.vries@politie.example team.ontvangst@politie.example post@om.example"
    for more, expected in ((own, ()), ("piet.bakker@politie.example", ("order.target_not_asked",))):
        demand_id = authority.send(order=authority.paper(more))
        found = legal.assess(handler, demand_id).open
        assert tuple(one for one in found if one.startswith("order.")) == expected


def test_order_is_shown_beside_what_was_typed(log, authority, legal, handler):
    demand_id = authority.send(order=authority.paper(OTHER))
    found = legal.read_order(handler, demand_id)
    assert [(one.kind, one.is_in_order) for one in found.typed] == [
        ("order_date", True),
        ("legal_basis", True),
        ("authorisation", True),
        ("authorised_on", True),
        ("phone_number", True),
        ("period", True),
        ("parketnummer", True),
    ]
    assert OTHER in [one.form for one in found.proposals]
    assert entries(log, demand_id)[-1]["ev"] == "demand.viewed"
    assert legal.read_order(handler, authority.send(order=None)).has_document is False
    check_log(log)
