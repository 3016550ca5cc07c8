"""An instalment by itself: the log it carries tells what was given before, and how much in all."""

from collections import Counter
from types import SimpleNamespace

import pytest

from lea_service.extraction.scope_proof import Tally
from lea_service.kernel.errors import VerificationFailed
from lea_service.packaging.verify_scope import Scope

OURS, OTHER = "ap_1", "ap_2"
GIVEN = "package.made_available"


def begin(run, approval=OURS, event="instalment.begun"):
    return {"ev": event, "facts": {"run": run, "approval": approval}}


def done(run, rows):
    return {"ev": "extraction.done", "facts": {"run": run, "rows": rows}}


def give(run, number):
    return {"ev": GIVEN, "facts": {"run": run, "instalment": number, "package": f"pk_{run}"}}


WAY = (
    begin("e_1", event="plan.approved"), done("e_1", 4), give("e_1", 1),
    begin("e_2"), done("e_2", 3), give("e_2", 2),
    begin("e_3"), done("e_3", 2),
)  # fmt: skip


def check(way, number=3, rows=2, most=9):
    """Check the third instalment of an order, with two rows of nine."""
    part = {
        "number": number,
        "of": 3,
        "start": "2026-12-01T00:00:00.000000Z",
        "end": "2026-12-05T00:00:00.000000Z",
    }
    scope = Scope(None, {"instalment": part, "decision": {"approval": OURS}})
    scope.tallies["call"] = Tally(rows=rows, items=Counter())
    scope.check_given(way, SimpleNamespace(facts={"bounds": {"max_rows": most}}))


def test_all_together_stay_within_the_bound():
    check(WAY)
    with pytest.raises(VerificationFailed, match="more rows, with those given before"):
        check(WAY, most=8)


def test_what_was_extracted_and_not_given_does_not_count():
    """It was made anew, up to an earlier end."""
    again = [*WAY[:-2], begin("e_3"), done("e_3", 9), begin("e_4"), done("e_4", 2)]
    check(again)


def test_what_was_given_on_another_decision_has_its_own_bound():
    other = [begin("e_1", OTHER, "plan.approved"), *WAY[1:3], begin("e_2", event="plan.approved")]
    check([*other, *WAY[4:]], most=5)


@pytest.mark.parametrize(
    "way",
    [WAY[:3] + WAY[6:], (*WAY[:6], give("e_2", 2), *WAY[6:]), (*WAY, give("e_3", 3))],
    ids=["one is missing", "one twice", "this one already"],
)
def test_each_before_it_was_given_once(way):
    with pytest.raises(VerificationFailed, match="other instalments"):
        check(way)
