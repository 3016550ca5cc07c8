"""How what an order owes is paid: one of us brings a paper and proposes it, an approver agrees."""

from lea_service.legal.confirmations.approval import ACCEPTANCE

__all__ = ["ACCEPTANCE", "ask", "pay"]


def ask(paper, accepted=None, ground=None):
    """Return the request that a paper pays; of one that differs each difference may be."""
    refs = [one.ref for one in paper.findings]
    return {
        "paper": paper.id,
        "accepted": refs if accepted is None else [*accepted],
        "ground": ground or ("asked_authority" if refs else None),
    }


def pay(house, confirmations, demand, order, validator=None, by="handler1", decided_by="approver1"):
    """Bring a paper and let it pay by two people; returns what was brought."""
    paper = confirmations.bring(house.actor(by), demand, order, validator)
    house.approve(ACCEPTANCE, ask(paper), by, decided_by)
    return paper
