"""A paper that we had pays no validation either once it was saved anew, a byte longer."""

from dataclasses import replace

import pytest

from lea_service.kernel.errors import InvalidInput
from tests.legal.confirmations.paying import ACCEPTANCE, ask, pay
from tests.legal.confirmations.test_service import confirmations, holds, move, watch
from tests.legal.confirmations.test_validation import belgium, both
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log

__all__ = ["belgium", "both", "confirmations", "watch"]
OLD = "expected another paper"


@pytest.fixture
def written(belgium):
    """Return a written order that names the judge, as somebody to be asked."""
    return belgium.paper("EU-EPRO")


@ANY_ENGINE
def test_writing_that_paid_pays_no_validation_saved_anew(
    log, belgium, watch, both, handler, house, written
):
    confirmations, clocks = both
    demand = belgium.send("EU-EPRO", form="oral", order=None)
    move(log, demand, "under_review", "approved")
    watch(max(one.late for one in confirmations.list_open(handler, None, 10)), clocks)
    early = confirmations.bring(handler, demand, written + b"\n\n", belgium.judge)
    pay(house, confirmations, demand, written)
    assert holds(log, demand) == ["validation_awaited"]
    with pytest.raises(InvalidInput, match=OLD):
        confirmations.bring(handler, demand, written + b"\n", belgium.judge)
    with pytest.raises(InvalidInput, match=OLD):
        house.approve(ACCEPTANCE, ask(early), "handler1", "approver1")
    paper = belgium.authority.paper("Gevalideerd, Jan Peeters", **belgium.asked("EU-EPRO"))
    pay(house, confirmations, demand, paper, belgium.judge)
    assert holds(log, demand) == []
    check_log(log)


@ANY_ENGINE
def test_order_before_a_correction_pays_no_validation_saved_anew(
    log, belgium, demands, confirmations, handler
):
    first = belgium.unvalidated("In afschrift aan Jan Peeters")
    demand = belgium.send(order=first)
    found = demands.get(handler, demand)
    fields = replace(found.content, note="again")
    demands.correct(handler, demand, fields, found.version, belgium.unvalidated("Kopie"))
    move(log, demand, "under_review", "approved")
    for paper in (first + b"\n", belgium.unvalidated("Kopie") + b"\n"):
        with pytest.raises(InvalidInput, match=OLD):
            confirmations.bring(handler, demand, paper, belgium.judge)
    assert confirmations.bring(handler, demand, belgium.paper(), belgium.judge).findings == ()
