"""The record of a demand as JSON: what rests sealed, and what its digests are over."""

from __future__ import annotations

from datetime import date
from typing import Any

from lea_service.demands.demand import (
    Addressee,
    Capacity,
    Channel,
    DemandContent,
    Emergency,
    EmergencyReason,
    Form,
    Item,
    JudicialAuthorisation,
    Lane,
    OralAuthorisation,
    OrderDocument,
    Party,
    Period,
    ProcessorGround,
    Protection,
    Reference,
    Target,
    TargetKind,
)
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, format_instant, load_instant, parse_instant

FORMAT = "lea.demand/1"
PARTIES = ("validating_authority", "enforcing_authority", "contact")


def dump_content(content: DemandContent) -> dict[str, Json]:
    """Return the document in the form of ``schemas/demand/1.json``."""
    judge = content.judicial_authorisation
    return _present(
        {
            "format": FORMAT,
            "agency": _dump_party(content.agency),
            "issuing_person": _dump_party(content.issuing_person),
            "issuing_role": content.issuing_role,
            **{name: _dump_party(getattr(content, name)) for name in PARTIES},
            "receivers": [dump_receiver(one) for one in content.receivers],
            "references": [{"kind": one.kind, "value": one.value} for one in content.references],
            "legal_basis": content.legal_basis,
            "order_date": content.order_date.isoformat(),
            "form": str(content.form),
            "judicial_authorisation": None if judge is None else _dump_authorisation(judge),
            "items": [_dump_item(item) for item in content.items],
            "addressee": None if content.addressee is None else _dump_addressee(content.addressee),
            "other_holders": [_dump_party(one) for one in content.other_holders] or None,
            "states": None if content.states is None else [*sorted(content.states)],
            "offence": content.offence,
            "preservation": content.preservation,
            "channel": str(content.channel),
            "note": content.note,
            "received_at": format_instant(content.received_at),
            "due_at": dump_instant(content.due_at),
            "lane": None if content.lane is None else str(content.lane),
            "emergency": _dump_emergency(content.emergency),
        }
    )


def load_content(document: dict[str, Any]) -> DemandContent:
    """Read what ``dump_content`` wrote; whatever was recorded once stays readable."""
    judge = document.get("judicial_authorisation")
    due_at, lane = document.get("due_at"), document.get("lane")
    addressee, states = document.get("addressee"), document.get("states")
    return DemandContent(
        agency=Party(**document["agency"]),
        issuing_person=Party(**document["issuing_person"]),
        issuing_role=document["issuing_role"],
        **{name: Party(**document[name]) for name in PARTIES if name in document},
        receivers=tuple(_load_receiver(one) for one in document["receivers"]),
        references=tuple(Reference(**one) for one in document["references"]),
        legal_basis=document["legal_basis"],
        order_date=date.fromisoformat(document["order_date"]),
        form=Form(document["form"]),
        judicial_authorisation=None if judge is None else _load_authorisation(judge),
        items=tuple(_load_item(n, item) for n, item in enumerate(document["items"], 1)),
        addressee=None if addressee is None else _load_addressee(addressee),
        other_holders=tuple(Party(**one) for one in document.get("other_holders", ())),
        states=None if states is None else tuple(states),
        offence=document.get("offence"),
        preservation=document.get("preservation"),
        channel=Channel(document["channel"]),
        note=document.get("note"),
        received_at=parse_instant(document["received_at"]),
        due_at=load_instant(due_at),
        lane=None if lane is None else Lane(lane),
        emergency=_load_emergency(document.get("emergency")),
    )


def dump_order(order: OrderDocument) -> dict[str, Json]:
    """Return what is known of the order document."""
    return {"sha256": order.sha256, "size": order.size, "media_type": order.media_type}


def dump_receiver(receiver: Party) -> Json:
    """Return a receiver: as the id alone where nothing else is said of them."""
    is_bare = receiver == Party(receiver.ref)
    return receiver.ref if is_bare else _dump_party(receiver)


