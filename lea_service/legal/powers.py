"""Whether those who issued and validated an order may still what the legal check found they may.

Roles and State stand in the register; two people may change them after a demand was assessed.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from lea_service.agencies.queries import get_agency_of
from lea_service.custody.replay import Entered, read_stream
from lea_service.demands.demand import Demand
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.legal.authenticity.audit import ASSESSED
from lea_service.staff.queries import get_approval
from lea_service.staff.statement import load_statement

RECORDED = ("agency.recorded", "agency.person_recorded")
POWERS = ("agency", "country", "kind", "roles")
"""What of an entry of the register the legal check rests on."""


def check_powers(session: Session, demand: Demand) -> None:
    """Let a demand go on whose parties have the roles that they had when it was assessed.

    Raises WrongState that names whose changed, IntegrityFailure for a damaged stream.
    """
    assessed = read_stream(session, demand.id).last(ASSESSED)
    if assessed is None:
        return
    for ref in sorted(_list_powers(demand)):
        if _has_changed(session, ref, assessed.idx):
            raise WrongState(
                f"the register gives {ref} other roles than when the demand was assessed; "
                "assess it again",
                party=ref,
            )


def _list_powers(demand: Demand) -> set[str]:
    """Return the agency, and who issued and who validated the order, as far as they are known."""
    parties = (demand.agency, demand.issuing_person, demand.validating_authority)
    return {one.ref for one in parties if one is not None and one.ref is not None}


def _has_changed(session: Session, ref: str, assessed: int) -> bool:
    try:
        agency = get_agency_of(session, ref)
    except NotFound:  # unknown parties hold the demand
        return False
    entered = [one for one in read_stream(session, agency).of(*RECORDED) if _is_of(one, ref)]
    before = [one for one in entered if one.idx < assessed]
    later = [one for one in entered if one.idx > assessed]
    if not later:
        return False
    return not before or _powers(session, before[-1]) != _powers(session, later[-1])


def _is_of(entry: Entered, ref: str) -> bool:
    return entry.facts.get("id") == ref


def _powers(session: Session, entry: Entered) -> list[Json]:
    """Return what two people signed of roles, State and kind."""
    statement = get_approval(session, str(entry.facts["approval"])).statement
    facts = load_statement(statement).facts
    return [facts.get(name) for name in POWERS]
