"""Reads of reachability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from lea_service.kernel.actors import Role
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.jobs import Job
from lea_service.staff.models import DelegationRow, RoleGrant
from lea_service.staff.people_queries import view_person
from lea_service.staff.queries import find_rights, get_account
from lea_service.staff.reach.models import AbsenceRow, ReachAlarm, ReachTest
from lea_service.staff.reach.rules import REACHABLE, Absence, Asking, Reach, judge

TOO_FEW = "approvers.too_few"
BETWEEN_TELLINGS = timedelta(days=1)
OVERSEEING = frozenset({Role.OVERSEER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one approver; the times are those of the test that was sent last."""

    account: str
    reach: Reach
    tests: tuple[Asking, ...]
    absence: Absence | None

    @property
    def last(self) -> Asking | None:
        """Return the test that was sent last."""
        return max(self.tests, key=lambda one: one.sent_at, default=None)

    @property
    def answered_at(self) -> datetime | None:
        """Return when they answered last, whichever test it was."""
        return max((one.answered_at for one in self.tests if one.answered_at), default=None)


@dataclass(frozen=True, slots=True)
class ApproverLine:
    """The same as people see it, with the name and whether a mailbox is known."""

    account: str
    name: str
    reach: Reach
    is_reachable: bool
    has_mailbox: bool
    asked_at: datetime | None
    due_at: datetime | None
    answered_at: datetime | None
    away_from: datetime | None
    away_until: datetime | None


@dataclass(frozen=True, slots=True)
class ReachView:
    """Every approver, how many can be reached, and since when that is too few."""

    approvers: tuple[ApproverLine, ...]
    reachable: int
    alarm: str | None
    alarm_since: datetime | None


def list_standings(session: Session, now: datetime) -> list[Standing]:
    """Return how it stands with everybody who is an approver, or was lent the role, by id."""
    granted = select(RoleGrant.account_id).where(
        RoleGrant.role == str(Role.APPROVER), RoleGrant.ended_at.is_(None)
    )
    lent = select(DelegationRow.account_id).where(
        DelegationRow.valid_from <= now,
        DelegationRow.valid_until > now,
        DelegationRow.ended_at.is_(None),
    )
    accounts = {*session.scalars(granted), *session.scalars(lent)}
    return [find_standing(session, one, now) for one in sorted(accounts)]


def find_standing(session: Session, account: str, now: datetime) -> Standing:
    """Return how it stands with one person."""
    rights = find_rights(session, account, now)
    tests, absence = list_tests(session, account), find_absence(session, account)
    has_role = rights is not None and Role.APPROVER in rights.roles
    reach = judge(has_role=has_role, absence=absence, tests=tests, now=now)
    return Standing(account, reach, tests, absence)


def had_approvers(session: Session) -> bool:
    """Say whether anybody was ever made an approver: before that there is nothing to watch."""
    query = select(RoleGrant.id).where(RoleGrant.role == str(Role.APPROVER)).limit(1)
    return session.scalars(query).first() is not None


def list_tests(session: Session, account: str) -> tuple[Asking, ...]:
    """Return every time that somebody was asked, the first first."""
    query = select(ReachTest).where(ReachTest.account_id == account).order_by(ReachTest.sent_at)
    return tuple(Asking(row.sent_at, row.due_at, row.answered_at) for row in session.scalars(query))


def find_absence(session: Session, account: str) -> Absence | None:
    """Return what somebody said last of being away."""
    query = select(AbsenceRow).where(AbsenceRow.account_id == account)
    newest = query.order_by(AbsenceRow.entered_at.desc(), AbsenceRow.id.desc()).limit(1)
    row = session.scalars(newest).first()
    if row is None or row.since is None or row.until is None:
        return None
    return Absence(row.since, row.until)


def lock_open_test(session: Session, account: str) -> ReachTest | None:
    """Return the test that somebody was sent last and has not answered, locked."""
    query = select(ReachTest).where(ReachTest.account_id == account)
    newest = query.order_by(ReachTest.sent_at.desc(), ReachTest.id.desc()).limit(1)
    row = session.scalars(newest.with_for_update()).first()
    return row if row is not None and row.answered_at is None else None


def find_open_alarm(session: Session) -> ReachAlarm | None:
    """Return the alarm that has not ended."""
    return session.scalars(select(ReachAlarm).where(ReachAlarm.ended_at.is_(None))).first()


def is_telling_due(session: Session, alarm_id: str, now: datetime) -> bool:
    """Say whether people are to be told of an alarm: once, and a day after any other telling."""
    notice = literal(f"{TOO_FEW}/") + ReachAlarm.id
    query = select(ReachAlarm.id).join(Job, Job.dedup == notice)
    told = (ReachAlarm.id == alarm_id) | (Job.run_after > now - BETWEEN_TELLINGS)
    return session.scalars(query.where(told).limit(1)).first() is None


def list_overseeing(session: Session) -> Sequence[str]:
    """Return who was made an overseer or administrator, whether or not the role counts now."""
    query = select(RoleGrant.account_id).where(
        RoleGrant.role.in_(map(str, OVERSEEING)), RoleGrant.ended_at.is_(None)
    )
    return session.scalars(query.distinct().order_by(RoleGrant.account_id)).all()


def is_overseeing(session: Session, account: str, now: datetime) -> bool:
    """Say whether somebody may oversee or administer at ``now``: they are told of too few."""
    rights = find_rights(session, account, now)
    return rights is not None and not OVERSEEING.isdisjoint(rights.roles)


def view_reach(session: Session, keys: DataKeys, now: datetime) -> ReachView:
    """Return every approver as people see them."""
    lines = tuple(_view(session, keys, one, now) for one in list_standings(session, now))
    alarm = find_open_alarm(session)
    return ReachView(
        approvers=lines,
        reachable=sum(one.is_reachable for one in lines),
        alarm=None if alarm is None else alarm.id,
        alarm_since=None if alarm is None else alarm.began_at,
    )


def _view(session: Session, keys: DataKeys, one: Standing, now: datetime) -> ApproverLine:
    person = view_person(session, keys, get_account(session, one.account), now)
    last = one.last
    return ApproverLine(
        account=one.account,
        name=person.name,
        reach=one.reach,
        is_reachable=one.reach in REACHABLE,
        has_mailbox=person.engagement.mailbox is not None,
        asked_at=last.sent_at if last else None,
        due_at=last.due_at if last else None,
        answered_at=one.answered_at,
        away_from=one.absence.since if one.absence else None,
        away_until=one.absence.until if one.absence else None,
    )