def changed_fields(old: DemandContent, new: DemandContent) -> list[str]:
    """Name the fields of the document that differ, never their values."""
    before, after = dump_content(old), dump_content(new)
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _dump_party(party: Party | None) -> dict[str, Json] | None:
    if party is None:
        return None
    return _present({"ref": party.ref, "name": party.name, "function": party.function})


def _load_receiver(document: str | dict[str, str]) -> Party:
    return Party(document) if isinstance(document, str) else Party(**document)


def _dump_authorisation(judge: JudicialAuthorisation) -> dict[str, Json]:
    given_on = None if judge.given_on is None else judge.given_on.isoformat()
    oral = None if judge.oral is None else _dump_oral(judge.oral)
    return _present({"reference": judge.reference, "given_on": given_on, "oral": oral})


def _dump_oral(oral: OralAuthorisation) -> dict[str, Json]:
    written_on = None if oral.written_on is None else oral.written_on.isoformat()
    given_at = format_instant(oral.given_at)
    return _present({"given_by": oral.given_by, "given_at": given_at, "written_on": written_on})


def _load_authorisation(document: dict[str, Any]) -> JudicialAuthorisation:
    given_on = document.get("given_on")
    oral = document.get("oral")
    return JudicialAuthorisation(
        document.get("reference"),
        None if given_on is None else date.fromisoformat(given_on),
        None if oral is None else _load_oral(oral),
    )


def _load_oral(document: dict[str, Any]) -> OralAuthorisation:
    written_on = document.get("written_on")
    return OralAuthorisation(
        document["given_by"],
        parse_instant(document["given_at"]),
        None if written_on is None else date.fromisoformat(written_on),
    )


def _dump_addressee(addressee: Addressee) -> dict[str, Json]:
    capacity, ground = addressee.capacity, addressee.processor_ground
    return _present(
        {
            "capacity": None if capacity is None else str(capacity),
            "processor_ground": None if ground is None else str(ground),
            "is_suspect": addressee.is_suspect,
        }
    )


def _load_addressee(document: dict[str, Any]) -> Addressee:
    capacity, ground = document.get("capacity"), document.get("processor_ground")
    return Addressee(
        None if capacity is None else Capacity(capacity),
        None if ground is None else ProcessorGround(ground),
        document.get("is_suspect"),
    )


def _dump_emergency(emergency: Emergency | None) -> dict[str, Json] | None:
    if emergency is None:
        return None
    return {
        "reason": str(emergency.reason),
        "explanation": emergency.explanation,
        "claimed_by": _dump_party(emergency.claimed_by),
    }


def _load_emergency(document: dict[str, Any] | None) -> Emergency | None:
    if document is None:
        return None
    reason, by = EmergencyReason(document["reason"]), Party(**document["claimed_by"])
    return Emergency(reason, document["explanation"], by)


def _dump_item(item: Item) -> dict[str, Json]:
    target, period = item.target, item.period
    at = dump_instant(target.at)
    protection = {} if item.protection is None else {"protection": str(item.protection)}
    return {
        "target": _present(
            {
                "kind": str(target.kind),
                "value": target.value,
                "port": target.port,
                "at": at,
                "source": target.source,
            }
        ),
        "period": {
            "start": format_instant(period.start),
            "end": format_instant(period.end),
            "zone": period.zone,
            **({"as_stated": True} if period.as_stated else {}),
        },
        "categories": list(item.categories),
        **protection,
    }


def _load_item(n: int, document: dict[str, Any]) -> Item:
    target, period = document["target"], document["period"]
    at, protection = target.get("at"), document.get("protection")
    return Item(
        n=n,
        target=Target(
            kind=TargetKind(target["kind"]),
            value=target["value"],
            port=target.get("port"),
            at=load_instant(at),
            source=target.get("source"),
        ),
        period=Period(
            parse_instant(period["start"]),
            parse_instant(period["end"]),
            period["zone"],
            period.get("as_stated", False),
        ),
        categories=tuple(document["categories"]),
        protection=None if protection is None else Protection(protection),
    )


def _present(members: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}
