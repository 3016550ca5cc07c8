from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from lea_service.demands.demand import CATEGORIES, Period, TargetKind
from lea_service.demands.document import changed_fields, dump_content, load_content
from lea_service.demands.schemas import MAX_ITEMS, DemandContentSchema, load_demand
from lea_service.kernel.errors import InvalidInput
from tests.demands.samples import DESK, PERSON, content, demand_json, item

EXTENSION = item("phone_id", "200", target={"source": "pbx1"})
INSTANTS = st.integers(157_766_400, 4_102_444_800).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.sampled_from(sorted(available_timezones()))


def period(start, end, zone="Europe/Amsterdam"):
    return item(period={"start": start, "end": end, "zone": zone})


def places(**changes):
    with pytest.raises(InvalidInput) as caught:
        load_demand(demand_json(**changes))
    return [error.pointer for error in caught.value.errors]


@given(INSTANTS, INSTANTS, ZONES)
def test_period_in_its_own_zone_is_read_exactly(one, two, zone):
    start, end = min(one, two), max(one, two) + timedelta(seconds=1)
    written = [at.astimezone(ZoneInfo(zone)) for at in (start, end)]
    assume(all(at.utcoffset().seconds % 60 == 0 for at in written))
    (read,) = content(items=[period(*(at.isoformat() for at in written), zone)]).items
    assert (read.period.start, read.period.end, read.period.zone) == (start, end, zone)


@given(INSTANTS, st.integers(0, 10**7))
def test_period_that_does_not_end_after_its_start_is_refused(start, seconds):
    end = start - timedelta(seconds=seconds)
    assert places(items=[period(start.isoformat(), end.isoformat(), "UTC")]) == [
        "/items/0/period/end"
    ]


@given(INSTANTS, st.integers(0, 10**7))
def test_period_that_the_order_states_the_wrong_way_round_is_read(start, seconds):
    end = start - timedelta(seconds=seconds)
    said = period(start.isoformat(), end.isoformat(), "UTC")
    said["period"]["as_stated"] = True
    read = content(items=[said])
    assert read.items[0].period == Period(start, end, "UTC", as_stated=True)
    assert load_content(dump_content(read)) == read
    assert DemandContentSchema().dump(read)["items"][0]["period"]["as_stated"] is True


def test_only_a_period_the_wrong_way_round_is_as_stated():
    said = item()
    said["period"]["as_stated"] = True
    assert places(items=[said]) == ["/items/0/period/as_stated"]
    for no in (False, None, "true", 1):
        said["period"]["as_stated"] = no
        assert places(items=[said]) == ["/items/0/period/as_stated"]
    plain = content()
    assert "as_stated" not in str(dump_content(plain)) + str(DemandContentSchema().dump(plain))


def test_instant_of_an_address_lies_in_no_period_the_wrong_way_round():
    said = item("ip_address", "192.0.2.7", target={"at": "2026-06-04T10:00:00Z"})
    said["period"] |= {"start": said["period"]["end"], "end": said["period"]["start"]}
    assert places(items=[said]) == ["/items/0/period/end"]
    said["period"]["as_stated"] = True
    assert content(items=[said]).items[0].period.as_stated


