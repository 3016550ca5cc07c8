"""A demand that is right in everything, as the checks see it, and ways to spoil it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

from lea_service.demands.demand import CONTENTS
from lea_service.kernel.clock import start_of
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand
from lea_service.legal.facts import (
    AgencyFacts,
    Authorisation,
    DemandFacts,
    ItemFacts,
    PersonFacts,
)

DATA = files("lea_service.legal") / "data"
TODAY = date(2026, 11, 24)
ORDER_DATE = date(2026, 11, 20)
ROLES = ("nl.officier_van_justitie", "nl.opsporingsambtenaar")
ITEM = ItemFacts(
    n=1,
    target_kind="phone_number",
    has_instant=False,
    starts_on=date(2026, 6, 3),
    last_on=date(2026, 6, 5),
    ends_at=start_of(date(2026, 6, 6)),
    is_reversed=False,
    categories=("traffic_call_records",),
)
GOOD = DemandFacts(
    legal_basis="NL-SV-126n",
    issuing_role="nl.officier_van_justitie",
    form="written",
    has_order=True,
    order_date=ORDER_DATE,
    received_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    authorisation=Authorisation(date(2026, 11, 19)),
    validator=None,
    agency=AgencyFacts("NL", ROLES, is_suspended=False),
    person=PersonFacts(ROLES, is_suspended=False, is_of_agency=True),
    items=(ITEM,),
    capacity="provider",
    is_addressee_suspect=False,
    states=frozenset(CONTENTS),
)


def facts(basis="NL-SV-126n", *, categories=None, role=None, item=None, **changes):
    """Return the good demand with changes; ``item`` holds changes of its one item.

    A period ends with its last day, unless ``ends_at`` says when on it.
    """
    item = item or {}
    if "last_on" in item:
        item = {"ends_at": start_of(item["last_on"] + timedelta(days=1)), **item}
    spoiled = replace(ITEM, **item)
    if categories is not None:
        spoiled = replace(spoiled, categories=tuple(categories))
    if role is not None:
        changes["issuing_role"] = role
    return replace(GOOD, legal_basis=basis, **({"items": (spoiled,)} | changes))


def basis_of(basis_id, on=ORDER_DATE):
    """Return the edition of a basis that ships for an order of a day."""
    return load_catalogue().find_basis(basis_id, on)


def suited(basis, **changes):
    """Return a demand that fits a row as well as one can."""
    roles = basis.issuing_roles or ("eu.judge",)
    country = {"NL": "NL", "EU": "BE", "UK": "GB"}.get(basis.jurisdiction, basis.jurisdiction)
    fits = load_catalogue().codes["targets"]
    kinds = [kind for code in basis.targets or () for kind in fits[code]["fits"]]
    return facts(
        basis.id,
        role=roles[0],
        categories=(basis.categories or ("traffic_call_records",))[:1],
        item={"target_kind": kinds[0] if kinds else "phone_number"},
        agency=AgencyFacts(country, roles, is_suspended=False),
        person=PersonFacts(roles, is_suspended=False, is_of_agency=True),
        **changes,
    )


def check(demand, catalogue=None, today=TODAY):
    return check_demand(demand, catalogue or load_catalogue(), today)


def wrong(demand, **options):
    """Return the codes of everything that did not pass, with their outcomes."""
    found = check(demand, **options)
    return {one.code: str(one.outcome) for one in found if one.outcome != "pass"}
