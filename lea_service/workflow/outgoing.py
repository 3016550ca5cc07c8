"""Sends the notices of the outbox; each that left is entered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lea_service.agencies.address_queries import find_agency_address
from lea_service.agencies.queries import find_mailbox, is_suspended
from lea_service.demands.admission import (
    SEALED_LANE,
    conceal,
    is_kept_from_some,
    is_sealed,
    list_kept_out,
)
from lea_service.demands.queries import get_demand
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import FILE, DataKeys
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.kernel.jobs import JobContext, Postponed
from lea_service.kernel.outbox import enqueue_own_notice
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction
from lea_service.oversight.queries import find_recipient_mailbox
from lea_service.staff.engagements import open_contact
from lea_service.staff.reach.codes import code_of
from lea_service.workflow.mailboxes import (
    find_agency_mailbox,
    find_cleared_mailboxes,
    find_demand_mailbox,
    find_prosecution_mailbox,
)
from lea_service.workflow.notices import TEMPLATES, Notice, NoticeTransport, OwnMailbox, Reader

AGAIN_SECONDS = 60
FINDING = {
    Reader.ASKING: find_demand_mailbox,
    Reader.AGENCY: find_agency_mailbox,
    Reader.PROSECUTION: find_prosecution_mailbox,
}


class Outgoing:
    """The handler of ``notice.send``."""

    def __init__(self, transport: NoticeTransport, own: Mapping[OwnMailbox, str]) -> None:
        self._transport = transport
        self._own = own

    def send(self, context: JobContext) -> None:
        """Send one notice; what has no address in the register is entered as not sent.

        One that is kept from somebody who is suspended goes out once that is lifted, unless the
        demand was erased by then. Raises Postponed until then.
        """
        template = str(context.args["template"])
        with context.transactions.read() as session:
            mailbox = self._find_mailbox(session, context)
            reference = _reference(session, context)
            is_kept_back = mailbox is None and _is_kept_back(session, context)
        if mailbox is None:
            context.step("unsent", lambda tx: _give_up(tx, context))
            if is_kept_back:
                raise Postponed("whom the notice is for is suspended", AGAIN_SECONDS)
            return
        now = context.transactions.clock.now()
        notice = Notice(context.job_id, mailbox, template, reference, now)
        context.effect("send", lambda: self._send(notice))
        context.step("sent", lambda tx: _record(tx, context, is_sent=True))

    def _find_mailbox(self, session: Session, context: JobContext) -> str | None:
        keys, recipient = context.transactions.keys, context.args.get("recipient")
        colleague = context.args.get("colleague")
        if colleague is not None:
            return open_contact(session, keys, str(colleague)).mailbox
        if recipient is not None:
            return find_recipient_mailbox(session, keys, str(recipient))
        template = TEMPLATES.get(str(context.args["template"]))
        if template is not None and template.own is not None:
            return self._find_own(session, context, template.own)
        try:
            return _find_receiving(session, keys, context.args)
        except Unavailable:  # the names were erased meanwhile: nobody to write to
            return None

    def _find_own(self, session: Session, context: JobContext, own: OwnMailbox) -> str | None:
        """Return where our own people are told; of a sealed demand only those who are cleared.

        While none of them has a mailbox here, what is an alarm goes where alarms go, since else
        nobody would hear that the lane has no people (ADR 0018).
        """
        demand = str(context.args.get("about"))
        if not is_sealed(session, demand):
            return self._own[own]
        now, keys = context.transactions.clock.now(), context.transactions.keys
        cleared = find_cleared_mailboxes(session, keys, demand, now)
        return cleared or (self._own[own] if own is OwnMailbox.ALARMS else None)

    def _send(self, notice: Notice) -> Json:
        try:
            self._transport.send(notice)
        except Unavailable as err:  # a mail server may be away for days: repeat until it worked
            raise Postponed(err.detail, AGAIN_SECONDS) from err
        return None


def _is_kept_back(session: Session, context: JobContext) -> bool:
    """Say whether a notice of a demand waits for the end of a suspension, and nothing else."""
    template, demand_id = TEMPLATES.get(str(context.args["template"])), context.args.get("demand")
    if demand_id is None or (template is not None and template.otherwise is not None):
        return False
    try:
        demand = get_demand(session, context.transactions.keys, str(demand_id))
    except Unavailable:  # its names were erased
        return False
    receiver = context.args.get("receiver")
    asking = (demand.contact, demand.issuing_person, demand.agency)
    refs = [receiver] if receiver else [one.ref for one in asking if one is not None]
    return any(_is_suspended(session, one) for one in refs if one)


def _is_suspended(session: Session, ref: Json) -> bool:
    try:
        return is_suspended(session, str(ref))
    except NotFound:
        return False


def _give_up(tx: Transaction, context: JobContext) -> Json:
    """Enter that a notice has no address; where it matters that it was read, our own are told."""
    template = TEMPLATES.get(str(context.args["template"]))
    if template is not None and template.otherwise is not None:
        demand = str(context.args["demand"])
        enqueue_own_notice(tx, template.otherwise, about=demand, occasion=context.job_id)
    return _record(tx, context, is_sent=False)


def _find_receiving(session: Session, keys: DataKeys, args: Mapping[str, Json]) -> str | None:
    """Return where a notice about a demand goes; never to who is shut out from it."""
    demand, receiver = str(args["demand"]), args.get("receiver")
    if receiver is None:
        template = TEMPLATES.get(str(args["template"]))
        find = FINDING[Reader.ASKING if template is None else template.reader]
        return find(session, keys, get_demand(session, keys, demand))
    if str(receiver) in list_kept_out(session, demand):
        return None
    look_up = find_agency_address if str(receiver).startswith("a_") else find_mailbox
    return look_up(session, keys, str(receiver))


def _reference(session: Session, context: JobContext) -> str:
    """Return what a notice is about; not which demand it is that somebody of ours may not know."""
    about, template = context.args.get("about"), TEMPLATES.get(str(context.args["template"]))
    if template is not None and template.is_coded:
        return code_of(context.transactions.index, str(about))
    if about is None:
        return str(context.args["demand"])
    return SEALED_LANE if is_kept_from_some(session, str(about)) else str(about)


def _record(tx: Transaction, context: JobContext, *, is_sent: bool) -> Json:
    """Enter what became of a notice; of a sealed demand the leaf does not say whom it is for."""
    demand = context.args.get("demand")
    facts: dict[str, Json] = {
        "job": context.job_id,
        "template": context.args["template"],
        "receiver": context.args.get("receiver"),
    }
    event = "notice.sent" if is_sent else "notice.unsent"
    if not demand:
        tx.record(event, SYSTEM_STREAM, facts=facts)
        return None
    told = conceal(tx.session, str(demand), facts, "receiver")
    is_readable = tx.keys.is_whole(tx.session, str(demand), FILE)
    tx.record(event, str(demand), facts=facts, disclose=told if is_readable else {})
    return None
