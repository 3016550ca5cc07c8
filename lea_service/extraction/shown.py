"""What a person is about to sign of a plan, compared with what they were shown of it.

It runs on the person's own machine: a service that lies must not get a signature under another
plan, other receivers or other bounds than those on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lea_service.extraction.document import load_plan, read_plan
from lea_service.extraction.extra_decider import REASONS, count_deciders
from lea_service.extraction.holders import HOLDERS, state_holders
from lea_service.extraction.models import PLAN_KIND
from lea_service.extraction.outcome import largest_of
from lea_service.extraction.plan import Plan
from lea_service.extraction.rules import OURS
from lea_service.extraction.soundness import check_compiled
from lea_service.kernel.canonical import salted_digest
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import LeaError, VerificationFailed, WrongState
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.signing import Signing, register_check
from lea_service.staff.statement import DECIDERS, Act, needed_deciders
from lea_service.web.client import Client


def demand_route(demand: str) -> str:
    """Return where everything about a demand is."""
    return f"/api/v1/demands/{demand}"


def check_shown(found: Mapping[str, Any], demand: str) -> None:
    """Check that a plan is of a demand, and that its digest stands for its document.

    One of other rules is shown, and says so, but nobody signs it. Raises VerificationFailed.
    """
    try:
        plan = read_plan(found["document"])
        if plan.rules == OURS:
            check_compiled(plan)
        digest = salted_digest(decode_b64url(found["salt"], "/salt"), found["document"])
    except LeaError as err:
        raise VerificationFailed("the service sent no plan that can be read") from err
    if found["digest"] != digest:
        raise VerificationFailed("the plan that is shown is not the one its digest stands for")
    if demand != plan.demand:
        raise VerificationFailed("the service sent the plan of another demand")


def check_plan(client: Client, signing: Signing) -> None:
    """Check what a statement says of a plan against its document and its preview.

    Raises VerificationFailed, and NotFound when the plan was not previewed.
    """
    statement, facts = signing.statement, signing.statement.facts
    try:
        plan = load_plan(signing.payload)
    except WrongState as err:
        raise VerificationFailed(err.detail) from err
    except LeaError as err:
        raise VerificationFailed("the service sent no plan that can be read") from err
    request = signing.request
    if isinstance(request, dict) and request.get("plan") != statement.subject:
        raise VerificationFailed("the prepared statement is about another plan")
    wanted = {
        "demand": plan.demand,
        "receivers": sorted({one.certificate for one in plan.receivers}),
        "past_term": None if plan.past_term is None else {"ground": plan.past_term},
    }
    if set(facts) - {DECIDERS, REASONS, HOLDERS} != {*wanted, "bounds"}:
        raise VerificationFailed("the statement has more or fewer facts than a plan's")
    if needed_deciders(facts) != count_deciders(_reasons(facts)):
        raise VerificationFailed("the statement has other numbers of people than reasons for them")
    for name, value in wanted.items():
        if facts[name] != value:
            raise VerificationFailed(f"the statement has other {name} than the plan")
    preview = client.get(f"{demand_route(plan.demand)}/preview")
    _check_bounds(plan, facts["bounds"], preview, signing)
    _check_holders(client, plan.demand, facts, preview)


def _reasons(facts: Mapping[str, Any]) -> list[str]:
    found = facts.get(REASONS, [])
    return found if isinstance(found, list) else []


def _check_holders(
    client: Client, demand: str, facts: Mapping[str, Any], preview: Mapping[str, Any]
) -> None:
    """Check that what is signed of who held what is what the preview shows."""
    spans = preview["counts"]["holders"]
    salt = client.get(f"{demand_route(demand)}/plan")["salt"] if spans else ""
    if facts.get(HOLDERS) != state_holders(spans, salt):
        raise VerificationFailed("the statement has other holders than the preview")


def _check_bounds(plan: Plan, bounds: Any, preview: Mapping[str, Any], signing: Signing) -> None:
    if preview["plan"] != signing.statement.subject:
        raise VerificationFailed("another plan replaced this one, or another was previewed")
    numbers = bounds if isinstance(bounds, dict) else {}
    if set(numbers) != {"rows", "max_rows"} or {type(one) for one in numbers.values()} != {int}:
        raise VerificationFailed("the statement has no bounds")
    if bounds["max_rows"] != largest_of(plan, bounds["rows"]):
        raise VerificationFailed("the statement lets through more rows than its preview allows")
    if bounds["rows"] == preview["rows"]:
        return
    counted, proposed = parse_instant(preview["previewed_at"]), signing.proposed_at
    if signing.statement.act is Act.PROPOSE or proposed is None or counted <= proposed:
        raise VerificationFailed("the statement has other rows than the preview")
    if preview["rows"] > bounds["max_rows"]:
        raise VerificationFailed("the plan was counted again and exceeds what was proposed")


register_check(PLAN_KIND, check_plan)
