"""Use cases of demands: record, correct, withdraw, close, and every look at them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lea_service.custody.looks import Looks
from lea_service.demands import models, queries
from lea_service.demands.admission import (
    conceal,
    names_service,
    put_in_sealed_lane,
    shut_out,
)
from lea_service.demands.audit import NAMES_VALIDATION, STATES_DATE, STATES_RECEIPT
from lea_service.demands.changes import (
    add_order,
    add_record,
    advance,
    check_readable,
    find_answer,
    hold,
    lock_demand,
    release_hold,
    remember_answer,
)
from lea_service.demands.concerned import (
    Normalise,
    Related,
    as_typed,
    find_own_officers,
    find_own_people,
    find_related,
    keep_targets,
    lock_concerned,
    nothing_related,
)
from lea_service.demands.demand import Demand, DemandContent, Hold, Lane, OrderDocument
from lea_service.demands.document import changed_fields, dump_content, load_content
from lea_service.demands.holds import standing_holds
from lea_service.demands.look_service import note_look
from lea_service.demands.notices import ACKNOWLEDGED, acknowledge_anew, tell_ended
from lea_service.demands.order import SealedOrder, describe_order, seal_order
from lea_service.demands.recorded import Recorded
from lea_service.demands.states import State, wrong_state
from lea_service.demands.targets import check_whole_numbers
from lea_service.demands.withdrawal import Withdrawal
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json, dump_canonical
from lea_service.kernel.clock import format_instant, say_minute_after
from lea_service.kernel.database import WHOLE, CaseBase, Place
from lea_service.kernel.errors import InvalidInput, StaleVersion, WrongState
from lea_service.kernel.outbox import enqueue_alarm, enqueue_notice
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.kernel.visibility import is_hidden

BASIS_UNKNOWN = "basis_unknown"
SUBSCRIBERS_UNREAD = "subscribers_unread"
CORRECTABLE = frozenset({State.RECEIVED, State.UNDER_REVIEW, State.CLARIFICATION})
CLOCK_SKEW = timedelta(minutes=5)
ATTEMPTS = 3
TELLING = (
    "agency", "legal_basis", "channel", "form", "items", "receivers", "fields", "emergency",
)  # fmt: skip
"""What of the facts of an entry tells who asks, and by what right."""
_KEY = re.compile(r"[\x21-\x7e]{1,128}")

KeptUntil = Callable[[Session, str], datetime | None]
"""Returns until when the package of a demand is there for its receivers; None without one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a demand stands after a change."""

    id: str
    state: State
    version: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived, digested and sealed before any transaction begins.

    ``related`` are the digests of what else is of the subscribers it asks about; None where the
    records that say so cannot be read.
    """

    content: DemandContent
    order: OrderDocument | None
    sealed_order: SealedOrder | None
    digest: str
    related: frozenset[str] | None