@given(INSTANTS, st.integers(-14 * 4, 14 * 4), ZONES)
def test_offset_that_the_zone_does_not_have_is_refused(start, quarters, zone):
    wrong = timedelta(minutes=15 * quarters)
    assume(start.astimezone(ZoneInfo(zone)).utcoffset() != wrong)
    sign, minutes = ("-" if quarters < 0 else "+"), abs(15 * quarters)
    offset = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    begin = (start + wrong).strftime("%Y-%m-%dT%H:%M:%S") + offset
    end = (start + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert places(items=[period(begin, end, zone)]) == ["/items/0/period/start"]


def test_offset_that_was_expected_is_said():
    begin, end = "2026-06-03T00:00:00+01:00", "2026-06-04T00:00:00+02:00"
    asked = demand_json(items=[period(begin, end, "Europe/Amsterdam")])
    with pytest.raises(ValidationError, match=r"at that time, which is \+02:00, or Z"):
        DemandContentSchema().load(asked)


@given(st.lists(INSTANTS, min_size=2, max_size=2, unique=True), ZONES)
def test_naive_times_are_refused(instants, zone):
    start, end = (at.strftime("%Y-%m-%dT%H:%M:%S") for at in sorted(instants))
    wrong = places(items=[period(start, end, zone)])
    assert wrong == ["/items/0/period/start", "/items/0/period/end"]


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "CET+1", "+01:00", "", "../etc/passwd"])
def test_unknown_zone_is_refused(zone):
    wrong = places(items=[period("2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z", zone)])
    assert wrong == ["/items/0/period/zone"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "phone_number",
            [
                "+31612345678",
                "0612345678",
                "+31 (0)6-1234 5678",
                "112",
                "200",
                "06-12345678",
                "020 123 45-67",
                "+31-20-123-4567",
                "+31 (0)20 1234-567",
                "+49 30 12345-67",
                "0031-20-123-4567",
            ],
            [
                "12",
                "+",
                "31612345678901234567",
                "0612x45678",
                "+31612345678;x",
                "٠٦١٢٣٤",
                "0201234500 - 99",
                "0201234500 t/m 0201234599",
                "0201234500-0201234599",
            ],
        ),
        (
            "sip_uri",
            ["sip:200@pbx.example", "sips:jan@192.0.2.7:5061;transport=tls", "SIP:a@b"],
            ["200@pbx.example", "sip:pbx.example", "sip:a b@c", "tel:+31612345678"],
        ),
        (
            "email",
            ["jan@example.org", "j.p+x@sub.example.org"],
            ["jan", "@x.nl", "a b@c.nl", "a@b."],
        ),
        ("customer_number", ["K-100200", "12 34"], ["x" * 65, " 12", "1\n2"]),
        (
            "ip_address",
            ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"],
            ["192.0.2.256", "192.0.2.0/24", "fe80::1%eth0", "example.org", "1234"],
        ),
        ("phone_id", ["200", "SIP/200-0001"], ["x" * 65, "200 "]),
        ("time_and_place", ["Markt 1, Assen", "x" * 254], ["x" * 255, " Assen", "a\nb"]),
        (
            "imei",
            ["356938035643809", "35-693803-564380-9", "35693803564380", "3569380356438012"],
            ["356938035643808", "356938035643800", "3569380356438", "35693803564380901", "35a"],
        ),
        ("imsi", ["204081234567890", "204 08 1234567890"], ["2040812345678", "104081234567890"]),
        ("iccid", ["8931080012345678904", "8931080012345678904F"], ["8931080012345678905", "89"]),
        (
            "mac_address",
            ["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e", "001A2B3C4D5E"],
            ["00:1a:2b:3c:4d", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "00:1g:2b:3c:4d:5e"],
        ),
    ],
)
def test_each_kind_of_target_has_its_form(kind, good, bad):
    source = {"source": "pbx1"} if kind == "phone_id" else {}
    for value in good:
        asked = item(kind, value, target=source)
        assert content(items=[asked]).items[0].target.value == value
    for value in bad:
        asked = item(kind, value, target=source)
        assert places(items=[asked]) == ["/items/0/target/value"], value


@pytest.mark.parametrize("kind", list(TargetKind))
def test_only_an_identifier_of_a_source_names_one(kind):
    value = {
        "phone_id": "200", "sip_uri": "sip:a@b", "email": "a@b.nl", "ip_address": "192.0.2.7",
        "imei": "356938035643809", "imsi": "204081234567890", "iccid": "8931080012345678904",
        "mac_address": "00-1A-2B-3C-4D-5E",
    }.get(kind, "0612345678")  # fmt: skip
    bare, named = item(kind, value), item(kind, value, target={"source": "pbx1"})
    right, wrong = (named, bare) if kind == "phone_id" else (bare, named)
    assert content(items=[right]).items[0].target.source == right["target"].get("source")
    assert places(items=[right, wrong]) == ["/items/1/target/source"]


@pytest.mark.parametrize("name", ["", "PBX1", "1pbx", "pbx 1", "pbx1\n", "x" * 41, 1, None])
def test_source_is_named_as_sources_are(name):
    asked = item("phone_id", "200", target={"source": name})
    assert places(items=[asked]) == ["/items/0/target/source"]


@pytest.mark.parametrize(
    ("kind", "extra", "place"),
    [
        ("phone_number", {"port": 443}, "/items/0/target/port"),
        ("email", {"at": "2026-06-03T12:00:00Z"}, "/items/0/target/at"),
        ("ip_address", {"port": 443}, "/items/0/target/at"),
        ("ip_address", {"port": 0, "at": "2026-06-03T12:00:00Z"}, "/items/0/target/port"),
        ("ip_address", {"port": 443, "at": "2026-06-03T12:00:00"}, "/items/0/target/at"),
        ("ip_address", {"at": "2026-06-05T22:00:00Z"}, "/items/0/target/at"),
    ],
)
def test_port_and_instant_go_with_an_address(kind, extra, place):
    value = {"phone_number": "+31612345678", "email": "a@b.nl"}.get(kind, "192.0.2.7")
    assert places(items=[item(kind, value, target=extra)]) == [place]


