"""The cases of the decision table, made from the rows of the catalogue."""

from datetime import date, timedelta
from itertools import product

from lea_service.kernel.clock import start_of
from lea_service.legal.facts import (
    AgencyFacts,
    Authorisation,
    DemandFacts,
    EmergencyFacts,
    ItemFacts,
    PersonFacts,
    ValidatorFacts,
)
from tests.legal.decision_table.oracle import CODES, ROWS, received_at

ORDER, RECEIVED, TODAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)
PROSECUTOR, OFFICER = "nl.officier_van_justitie", "nl.opsporingsambtenaar"
STRANGERS = (PROSECUTOR, OFFICER, "eu.public_prosecutor", "nl.burgemeester")
BEFORE, AFTER, FUTURE = date(2026, 11, 19), date(2026, 11, 21), date(2026, 12, 1)
JUDGES = (None, "undated", BEFORE, AFTER, FUTURE)
FORMS = (("written", True), ("written", False), ("oral", False))
EVERYTHING = tuple(CODES["contents"])


def person_of(roles, **changes):
    return {"roles": list(roles), "suspended": False, "of_agency": True} | changes


def suited(row):
    """Return a case that fits a row as well as one can."""
    roles = row["issuing_roles"] or ["eu.judge"]
    country = {"NL": "NL", "EU": "BE", "UK": "GB"}.get(row["jurisdiction"], row["jurisdiction"])
    fits = [kind for code in row["targets"] or [] for kind in CODES["targets"][code]["fits"]]
    item = {
        "kind": fits[0] if fits else "phone_number",
        "at": False,
        "from": date(2026, 6, 3),
        "to": date(2026, 6, 5),
        "until": None,
        "reversed": False,
        "categories": (row["categories"] or ["traffic_call_records"])[:1],
        "breadth": "one",
        "protection": None,
    }
    return {
        "row": row,
        "role": roles[0],
        "agency": {"country": country, "roles": list(roles), "suspended": False},
        "person": person_of(roles),
        "form": "written",
        "paper": True,
        "order": ORDER,
        "received": RECEIVED,
        "today": TODAY,
        "judge": BEFORE,
        "spoken": None,
        "validator": None,
        "items": [item],
        "capacity": "controller",
        "why_processor": None,
        "suspect": False,
        "states": EVERYTHING,
        "offence": False,
        "same_order": (),
        "same_document": (),
        "source": None,
        "emergency": None,
        "taken_back": False,
        "sealed": False,
    }


def changed(case, **changes):
    """Return a case with changes; ``item`` holds changes of its first item."""
    item = changes.pop("item", {})
    items = changes.pop("items", [case["items"][0] | item])
    return case | {"items": items} | changes


def holding(case, role):
    """Return a case of a role that agency and person hold."""
    roles = [role, *(case["row"]["issuing_roles"] or [])]
    agency, person = case["agency"] | {"roles": roles}, case["person"] | {"roles": roles}
    return case | {"role": role, "agency": agency, "person": person}


def grid():
    """Yield each basis x role x category x authorisation x form."""
    for row in ROWS:
        for role in roles_of(row):
            base = holding(suited(row), role)
            for category in CODES["categories"]:
                item = {"categories": [category]}
                for judge, (form, paper) in product(JUDGES, FORMS):
                    yield changed(base, judge=judge, form=form, paper=paper, item=item)
                for validator, judge in product(validators(row), (None, BEFORE)):
                    yield changed(base, judge=judge, validator=validator, item=item)
                for validator, judge in product(hurried(row), (None, BEFORE)):
                    yield changed(base, judge=judge, validator=validator, item=item, emergency=0)


def everybody():
    """Yield each basis x every role there is, once written after a judge, once oral without."""
    for row, role in product(ROWS, CODES["roles"]):
        base = holding(suited(row), role)
        yield base
        yield changed(base, judge=None, form="oral", paper=False)


def roles_of(row):
    """Return who may issue it, alone or validated, and some who may not.

    Of a foreign order, which is not looked at any further, one is enough.
    """
    known = [*(row["issuing_roles"] or []), *(row["roles_if_validated"] or [])]
    roles = list(dict.fromkeys([*known, *STRANGERS]))
    return roles if row["enforceable_in_nl"] is not False else roles[:1]


def validators(row):
    """Yield who validated an order, where that can matter: a person of the register, or words."""
    if not row["roles_if_validated"]:
        return
    good = {"roles": [row["issuing_roles"][0]], "country": "BE", "suspended": False}
    yield good
    yield good | {"roles": [OFFICER, row["issuing_roles"][-1]]}
    yield good | {"roles": []}
    yield good | {"roles": ["eu.burgomaster"]}
    yield good | {"roles": ["eu.burgomaster", OFFICER]}
    yield good | {"roles": [OFFICER]}
    yield good | {"suspended": True}
    yield good | {"country": "DE"}
    yield good | {"country": "DE", "roles": [OFFICER]}
    yield good | {"country": None, "suspended": True, "roles": []}