class DemandService:
    """Records demands and keeps them until they are closed.

    ``is_known_basis`` says whether the legal catalogue has a basis, ``is_sealed_basis`` whether its
    demands go through the sealed lane, ``is_sealed_role`` whether those of a role do;
    ``max_order_bytes`` is how large an order document may be.
    ``normalise`` gives an identifier its one form, ``list_related`` tells what else is of the same
    subscribers; ``watch`` looks at each new record, and at the digests of what is related, for what
    people outside the flow are told; ``check_closable`` refuses (WrongState) what has to stay open.
    """

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        *,
        is_known_basis: Callable[[str], bool],
        max_order_bytes: int,
        kept_until: KeptUntil,
        is_sealed_basis: Callable[[str], bool] = lambda _basis: False,
        is_sealed_role: Callable[[str], bool] = lambda _role: False,
        normalise: Normalise = as_typed,
        list_related: Related = nothing_related,
        watch: Callable[[Transaction, str, Collection[str]], None] = lambda _tx, _demand, _re: None,
        check_closable: Callable[[Transaction, str], None] = lambda _tx, _demand: None,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._is_known_basis = is_known_basis
        self._is_sealed_basis = is_sealed_basis
        self._is_sealed_role = is_sealed_role
        self._normalise = normalise
        self._list_related = list_related
        self._watch = watch
        self._check_closable = check_closable
        self._max_order_bytes = max_order_bytes
        self._kept_until = kept_until

    def record(
        self,
        actor: Actor,
        command: DemandContent,
        order: bytes | None = None,
        idempotency_key: str | None = None,
    ) -> Recorded:
        """Record what arrived; the same again answers with the demand it made the first time.

        An unknown or suspended agency, person, receiver or basis is recorded too and holds the
        demand, and so does it that nobody is named to receive the answer.
        Raises InvalidInput, TooLarge, and Duplicate for a key that was used for something else.
        """
        permit(actor, Permission.DEMAND_RECORD)
        arrival = self._take_in(actor, command, order)
        key_digest = self._digest_key(idempotency_key)
        for _ in range(ATTEMPTS - 1):
            try:
                return self._record(actor, arrival, key_digest)
            except IntegrityError:  # the same was recorded at the same time: find it now
                continue
        return self._record(actor, arrival, key_digest)

    def correct(
        self,
        actor: Actor,
        demand_id: str,
        command: DemandContent,
        version: int,
        order: bytes | None = None,
    ) -> Standing:
        """Replace the record by a new version; the old one is kept, and so is its order.

        Raises StaleVersion, and WrongState once the demand was decided on.
        """
        permit(actor, Permission.DEMAND_EDIT)
        arrival = self._take_in(actor, command, order)
        with self._transactions.begin(actor) as tx:
            lock_concerned(tx)
            row = lock_demand(tx, demand_id)
            if State(row.state) not in CORRECTABLE:
                raise wrong_state(row.state, "corrected")
            if row.version != version:
                raise StaleVersion("the demand was changed since it was read", version=row.version)
            self._replace(tx, row, arrival)
            return _standing(row)

    def withdraw(self, actor: Actor, demand_id: str, withdrawal: Withdrawal) -> Standing:
        """Take the demand back for its authority, which is told: one of us says that it did.

        Raises WrongState once it was delivered, InvalidInput where words are wanted.
        """
        permit(actor, Permission.DEMAND_WITHDRAW)
        withdrawal.check_told()
        disclose: dict[str, Json] = {"by": withdrawal.by}
        if withdrawal.note:
            disclose["note"] = withdrawal.note
        facts: dict[str, Json] = {
            "channel": str(withdrawal.channel),
            "reason": str(withdrawal.reason),
        }
        with self._transactions.begin(actor) as tx:
            disclose |= conceal(tx.session, demand_id, facts, *facts)
            row = advance(
                tx,
                demand_id,
                State.WITHDRAWN,
                "demand.withdrawn",
                facts=facts,
                disclose=disclose,
            )
            tell_ended(tx, "demand.withdrawn", demand_id, "withdrawn")
            return _standing(row)

    def close(self, actor: Actor, demand_id: str) -> Standing:
        """Close a demand that is done with; its last entry but erasure says how many there are.

        Raises WrongState, also while a package has to be there for its receivers, receipt or not.
        """
        permit(actor, Permission.DEMAND_CLOSE)
        with self._transactions.begin(actor) as tx:
            row = lock_demand(tx, demand_id)
            self._check_closable(tx, demand_id)
            until = self._kept_until(tx.session, demand_id)
            if until is not None and tx.now < until:
                at = say_minute_after(until)
                detail = f"the package has to be there for its receivers until {at}"
                raise WrongState(detail, state=row.state, until=format_instant(until))
            facts: dict[str, Json] = {"entries": queries.count_entries(tx.session, demand_id) + 1}
            row = advance(tx, demand_id, State.CLOSED, "demand.closed", facts=facts)
            return _standing(row)

    def get(self, actor: Actor, demand_id: str) -> Demand:
        """Return a demand, opened; the look is entered first. Raises NotFound, Unavailable."""
        permit(actor, Permission.DEMAND_READ)
        self._note_look(actor, demand_id, "demand")
        with self._transactions.read(actor) as session:
            found = queries.get_demand(session, self._transactions.keys, demand_id)
        elapsed = queries.elapsed_minutes(found.received_at, self._transactions.clock.now())
        return replace(found, elapsed_minutes=elapsed if found.emergency else None)

    def get_order(self, actor: Actor, demand_id: str) -> queries.OrderFile:
        """Return the order as it arrived; the look is entered first. Raises NotFound."""
        permit(actor, Permission.DEMAND_READ)
        self._note_look(actor, demand_id, "order")
        with self._transactions.read(actor) as session:
            return queries.get_order(session, self._transactions.keys, demand_id)

    def holds(self, actor: Actor, demand_id: str) -> tuple[Hold, ...]:
        """Return what keeps a demand from going on now; the look is entered first."""
        permit(actor, Permission.DEMAND_READ)
        self._note_look(actor, demand_id, "holds")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            return queries.current_holds(session, self._transactions.keys, demand_id, now)

    def list(
        self, actor: Actor, state: State | None, after: Place | None, limit: int
    ) -> Sequence[queries.DemandLine]:
        """Return demands by their ids, states and dates, the newest first."""
        permit(actor, Permission.DEMAND_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "demands", "demand.listed")
        with self._transactions.read(actor) as session:
            now = self._transactions.clock.now()
            return queries.list_demands(session, state, after, limit, now=now)

    def list_emergencies(
        self, actor: Actor, after: Place | None, limit: int
    ) -> Sequence[queries.DemandLine]:
        """Return the emergencies that wait for an answer, the one that waits longest first."""
        permit(actor, Permission.DEMAND_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "emergencies", "demand.listed")
        with self._transactions.read(actor) as session:
            now = self._transactions.clock.now()
            return queries.list_emergencies(session, after, limit, now=now)

    def _note_look(self, actor: Actor, demand_id: str, view: str) -> None:
        note_look(self._transactions, self._looks, actor, demand_id, view)

    def _take_in(self, actor: Actor, content: DemandContent, order: bytes | None) -> Arrival:
        document = None if order is None else describe_order(order, self._max_order_bytes)
        if content.received_at > self._transactions.clock.now() + CLOCK_SKEW:
            raise InvalidInput.at("/received_at", "expected an instant that is not to come")
        request = [dump_content(content), None if document is None else document.sha256]
        digest = self._transactions.index.digest("demand.arrival", dump_canonical(request))
        sealed, index = None if order is None else seal_order(order), self._transactions.index
        with self._transactions.read(actor) as session:
            related = find_related(session, index, content, self._list_related, self._normalise)
        return Arrival(content, document, sealed, digest, related)

    def _digest_key(self, key: str | None) -> str | None:
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise InvalidInput("Idempotency-Key: expected 1 to 128 visible ASCII characters")
        return self._transactions.index.digest("demand.key", key)

    def _record(self, actor: Actor, arrival: Arrival, key_digest: str | None) -> Recorded:
        with self._transactions.begin(actor) as tx:
            lock_concerned(tx)
            if key_digest is not None:
                answered = find_answer(tx, key_digest, arrival.digest)
                if answered is not None:
                    return answered
            earlier = queries.find_arrival(tx.session, arrival.digest)
            answer = self._add(tx, arrival) if earlier is None else _replay(tx, earlier)
            if key_digest is not None:
                remember_answer(tx, key_digest, arrival.digest, answer)
            return answer

    def _add(self, tx: Transaction, arrival: Arrival) -> Recorded:
        content = arrival.content
        demand_id = tx.new_stream("c")
        row = models.Demand(
            id=demand_id,
            state=State.RECEIVED.value,
            state_since=tx.now,
            version=1,
            record_version=1,
            recorded_at=tx.now,
            recorded_by=tx.actor.id,
        )
        self._set_columns(row, content, tx.now)
        tx.session.add(row)
        tx.session.add(models.DemandArrival(digest=arrival.digest, demand_id=demand_id))
        holds = standing_holds(tx.session, content, tx.now)
        evidence = _add_version(tx, row, arrival, arrival.order)
        self._enter(tx, "demand.recorded", row, arrival, _facts(row, arrival, holds), evidence)
        holds += self._enter_holds(tx, demand_id, arrival)
        enqueue_notice(tx, ACKNOWLEDGED, demand=demand_id, occasion=ACKNOWLEDGED)
        self._admit(tx, row, arrival)
        return _recorded(row, holds, is_replay=False)

    def _replace(self, tx: Transaction, row: models.Demand, arrival: Arrival) -> None:
        document, kept = queries.open_record(tx.session, tx.keys, row.id, row.record_version)
        before = load_content(document)
        fields = changed_fields(before, arrival.content)
        if arrival.order is not None and arrival.order != kept:
            fields.append("order")
        if fields:
            row.version += 1
            row.record_version = row.version
            self._set_columns(row, arrival.content, tx.now)
            holds = standing_holds(tx.session, arrival.content, tx.now)
            facts = _facts(row, arrival, holds) | {"fields": [*fields]}
            evidence = _add_version(tx, row, arrival, arrival.order or kept)
            self._enter(tx, "demand.corrected", row, arrival, facts, evidence)
            acknowledge_anew(tx, row.id, before, arrival.content)
        self._enter_holds(tx, row.id, arrival)
        self._admit(tx, row, arrival)

    def _enter(
        self,
        tx: Transaction,
        event: str,
        row: models.Demand,
        arrival: Arrival,
        facts: dict[str, Json],
        evidence: Sequence[CaseBase],
    ) -> None:
        """Enter a record; of one in the sealed lane the leaf does not say who asks, and by what."""
        named = _named(arrival)
        if self._is_sealed(tx, row, arrival.content):
            named |= {name: facts.pop(name) for name in TELLING if name in facts}
        tx.record(event, row.id, facts=facts, disclose=named, evidence=evidence)

    def _is_sealed(self, tx: Transaction, row: models.Demand, content: DemandContent) -> bool:
        """Say whether a demand is in the sealed lane, or comes into it by its newest record."""
        return (
            Lane.SEALED in {content.lane, row.lane}
            or self._is_sealed_basis(content.legal_basis)
            or self._is_sealed_role(content.issuing_role)
            or names_service(tx.session, content)
        )

    def _admit(self, tx: Transaction, row: models.Demand, arrival: Arrival) -> None:
        """Decide who may know of a demand from now on; the last that its transaction does."""
        content, related = arrival.content, arrival.related or frozenset()
        asked = keep_targets(tx, row.id, content, self._normalise)
        concerned = find_own_people(tx, asked, related, self._normalise)
        concerned |= find_own_officers(tx, content, asked, self._normalise)
        if row.lane != Lane.SEALED and self._is_sealed(tx, row, content):
            put_in_sealed_lane(tx, row)
        shut_out(tx, row.id, concerned)
        self._watch(tx, row.id, related)

    def _set_columns(self, row: models.Demand, content: DemandContent, now: datetime) -> None:
        known = self._is_known_basis(content.legal_basis)
        row.agency_id = content.agency.ref
        row.legal_basis = content.legal_basis if known else None
        row.form = str(content.form)
        row.is_authorised_orally = content.is_authorised_orally
        row.is_emergency = content.emergency is not None
        if row.is_emergency and row.emergency_since is None:  # that it once was one, stays
            row.emergency_since = now
        row.order_date = content.order_date
        row.received_at = content.received_at
        row.due_at = content.due_at

    def _enter_holds(self, tx: Transaction, demand_id: str, arrival: Arrival) -> tuple[Hold, ...]:
        """Hold a demand by what is not known of it, or end such holds; returns those there are."""
        standing = {
            BASIS_UNKNOWN: not self._is_known_basis(arrival.content.legal_basis),
            SUBSCRIBERS_UNREAD: arrival.related is None,
        }
        for code, is_held in standing.items():
            (hold if is_held else release_hold)(tx, demand_id, code)
        if arrival.related is None:
            enqueue_alarm(tx, about=demand_id, occasion=f"{SUBSCRIBERS_UNREAD}/{demand_id}")
        return tuple(Hold(code) for code, is_held in standing.items() if is_held)


