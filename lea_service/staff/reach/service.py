"""Use cases of reachability: the worker asks and watches, approvers answer and say they are away.

Too few warn, and refuse nothing: whoever can be reached may decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.custody.looks import Looks
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant
from lea_service.kernel.database import lock_row
from lea_service.kernel.errors import InvalidInput, NotFound
from lea_service.kernel.outbox import Begin, enqueue_colleague_notice, enqueue_own_notice
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.staff.models import Account
from lea_service.staff.queries import lock_accounts
from lea_service.staff.reach.codes import is_code, is_formed
from lea_service.staff.reach.models import AbsenceRow, ReachAlarm, ReachTest
from lea_service.staff.reach.queries import (
    TOO_FEW,
    ReachView,
    find_open_alarm,
    find_standing,
    had_approvers,
    is_overseeing,
    is_telling_due,
    list_overseeing,
    list_standings,
    lock_open_test,
    view_reach,
)
from lea_service.staff.reach.rules import (
    REACHABLE,
    Absence,
    Timing,
    check_absence,
    is_test_due,
    is_too_few,
)

ASKED = "approvers.asked"


class ReachService:
    """Asks approvers now and then for a code, and warns when too few can be reached."""

    def __init__(self, transactions: Transactions, looks: Looks, timing: Timing) -> None:
        self._transactions = transactions
        self._looks = looks
        self._timing = timing

    def watch(self, begin: Begin) -> None:
        """Ask whoever is due, and enter when too few can be reached and when that ends.

        Each in a transaction of ``begin``; repeating it enters nothing twice.
        """
        now = self._transactions.clock.now()
        with self._transactions.read() as session:
            due = [
                one.account
                for one in list_standings(session, now)
                if is_test_due(one.reach, one.tests, self._timing, now)
            ]
        for account in due:
            with begin() as tx:
                self._ask(tx, account)
        with begin() as tx:
            _watch_number(tx)

    def confirm(self, actor: Actor, code: str) -> None:
        """Take in the code of the test that one was sent last; a late one counts from now on.

        Raises NotPermitted, NotFound (nothing to answer), InvalidInput (another code).
        """
        permit(actor, Permission.STAFF_SELF)
        if not is_formed(code):
            raise InvalidInput.at("/code", "expected a code as ABCD-EFGH")
        with self._transactions.begin(actor) as tx:
            test = lock_open_test(tx.session, actor.id)
            if test is None:
                raise NotFound("there is no test that you have not answered")
            if not is_code(tx.index, test.id, code):
                raise InvalidInput.at("/code", "expected the code of the test sent to you last")
            test.answered_at = tx.now
            facts: dict[str, Json] = {"test": test.id, "is_late": test.due_at <= tx.now}
            tx.record("approvers.answered", actor.id, facts=facts)

    def enter_absence(self, actor: Actor, absence: Absence | None) -> None:
        """Say that one is away, or is not after all; it replaces what one said before.

        Raises NotPermitted, InvalidInput.
        """
        permit(actor, Permission.STAFF_SELF)
        with self._transactions.begin(actor) as tx:
            if absence is not None:
                check_absence(absence, tx.now)
            lock_row(tx.session, Account, actor.id, "person")
            since, until = (absence.since, absence.until) if absence else (None, None)
            row = AbsenceRow(
                id=tx.ids.new("ab"),
                account_id=actor.id,
                since=since,
                until=until,
                entered_at=tx.now,
            )
            tx.session.add(row)
            tx.session.flush()
            facts: dict[str, Json] = {"from": dump_instant(since), "until": dump_instant(until)}
            tx.record("approvers.absence_entered", actor.id, facts=facts, evidence=[row])

    def show(self, actor: Actor) -> ReachView:
        """Return how it stands with every approver; the look is entered first."""
        permit(actor, Permission.STAFF_LIST)
        self._looks.note(actor, SYSTEM_STREAM, "reachability", "staff.listed")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            return view_reach(session, self._transactions.keys, now)

    def _ask(self, tx: Transaction, account: str) -> None:
        """Send somebody a test, unless another worker did."""
        permit(tx.actor, Permission.JOB_RUN)
        lock_accounts(tx.session, [account])
        found = find_standing(tx.session, account, tx.now)
        if not is_test_due(found.reach, found.tests, self._timing, tx.now):
            return
        test = ReachTest(
            id=tx.ids.new("rt"),
            account_id=account,
            sent_at=tx.now,
            due_at=tx.now + self._timing.term,
        )
        tx.session.add(test)
        tx.session.flush()
        facts: dict[str, Json] = {"test": test.id, "due": dump_instant(test.due_at)}
        tx.record("approvers.asked", account, facts=facts)
        enqueue_colleague_notice(tx, ASKED, about=test.id, colleague=account, occasion=test.id)


def _watch_number(tx: Transaction) -> None:
    """Enter that too few can be reached, or that enough can again; each once."""
    permit(tx.actor, Permission.JOB_RUN)
    overseeing = list_overseeing(tx.session)
    lock_accounts(tx.session, overseeing)  # so that two workers raise one alarm
    standings = [one.reach for one in list_standings(tx.session, tx.now)]
    alarm, is_few = find_open_alarm(tx.session), is_too_few(standings)
    reachable = sum(one in REACHABLE for one in standings)
    facts: dict[str, Json] = {"reachable": reachable, "approvers": len(standings)}
    if alarm is None and is_few and had_approvers(tx.session):
        alarm = _begin_alarm(tx, facts)
    elif alarm is not None and not is_few:
        alarm.ended_at = tx.now
        tx.record("approvers.enough", SYSTEM_STREAM, facts=facts | {"alarm": alarm.id})
    if (
        alarm is not None
        and alarm.ended_at is None
        and is_telling_due(tx.session, alarm.id, tx.now)
    ):
        _tell(tx, alarm, overseeing)


def _begin_alarm(tx: Transaction, facts: dict[str, Json]) -> ReachAlarm:
    alarm = ReachAlarm(id=tx.ids.new("ra"), began_at=tx.now)
    tx.session.add(alarm)
    tx.session.flush()
    tx.record("approvers.too_few", SYSTEM_STREAM, facts=facts | {"alarm": alarm.id})
    return alarm


def _tell(tx: Transaction, alarm: ReachAlarm, overseeing: Sequence[str]) -> None:
    """Tell of an alarm; whoever keeps causing falls makes no flood of notices."""
    enqueue_own_notice(tx, TOO_FEW, about=alarm.id, occasion=alarm.id)
    for one in overseeing:
        if is_overseeing(tx.session, one, tx.now):
            enqueue_colleague_notice(tx, TOO_FEW, about=alarm.id, colleague=one, occasion=alarm.id)