def hurried(row):
    """Yield who validated an order given in an emergency, of which the law may wait for that."""
    if row["roles_if_validated"]:
        yield None
        yield next(validators(row))


def around():
    """Yield cases around what fits each basis: every other thing that a check looks at."""
    for row in ROWS:
        base = suited(row)
        yield from (changed(base, **changes) for changes in about_sender(base))
        yield from (changed(base, **changes) for changes in about_days())
        yield from (changed(base, **changes) for changes in about_items(base))
        yield from (changed(base, **changes) for changes in about_order(row))
        yield from (changed(base, **changes) for changes in about_emergency(base))
    for row in ROWS:
        yield changed(suited(row), sealed=True)
    for row in ROWS:
        yield from (changed(suited(row), **changes) for changes in about_addresses())


def about_sender(base):
    agency, _person, roles = base["agency"], base["person"], base["agency"]["roles"]
    yield {"agency": None}
    yield {"agency": None, "person": None}
    yield {"agency": agency | {"suspended": True}}
    yield {"agency": agency | {"roles": ["nl.burgemeester"]}}
    for country in ("NL", "BE", "DE", "DK", "US", "GB", "IE"):
        yield {"agency": agency | {"country": country}}
    yield {"person": None}
    for suspended, of_agency, held in product((False, True), (False, True), (roles, ["x.y"])):
        yield {"person": person_of(held, suspended=suspended, of_agency=of_agency)}


def about_days():
    edges = {row[name] for row in ROWS for name in ("valid_from", "valid_to") if row[name]}
    for day in sorted(map(date.fromisoformat, edges)):
        for shifted in (day.toordinal() - 1, day.toordinal(), day.toordinal() + 1):
            yield {"order": date.fromordinal(shifted), "judge": None}
    yield {"judge": ORDER}
    yield {"order": TODAY}
    yield {"order": date(2026, 11, 25)}
    yield {"order": RECEIVED, "received": TODAY, "judge": TODAY}
    for today in (date(2026, 12, 20), date(2026, 12, 21), date(2027, 6, 1)):
        yield {"today": today}


def about_items(base):
    starts = (date(2024, 2, 29), date(2025, 11, 19), date(2025, 11, 20), ORDER, date(2026, 11, 21))
    ends = (
        date(2026, 11, 19), ORDER, date(2026, 11, 21), RECEIVED, TODAY, date(2026, 11, 25),
        date(2026, 12, 18), date(2026, 12, 19), date(2027, 2, 20), date(2027, 2, 21),
    )  # fmt: skip
    for start, end in product(starts, ends):
        if start <= end:
            yield {"item": {"from": start, "to": end}}
    month_end = {
        "order": date(2026, 11, 30),
        "received": date(2026, 11, 30),
        "today": date(2026, 11, 30),
    }
    for end in (date(2027, 2, 28), date(2027, 3, 1)):
        yield month_end | {"item": {"to": end}}
    at = received_at(base)
    for until in (at - timedelta(seconds=1), at, at + timedelta(seconds=1)):
        yield {"item": {"to": RECEIVED, "until": until}}
    place = base["items"][0] | {"kind": "time_and_place", "breadth": "place"}
    yield {"items": [place, place]}
    yield {"items": [place, base["items"][0] | {"kind": "phone_number"}]}
    yield {"item": {"reversed": True, "from": date(2027, 1, 1)}}
    yield {"items": []}
    kinds = (
        "phone_number",
        "sip_uri",
        "email",
        "customer_number",
        "ip_address",
        "phone_id",
        "time_and_place",
    )
    breadths = (
        "one", "short_number", "pattern", "range", "cell", "place", "everybody", "row", "many",
    )  # fmt: skip
    for kind, breadth in product(kinds, breadths):
        yield {"item": {"kind": kind, "breadth": breadth}}
    for breadth in breadths:
        yield {"item": {"kind": "ip_address", "at": True, "breadth": breadth}}
    yield {
        "items": [base["items"][0], base["items"][0] | {"categories": ["location", "sensitive"]}]
    }
    for flag, source, judge in product(CODES["protections"], (None, True), (None, BEFORE)):
        yield {"item": {"protection": flag}, "source": source, "judge": judge}


