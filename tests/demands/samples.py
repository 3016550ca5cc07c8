"""A demand as somebody sends it, and its order."""

from copy import deepcopy

from lea_service.demands.schemas import load_demand
from lea_service.kernel.actors import Actor, Role
from tests.support.orders import order_of

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))
OTHER = Actor("s_other", frozenset({Role.HANDLER}))
APPROVER = Actor("s_approver", frozenset({Role.APPROVER}))
AUDITOR = Actor("s_auditor", frozenset({Role.AUDITOR}))
ENGINEER = Actor("s_engineer", frozenset({Role.ENGINEER}))
KNOWN_BASIS = "NL-SV-126n"
AGENCY = "a_" + "1" * 32
PERSON = "p_" + "2" * 32
DESK = "d_" + "3" * 32
NAMES = ("Saskia van Uylenburgh", "26-777777", "31612345678", "Amalia Dietrich", "dringend graag")
"""What a sample names: the issuing person, reference, target, judge and words of the note."""

_SAMPLE = {
    "format": "lea.demand/1",
    "agency": {"ref": AGENCY},
    "issuing_person": {"ref": PERSON, "name": "Saskia van Uylenburgh"},
    "issuing_role": "nl.officier_van_justitie",
    "validating_authority": {"name": "Amalia Dietrich", "function": "rechter-commissaris"},
    "receivers": [DESK],
    "references": [{"kind": "parketnummer", "value": "26-777777"}],
    "legal_basis": KNOWN_BASIS,
    "order_date": "2026-11-20",
    "form": "written",
    "items": [
        {
            "target": {"kind": "phone_number", "value": "+31612345678"},
            "period": {
                "start": "2026-06-03T00:00:00+02:00",
                "end": "2026-06-06T00:00:00+02:00",
                "zone": "Europe/Amsterdam",
            },
            "categories": ["traffic_call_records"],
        }
    ],
    "addressee": {"capacity": "provider", "is_suspect": False},
    "states": [
        "data_requested",
        "delivery_manner",
        "delivery_term",
        "legal_basis_title",
        "period",
        "target_person_as_precisely_as_possible",
        "target_person_or_number",
    ],
    "channel": "portal",
    "note": "dringend graag",
    "received_at": "2026-11-24T08:00:00+01:00",
}

ORDER = order_of(_SAMPLE)


def demand_json(**changes):
    """Return the sample with members replaced, or left out where the new value is None."""
    sample = {**deepcopy(_SAMPLE), **changes}
    return {name: value for name, value in sample.items() if value is not None}


def content(**changes):
    return load_demand(demand_json(**changes))


def item(kind="phone_number", value="+31612345678", **changes):
    """Return an item of the sample with another target."""
    found = deepcopy(_SAMPLE["items"][0])
    found["target"] = {"kind": kind, "value": value, **changes.pop("target", {})}
    return {**found, **changes}
