"""Who acts, and the one table that says which role may do what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lea_service.kernel.errors import NotPermitted


class Role(StrEnum):
    """What a person, a receiver or the worker is here for."""

    HANDLER = "handler"
    APPROVER = "approver"
    AUDITOR = "auditor"
    OVERSEER = "overseer"
    ENGINEER = "engineer"
    ADMINISTRATOR = "administrator"
    RECEIVER = "receiver"
    WORKER = "worker"


class Permission(StrEnum):
    """One guarded act each."""

    STAFF_PROPOSE = "staff.propose"
    STAFF_DECIDE = "staff.decide"
    STAFF_SUSPEND = "staff.suspend"
    STAFF_LIST = "staff.list"
    STAFF_SELF = "staff.self"

    AGENCY_PROPOSE = "agency.propose"
    AGENCY_DECIDE = "agency.decide"
    AGENCY_SUSPEND = "agency.suspend"
    AGENCY_READ = "agency.read"

    DEMAND_RECORD = "demand.record"
    DEMAND_READ = "demand.read"
    DEMAND_EDIT = "demand.edit"
    DEMAND_LIST = "demand.list"
    DEMAND_WITHDRAW = "demand.withdraw"
    DEMAND_CLOSE = "demand.close"

    POLICY_PROPOSE = "policy.propose"
    POLICY_DECIDE = "policy.decide"
    LEGAL_ASSESS = "legal.assess"
    LEGAL_READ = "legal.read"
    DEADLINE_WATCH = "deadline.watch"
    DEMAND_REFUSE = "demand.refuse"
    PRESERVATION_KEEP = "preservation.keep"
    PRESERVATION_LIFT = "preservation.lift"
    CONFIRMATION_ACCEPT = "confirmation.accept"

    SOURCE_MANAGE = "source.manage"
    SOURCE_READ = "source.read"
    RETENTION_PROPOSE = "retention.propose"
    RETENTION_DECIDE = "retention.decide"
    RETENTION_READ = "retention.read"
    RETENTION_PURGE = "retention.purge"

    BACKUP_KEEP = "backup.keep"

    PLAN_COMPILE = "plan.compile"
    PLAN_READ = "plan.read"
    PLAN_PREVIEW = "plan.preview"
    PLAN_PROPOSE = "plan.propose"
    PLAN_DECIDE = "plan.decide"
    EXTRACTION_RUN = "extraction.run"

    PACKAGE_SEAL = "package.seal"
    PACKAGE_READ = "package.read"

    DELIVERY_RELEASE = "delivery.release"
    DELIVERY_READ = "delivery.read"
    DELIVERY_COLLECT = "delivery.collect"

    CUSTODY_READ = "custody.read"
    CUSTODY_READ_DEMAND = "custody.read_demand"
    CUSTODY_EXPORT = "custody.export"
    CHECKPOINT_PUBLISH = "checkpoint.publish"

    BREACH_READ = "breach.read"
    BREACH_ASSESS = "breach.assess"

    WARNING_READ = "warning.read"
    WARNING_SETTLE = "warning.settle"

    INQUIRY_ASK = "inquiry.ask"
    INQUIRY_AGREE = "inquiry.agree"

    JOB_RUN = "job.run"
    JOB_READ = "job.read"


_CASE_READING = frozenset(
    {
        Permission.AGENCY_READ,
        Permission.DEMAND_READ,
        Permission.DEMAND_LIST,
        Permission.LEGAL_READ,
        Permission.SOURCE_READ,
        Permission.RETENTION_READ,
        Permission.PLAN_READ,
        Permission.PACKAGE_READ,
        Permission.DELIVERY_READ,
        Permission.CUSTODY_READ_DEMAND,
        Permission.JOB_READ,
    }
)
_EVERYBODY = frozenset({Permission.STAFF_SELF, Permission.STAFF_LIST})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.HANDLER: _EVERYBODY
    | _CASE_READING
    | {
        Permission.AGENCY_PROPOSE,
        Permission.AGENCY_DECIDE,
        Permission.AGENCY_SUSPEND,
        Permission.DEMAND_RECORD,
        Permission.DEMAND_EDIT,
        Permission.DEMAND_WITHDRAW,
        Permission.DEMAND_CLOSE,
        Permission.DEMAND_REFUSE,
        Permission.LEGAL_ASSESS,
        Permission.POLICY_PROPOSE,
        Permission.PRESERVATION_KEEP,
        Permission.PLAN_COMPILE,
        Permission.PLAN_PREVIEW,
        Permission.PLAN_PROPOSE,
        Permission.RETENTION_PROPOSE,
    },
    Role.APPROVER: _EVERYBODY
    | _CASE_READING
    | {
        Permission.AGENCY_PROPOSE,
        Permission.AGENCY_DECIDE,
        Permission.AGENCY_SUSPEND,
        Permission.DEMAND_REFUSE,
        Permission.PRESERVATION_LIFT,
        Permission.CONFIRMATION_ACCEPT,
        Permission.PLAN_PREVIEW,
        Permission.PLAN_DECIDE,
        Permission.RETENTION_DECIDE,
    },
    Role.AUDITOR: _EVERYBODY
    | _CASE_READING
    | {
        Permission.BREACH_READ,
        Permission.CUSTODY_READ,
        Permission.CUSTODY_EXPORT,
        Permission.INQUIRY_ASK,
        Permission.INQUIRY_AGREE,
    },
    Role.OVERSEER: _EVERYBODY
    | {
        Permission.STAFF_PROPOSE,
        Permission.STAFF_DECIDE,
        Permission.STAFF_SUSPEND,
        Permission.AGENCY_DECIDE,
        Permission.AGENCY_SUSPEND,
        Permission.AGENCY_READ,
        Permission.CUSTODY_READ,
        Permission.RETENTION_READ,
        Permission.RETENTION_DECIDE,
        Permission.POLICY_DECIDE,
        Permission.SOURCE_READ,
        Permission.LEGAL_READ,
        Permission.BREACH_READ,
        Permission.BREACH_ASSESS,
        Permission.WARNING_READ,
        Permission.WARNING_SETTLE,
        Permission.INQUIRY_ASK,
        Permission.INQUIRY_AGREE,
    },
    Role.ENGINEER: _EVERYBODY
    | {
        Permission.SOURCE_MANAGE,
        Permission.SOURCE_READ,
        Permission.RETENTION_READ,
        Permission.RETENTION_PROPOSE,
        Permission.RETENTION_PURGE,
    },
    Role.ADMINISTRATOR: _EVERYBODY
    | {Permission.STAFF_PROPOSE, Permission.STAFF_DECIDE, Permission.STAFF_SUSPEND},
    Role.RECEIVER: frozenset({Permission.DELIVERY_COLLECT}),
    Role.WORKER: frozenset(
        {
            Permission.JOB_RUN,
            Permission.EXTRACTION_RUN,
            Permission.PACKAGE_SEAL,
            Permission.DELIVERY_RELEASE,
            Permission.DEADLINE_WATCH,
            Permission.CHECKPOINT_PUBLISH,
            Permission.RETENTION_PURGE,
            Permission.BACKUP_KEEP,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts, with the roles that count at this instant.

    ``id`` is pseudonymous: ``s_…`` for staff, ``p_…`` for a person of an agency,
    ``sys:<component>`` for a part of the service itself.
    """

    id: str
    roles: frozenset[Role]
    session_id: str | None = None

    def has(self, permission: Permission) -> bool:
        """Say whether one of the roles grants ``permission``."""
        return any(permission in GRANTS[role] for role in self.roles)


def permit(actor: Actor, permission: Permission) -> None:
    """Let the act go on, or raise NotPermitted."""
    if not actor.has(permission):
        raise NotPermitted(f"needs the permission {permission}", permission=str(permission))


def worker_actor() -> Actor:
    """Return the identity under which the worker acts; no person has it."""
    return Actor("sys:worker", frozenset({Role.WORKER}))