def _add_version(
    tx: Transaction, row: models.Demand, arrival: Arrival, order: OrderDocument | None
) -> Sequence[CaseBase]:
    """Keep the record, and the order when one came with it."""
    tx.session.flush()
    check_whole_numbers(arrival.content, queries.region_of(tx.session))
    evidence: list[CaseBase] = [add_record(tx, row.id, row.version, arrival.content, order)]
    tx.session.flush()
    if arrival.sealed_order is not None:
        evidence.append(add_order(tx, row.id, row.version, arrival.sealed_order))
    return evidence


def _replay(tx: Transaction, demand_id: str) -> Recorded:
    check_readable(tx, demand_id)
    if is_hidden(tx.session, demand_id):
        return _receipt(tx, demand_id)
    row = lock_demand(tx, demand_id)
    tx.record("demand.replayed", demand_id)
    holds = queries.current_holds(tx.session, tx.keys, demand_id, tx.now)
    return _recorded(row, holds, is_replay=True)


def _receipt(tx: Transaction, demand_id: str) -> Recorded:
    """Return that a demand arrived, and nothing of what became of it."""
    tx.record("demand.replayed", demand_id)
    row = tx.session.get_one(models.Demand, demand_id, execution_options=WHOLE)
    return Recorded(demand_id, True, State.RECEIVED, 1, row.received_at, row.recorded_at)


