"""The use case of the page: the look is entered, then everything is read at one instant."""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.custody.looks import Looks
from lea_service.extraction.models import PLAN_KIND
from lea_service.extraction.page.content import Page, list_ids, put_names
from lea_service.extraction.page.queries import Law, PlanCase, find_names, load_case
from lea_service.extraction.page.sections import write_page
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.transactions import Transactions
from lea_service.staff.approval_service import ApprovalService, OpenedApproval

NAMED_BY = {
    "s": Permission.STAFF_LIST,
    "a": Permission.AGENCY_READ,
    "p": Permission.AGENCY_READ,
    "d": Permission.AGENCY_READ,
}
"""Who may see the name behind an id, by how the id begins."""


class PageService:
    """Shows an approver everything for one decision; decides nothing."""

    def __init__(
        self, transactions: Transactions, looks: Looks, approvals: ApprovalService, law: Law
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._approvals = approvals
        self._law = law

    def show(self, actor: Actor, approval_id: str, *languages: str) -> tuple[Page, ...]:
        """Return the page of an approval, of whatever kind; the look at it is entered first.

        ``languages`` are ``nl`` and ``en``: a page in each, all of one instant. What somebody
        wrote stays in the language it is in.

        Raises NotFound, NotPermitted, Unavailable (erased meanwhile).
        """
        opened = self._approvals.open(actor, approval_id)
        if opened.view.kind != PLAN_KIND:
            return self._write(actor, opened, None, languages)
        permit(actor, Permission.DEMAND_READ)
        self._looks.note(actor, str(opened.facts["demand"]), "approval-page", "demand.viewed")
        now = self._transactions.clock.now()
        with self._transactions.read(actor) as session:
            case = load_case(
                session,
                self._transactions.keys,
                opened.view.subject,
                opened.payload,
                self._law,
                now,
            )
        return self._write(actor, opened, case, languages)

    def _write(
        self, actor: Actor, opened: OpenedApproval, case: PlanCase | None, languages: Sequence[str]
    ) -> tuple[Page, ...]:
        return tuple(self._name(actor, write_page(opened, case, one)) for one in languages)

    def _name(self, actor: Actor, page: Page) -> Page:
        """Put names beside ids, as far as ``actor`` may see them; they are kept nowhere."""
        is_known = {one: actor.has(right) for one, right in NAMED_BY.items()}
        ids = [one for one in list_ids(page) if is_known[one[0]]]
        with self._transactions.read(actor) as session:
            return put_names(page, find_names(session, self._transactions.keys, ids))
