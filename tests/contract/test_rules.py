"""Whoever changes what asks follow from items by, or what a row may show, raises RULES_VERSION."""

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from lea_service.demands.demand import OF_PLACE, Item, Period, Target, TargetKind
from lea_service.extraction.document import dump_plan
from lea_service.extraction.matched import MATCHED
from lea_service.extraction.plan import PlanReceiver, PlanSource, compile_plan
from lea_service.extraction.rules import RULES_VERSION
from lea_service.kernel.canonical import dump_canonical
from lea_service.records.flags import FLAG_COLUMNS
from lea_service.records.identifiers import normalise_target
from lea_service.records.kinds import BESIDE, CATEGORIES, KINDS, OF_AN_INSTANT, is_answered_by

PINNED = {
    1: "95321ba1f7dca7867c5e389968e6fe92ee7b275f9b21279c997dd491fc6c7c1e",
    2: "875ca6d503a58a0c9df0c6c92c5212081bd463d6d0eaf960058119053efe2efb",
    3: "807c962bc15dd4d84685fab7e237a2e9b89f4bbc04bf4837804731f353faf2dd",
    4: "802dfc7ec550380b1d738ef003edcadde7de1d6ac525bb79a475043fc182af15",
    5: "5136a224da2eb2c87032e38b856cd443d10473e5b1a21e24eab52fea83dc6419",
    6: "6819c7d3795c1913d0c61a49337d32af1767e2068636a2133be76182bcffd05a",
    7: "d23e533d0ceff018c53fc1cb12d33c923cbc13b2e338ec2eff8f6f34bbe72c8e",
}
"""By version the digest of tables, normal forms and plans; what once was here stays."""

START = datetime(2026, 11, 1, tzinfo=UTC)
AT = START + timedelta(hours=1)
TARGETS = (
    Target(TargetKind.PHONE_NUMBER, "06-12345678"),
    Target(TargetKind.PHONE_NUMBER, "tel:+31-20-123-4567"),
    Target(TargetKind.SIP_URI, '"Jan" <SIPS:J%61n;x=1@Huis.Example:5062;transport=tcp>'),
    Target(TargetKind.SIP_URI, "sip:+31(20)1234567;ISUB=3;ext=1-2@[2001:DB8::1]"),
    Target(TargetKind.SIP_URI, "sip:cafe\u0301@b\u00fccher.example"),
    Target(TargetKind.EMAIL, "Jan.Jansen@B\u00fccher.example"),
    Target(TargetKind.CUSTOMER_NUMBER, " Ke\u0301 1 "),
    Target(TargetKind.IP_ADDRESS, "::ffff:192.0.2.1", port=443, at=AT),
    Target(TargetKind.IP_ADDRESS, "2001:DB8:0:0:0:0:0:1"),
    Target(TargetKind.PHONE_ID, "200", source="call"),
    Target(TargetKind.TIME_AND_PLACE, "Markt 1, Assen", at=AT),
    Target(TargetKind.IP_ADDRESS, "192.0.2.1"),
    Target(TargetKind.IMEI, "35-693803-564380-9"),
    Target(TargetKind.IMSI, "204 08 1234567890"),
    Target(TargetKind.ICCID, "8931080012345678904F"),
    Target(TargetKind.MAC_ADDRESS, "001A.2B3C.4D5E"),
)
NONE = (
    (TargetKind.PHONE_NUMBER, "112"),
    (TargetKind.PHONE_NUMBER, "+31201234567;ext=12"),
    (TargetKind.PHONE_NUMBER, "0201234500-99"),
    (TargetKind.PHONE_NUMBER, "0201234500 99"),
    (TargetKind.SIP_URI, "Local/200@context"),
    (TargetKind.SIP_URI, "sip:jan@stra\u00dfe.example"),
    (TargetKind.EMAIL, "jan..jansen@huis.example"),
    (TargetKind.EMAIL, "jan@stra\u00dfe.example"),
    (TargetKind.IP_ADDRESS, "192.0.2.01"),
    (TargetKind.IP_ADDRESS, "fe80::1%eth0"),
    (TargetKind.IMEI, "356938035643808"),
    (TargetKind.IMSI, "2040812345678"),
    (TargetKind.ICCID, "8931080012345678907"),
    (TargetKind.MAC_ADDRESS, "ff:ff:ff:ff:ff:ff"),
)
"""What is no target at all."""


def compile_all():
    """Return the plan of every target, each asked for every category that it can be asked for."""
    period = Period(START, START + timedelta(days=1), "Europe/Amsterdam")
    items = [
        Item(n, target, period, tuple(one for one in CATEGORIES if is_of(target, one)))
        for n, target in enumerate(TARGETS, 1)
    ]
    sources = [
        PlanSource(
            f"so_{n:032x}",
            kind,
            kind,
            categories_of(kind),
            KINDS[kind].names,
            True,
            None,
            None,
            None,
        )
        for n, kind in enumerate(sorted(KINDS))
    ]
    return compile_plan(
        SimpleNamespace(id=f"c_{1:032x}", items=items),
        demand_version=1,
        sources=sources,
        receivers=[PlanReceiver(f"p_{1:032x}", "ab" * 32)],
        compiled_at=START,
        region="NL",
    )


def is_of(target, category):
    return target.kind in OF_PLACE or any(
        is_answered_by(category, kind) for kind in MATCHED[target.kind]
    )


def categories_of(kind):
    return tuple(sorted(name for name in CATEGORIES if is_answered_by(name, kind)))


def behaviour():
    """Return all that the version stands for; the libraries' own releases stand beside it."""
    plan = dump_plan(compile_all())
    del plan["rules"]
    return {
        "layouts": {
            one.kind: [one.version, [[column.name, column.type] for column in one.columns]]
            for one in KINDS.values()
        },
        "categories": {
            name: [one.kind, sorted(one.columns), sorted(one.filled)]
            for name, one in sorted(CATEGORIES.items())
        },
        "of_an_instant": sorted(OF_AN_INSTANT),
        "beside": {
            name: {kind: sorted(columns) for kind, columns in told.items()}
            for name, told in BESIDE.items()
        },
        "matched": {
            str(target): {kind: list(columns) for kind, columns in places.items()}
            for target, places in MATCHED.items()
        },
        "flags": {
            kind: {flag: sorted(columns) for flag, columns in told.items()}
            for kind, told in FLAG_COLUMNS.items()
        },
        "none": [normalise_target(kind, value, "NL") for kind, value in NONE],
        "plan": plan,
    }


def test_rules_are_those_of_their_version():
    found = hashlib.sha256(dump_canonical(behaviour())).hexdigest()
    assert PINNED.get(RULES_VERSION) == found, (
        "what asks follow from, or what a row may show, changed: raise RULES_VERSION in "
        f"extraction/rules.py and add it here with {found}"
    )


def test_version_is_the_newest_that_is_pinned():
    assert max(PINNED) == RULES_VERSION == len(PINNED)


def test_every_kind_of_target_is_among_them():
    assert {target.kind for target in TARGETS} == set(TargetKind)
    assert behaviour()["none"] == [None] * len(NONE)