def _recorded(row: models.Demand, holds: tuple[Hold, ...], *, is_replay: bool) -> Recorded:
    return Recorded(
        demand_id=row.id,
        is_replay=is_replay,
        state=State(row.state),
        version=row.version,
        received_at=row.received_at,
        recorded_at=row.recorded_at,
        holds=holds,
    )


def _facts(row: models.Demand, arrival: Arrival, holds: Sequence[Hold]) -> dict[str, Json]:
    content = arrival.content
    return {
        "state": row.state,
        "version": row.version,
        "agency": row.agency_id,
        "legal_basis": row.legal_basis,
        "channel": str(content.channel),
        "form": str(content.form),
        "items": len(content.items),
        "receivers": len(content.receivers),
        "has_order": arrival.order is not None,
        "holds": [*sorted({one.code for one in holds})],
        **({"emergency": str(content.emergency.reason)} if content.emergency else {}),
        NAMES_VALIDATION: content.names_validation,
        STATES_RECEIPT: format_instant(content.received_at),
        STATES_DATE: content.order_date.isoformat(),
    }


def _named(arrival: Arrival) -> dict[str, Json]:
    """Return what the entry discloses: the order's digest and the authority's references."""
    named: dict[str, Json] = {}
    if arrival.order is not None:
        named["order_sha256"] = arrival.order.sha256
    if arrival.content.references:
        references = arrival.content.references
        named["references"] = [{"kind": one.kind, "value": one.value} for one in references]
    return named


def _standing(row: models.Demand) -> Standing:
    return Standing(row.id, State(row.state), row.version)
