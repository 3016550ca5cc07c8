"""What takes two people: colleagues' own identifiers, what is watched over, whom warnings go to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import delete

from lea_service.agencies.changed import register_hearing
from lea_service.demands.admission import shut_out
from lea_service.demands.concerned import (
    RELATED,
    Mark,
    Related,
    digest_identifier,
    digest_related,
    forms_of,
    list_asking,
    lock_concerned,
    look_again,
    nothing_related,
)
from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.models import MarkedIdentifier
from lea_service.kernel.actors import Permission
from lea_service.kernel.canonical import Json
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction
from lea_service.legal.queries import normalise_of
from lea_service.oversight.models import WarningRecipient
from lea_service.oversight.queries import mailbox_label, oversees
from lea_service.oversight.schemas import OwnIdentifiersRequest, RecipientRequest, WatchRequest
from lea_service.records.identifiers import normalise_target
from lea_service.staff.kinds import Draft, Drafted, KindRule, register_kind
from lea_service.staff.models import Approval
from lea_service.staff.queries import get_account
from lea_service.web.schemas import load_form

OWN_KIND, WATCH_KIND, RECIPIENT_KIND = (
    "oversight.own_identifiers",
    "oversight.watch",
    "oversight.recipient",
)
WATCH_LIST = "watch"
EVER = Period(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), "UTC")
OWN_SET, WATCH_SET = "staff.identifiers_set", "warning.watch_set"
RECIPIENT_SET = "warning.recipient_set"


def draft_own(tx: Transaction, request: Json) -> Drafted:
    """Draft the identifiers of a colleague. Raises InvalidInput, NotFound."""
    asked = load_form(OwnIdentifiersRequest, request)
    account = get_account(tx.session, asked["account"]).id
    digests_of(tx.index, asked["identifiers"])
    facts: dict[str, Json] = {"account": account, "count": len(asked["identifiers"])}
    return Drafted(account, account, asked, facts, request, beneficiary=account)


def apply_own(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Set the identifiers; demands that ask about one are closed to the colleague at once.

    So are those that ask about what else was ever of the same customer, by the subscriber records.
    Raises Unavailable where those cannot be read: nothing is set then.
    """
    lock_concerned(tx)
    asked = cast("dict[str, Any]", payload)
    account, digests = asked["account"], digests_of(tx.index, asked["identifiers"])
    _replace(tx, Mark.OWN, account, digests, approval)
    facts: dict[str, Json] = {"approval": approval.id, "count": len(digests)}
    tx.record(OWN_SET, account, facts=facts)
    related = related_to(tx, asked["identifiers"])
    for demand in list_asking(tx.session, {*digests, *related}):
        shut_out(tx, demand, [account])


def related_to(tx: Transaction, identifiers: Sequence[dict[str, str]]) -> frozenset[str]:
    """Return by which demands about the customers who ever had an identifier are found."""
    list_related = cast("Related", tx.session.info.get(RELATED, nothing_related))
    targets = (
        Target(TargetKind(one["kind"]), one["value"], source=one.get("source"))
        for one in identifiers
    )
    items = [Item(n, target, EVER, ()) for n, target in enumerate(targets, 1)]
    return digest_related(tx.session, tx.index, items, list_related, normalise_of(tx.session))


def draft_watch(tx: Transaction, request: Json) -> Drafted:
    """Draft the list of what is watched over. Raises InvalidInput."""
    asked = load_form(WatchRequest, request)
    digests_of(tx.index, asked["identifiers"])
    facts: dict[str, Json] = {"count": len(asked["identifiers"])}
    return Drafted(WATCH_LIST, SYSTEM_STREAM, asked, facts, request)


def apply_watch(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Set the list of what is watched over."""
    digests = digests_of(tx.index, cast("dict[str, Any]", payload)["identifiers"])
    _replace(tx, Mark.WATCH, WATCH_LIST, digests, approval)
    facts: dict[str, Json] = {"approval": approval.id, "count": len(digests)}
    tx.record(WATCH_SET, SYSTEM_STREAM, facts=facts)


def draft_recipient(tx: Transaction, request: Json) -> Drafted:
    """Draft that warnings go to somebody, or no longer. Raises InvalidInput, NotFound."""
    asked = load_form(RecipientRequest, request)
    account = get_account(tx.session, asked["account"]).id
    _check_recipient(tx, asked)
    facts: dict[str, Json] = {"account": account, "is_listed": asked["is_listed"]}
    return Drafted(account, account, asked, facts, request, beneficiary=account)


def apply_recipient(tx: Transaction, approval: Approval, payload: Json) -> None:
    """Put somebody on the list of those whom warnings go to, or take them off it."""
    asked = cast("dict[str, Any]", payload)
    account = asked["account"]
    _check_recipient(tx, asked)
    row = tx.session.get(WarningRecipient, account)
    if not asked["is_listed"]:
        if row is None:
            raise WrongState("this person is not on the list")
        tx.session.delete(row)
    else:
        sealed = tx.seal(account, asked["mailbox"], mailbox_label())
        made = WarningRecipient(
            account_id=account, sealed=sealed, approval_id=approval.id, since=tx.now
        )
        tx.session.merge(made)
    facts: dict[str, Json] = {"approval": approval.id, "is_listed": asked["is_listed"]}
    tx.record(RECIPIENT_SET, account, facts=facts)


def _check_recipient(tx: Transaction, asked: dict[str, Any]) -> None:
    """Let somebody be listed whose role as an overseer counts."""
    if asked["is_listed"] and not oversees(tx.session, asked["account"], tx.now):
        raise WrongState("warnings go to overseers whose clearances hold")


def _replace(
    tx: Transaction, mark: Mark, party: str, digests: Sequence[str], approval: Approval
) -> None:
    table = MarkedIdentifier
    tx.session.execute(delete(table).where(table.mark == str(mark), table.party == party))
    tx.session.add_all(
        table(digest=one, mark=str(mark), party=party, approval_id=approval.id) for one in digests
    )


def digests_of(index: BlindIndex, identifiers: Sequence[dict[str, str]]) -> list[str]:
    """Return by which identifiers are found; numbers are written with their country code."""
    normalise = partial(normalise_target, region=None)
    found = set()
    for n, one in enumerate(identifiers):
        kind = TargetKind(one["kind"])
        if normalise(kind, one["value"]) is None:
            raise InvalidInput.at(f"/identifiers/{n}/value", "expected one of its kind, whole")
        forms = forms_of(Target(kind, one["value"], source=one.get("source")), normalise)
        found |= {digest_identifier(index, known_as, form) for known_as, form in forms}
    return sorted(found)


def _register(kind: str, draft: Draft, apply: Any) -> None:
    register_kind(
        KindRule(kind, Permission.STAFF_PROPOSE, Permission.STAFF_DECIDE, apply, draft=draft)
    )


_register(OWN_KIND, draft_own, apply_own)
_register(WATCH_KIND, draft_watch, apply_watch)
_register(RECIPIENT_KIND, draft_recipient, apply_recipient)
register_hearing("demands", partial(look_again, normalise=partial(normalise_target, region=None)))