def about_addresses():
    """Yield who used an address, asked of all kinds of targets, alone and beside something."""
    kinds = ("phone_number", "customer_number", "imsi", "mac_address", "ip_address")
    for kind, at in (*((kind, False) for kind in kinds), ("ip_address", True)):
        for beside, emergency in product(
            ((), ("usage_sessions",), ("subscriber_identity",)), (None, 0)
        ):
            item = {"kind": kind, "at": at, "categories": ["ip_identification", *beside]}
            yield {"item": item, "emergency": emergency}


def about_order(row):
    why = (None, "controller_unknown")
    for capacity, ground, category in product(
        (None, *CODES["capacities"]), why, ("subscriber_identity", "content_stored", "sensitive")
    ):
        yield {"capacity": capacity, "why_processor": ground, "item": {"categories": [category]}}
    for capacity, ground in product(("controller", "processor"), why):
        yield {"capacity": capacity, "why_processor": ground, "states": ()}
    for suspect in (None, True, False):
        yield {"suspect": suspect}
    lists = [None, (), *(tuple(set(EVERYTHING) - {code}) for code in row["contents"] or ())]
    to_come = {"to": date(2026, 12, 1)}
    for states, offence, judge in product(lists, (False, True), (None, BEFORE)):
        yield {"states": states, "offence": offence, "judge": judge}
    for states in lists:
        yield {"states": states, "item": to_come}
    for spoken, judge, source in product(("never", BEFORE, FUTURE), (None, BEFORE), (None, True)):
        for category in ("subscriber_identity", "traffic_call_records"):
            item = {"categories": [category]}
            yield {"spoken": spoken, "judge": judge, "source": source, "item": item}
    ids = ("c_1", "c_2")
    yield {"same_order": ids}
    yield {"same_order": ids, "same_document": ids}
    yield {"same_document": ids}


def about_emergency(base):
    """Yield emergencies, confirmed by nobody, one and two of us, about what may go and what not."""
    for confirmed, category in product(
        range(3), ("subscriber_identity", "traffic_call_records", "content_stored", "bulk_dataset")
    ):
        yield {"emergency": confirmed, "item": {"categories": [category]}}
    for breadth, confirmed in product(("short_number", "pattern"), (1, 2)):
        item = {"breadth": breadth, "categories": ["subscriber_identity"]}
        yield {"emergency": confirmed, "item": item}
    for confirmed, category in product((0, 2), ("subscriber_identity", "content_stored")):
        item = {"categories": [category]}
        yield {"emergency": confirmed, "taken_back": True, "item": item}
    for role in base["row"]["roles_if_validated"] or ():
        held = holding(base, role)
        sender = {name: held[name] for name in ("role", "agency", "person")}
        for confirmed in (None, 2):
            yield sender | {"judge": None, "emergency": confirmed}
        yield sender | {"judge": None, "emergency": 2, "taken_back": True}


def to_facts(case):
    """Return a case as the checks get it."""
    agency, person, validator = case["agency"], case["person"], case["validator"]
    judge = case["judge"]
    return DemandFacts(
        legal_basis=case["row"]["id"],
        issuing_role=case["role"],
        form=case["form"],
        has_order=case["paper"],
        order_date=case["order"],
        received_at=received_at(case),
        authorisation=None
        if judge is None
        else Authorisation(
            None if judge == "undated" else judge,
            case["spoken"] is not None,
            None if case["spoken"] == "never" else case["spoken"],
        ),
        validator=None
        if validator is None
        else ValidatorFacts(
            tuple(validator["roles"]), validator["country"], validator["suspended"]
        ),
        agency=None
        if agency is None
        else AgencyFacts(agency["country"], tuple(agency["roles"]), agency["suspended"]),
        person=None
        if person is None
        else PersonFacts(tuple(person["roles"]), person["suspended"], person["of_agency"]),
        items=tuple(
            ItemFacts(
                n=n,
                target_kind=item["kind"],
                has_instant=item["at"],
                starts_on=item["from"],
                last_on=item["to"],
                ends_at=item["until"] or start_of(item["to"] + timedelta(days=1)),
                is_reversed=item["reversed"],
                categories=tuple(item["categories"]),
                breadth=item["breadth"],
                protection=item["protection"],
            )
            for n, item in enumerate(case["items"], 1)
        ),
        is_source_protected=case["source"],
        capacity=case["capacity"],
        processor_ground=case["why_processor"],
        is_addressee_suspect=case["suspect"],
        states=None if case["states"] is None else frozenset(case["states"]),
        has_offence=case["offence"],
        same_order=case["same_order"],
        same_document=case["same_document"],
        emergency=None
        if case["emergency"] is None
        else EmergencyFacts(None if case["taken_back"] else "threat_to_life", case["emergency"]),
        is_sealed=case["sealed"],
    )