def test_address_with_port_and_instant_inside_the_period():
    extra = {"port": 50_123, "at": "2026-06-02T22:00:00Z"}
    (read,) = content(items=[item("ip_address", "192.0.2.7", target=extra)]).items
    assert (read.target.port, read.target.at) == (50_123, read.period.start)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"items": [item(value=f"+3161234{n:04}") for n in range(MAX_ITEMS + 1)]}, "/items"),
        ({"items": [item(categories=[])]}, "/items/0/categories"),
        ({"items": [item(categories=["location", "location"])]}, "/items/0/categories/1"),
        ({"references": [{"kind": "parketnummer", "value": "1"}] * 2}, "/references/1"),
        ({"references": [{"kind": "name", "value": "1"}]}, "/references/0/kind"),
        ({"form": "shouted"}, "/form"),
        ({"channel": "pigeon"}, "/channel"),
        ({"format": "lea.demand/2"}, "/format"),
        ({"issuing_role": "De Officier"}, "/issuing_role"),
        ({"issuing_person": {"ref": "a_" + "1" * 32}}, "/issuing_person/ref"),
        (
            {"judicial_authorisation": {"given_on": "2026-11-20"}},
            "/judicial_authorisation/reference",
        ),
        ({"note": "x" * 4001}, "/note"),
        ({"order_date": "2026-11-31"}, "/order_date"),
        ({"due_at": "2026-11-31T00:00:00Z"}, "/due_at"),
        ({"contact": {"name": "\x00"}}, "/contact/name"),
    ],
)
def test_wrong_place_is_named(changes, place):
    assert places(**changes) == [place]


def test_same_target_in_another_period_is_another_item():
    other = item(period={**item()["period"], "start": "2026-06-04T00:00:00+02:00"})
    elsewhere = item("phone_id", "200", target={"source": "pbx2"})
    found = content(items=[item(), other, EXTENSION, elsewhere]).items
    assert [one.n for one in found] == [1, 2, 3, 4]
    assert places(items=[EXTENSION, EXTENSION]) == ["/items/1"]


def test_document_holds_everything_and_nothing_is_lost():
    full = content(
        items=[
            item(categories=list(CATEGORIES)),
            EXTENSION,
            item("ip_address", "2001:db8::7", target={"port": 1, "at": "2026-06-03T12:00:00Z"}),
        ],
        judicial_authorisation={"reference": "RC 26/1", "given_on": "2026-11-19"},
        enforcing_authority={"ref": "a_" + "5" * 32},
        contact={"name": "Griffie", "function": "balie"},
        due_at="2026-11-30T17:00:00+01:00",
    )
    assert load_content(dump_content(full)) == full
    assert load_demand(dump_content(full)) == full
    assert load_demand(DemandContentSchema().dump(full)) == full


def test_receiver_is_an_id_or_a_party():
    named, words = {"ref": PERSON, "name": "S. van Uylenburgh"}, {"name": "B. Klerk"}
    asked = content(receivers=[{"ref": DESK}, named, words])
    assert dump_content(asked)["receivers"] == [DESK, named, words]
    assert DemandContentSchema().dump(asked)["receivers"] == [DESK, named, words]
    assert load_content(dump_content(asked)) == load_demand(dump_content(asked)) == asked
    assert asked.receiver_ids == (DESK, PERSON)
    assert content(receivers=[DESK]) == content(receivers=[{"ref": DESK}])
    assert content(receivers=[]).receivers == ()
    wrong = [{"name": "B"}, {"name": "B"}, DESK, {"ref": DESK, "name": "Desk"}]
    assert places(receivers=wrong) == ["/receivers/1", "/receivers/3"]


def test_changed_fields_are_named_without_their_values():
    assert changed_fields(content(), content()) == []
    new = content(note=None, items=[item("email", "a@b.nl")], contact={"name": "Griffie"})
    assert changed_fields(content(), new) == ["contact", "items", "note"]


def test_every_kind_of_target_is_tried_above():
    assert len(TargetKind) == 11
