"""Nobody alone takes back that somebody is protected."""

from functools import partial

import pytest

from lea_service.demands.demand import Channel
from lea_service.demands.service import Withdrawal
from lea_service.kernel.errors import NotPermitted
from lea_service.legal import taken_back
from lea_service.legal.protected_words import HINT
from lea_service.legal.taken_back import TAKEN_BACK, list_taken_back
from lea_service.records.identifiers import normalise_target
from tests.demands.samples import content, item
from tests.legal.test_service import REASON, correct
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log

SOURCE = "journalist_or_source"
NORMALISE = partial(normalise_target, region="NL")
SAME, OTHER = "+31612345678", "+31612345679"


def asked(*pairs):
    said = [{} if one is None else {"protection": one} for _, one in pairs]
    items = [item(value=pair[0], **one) for pair, one in zip(pairs, said, strict=True)]
    return content(items=items).items


@pytest.mark.parametrize(
    ("earlier", "now", "codes"),
    [
        ([(SAME, SOURCE)], [(SAME, "none")], [SOURCE]),
        ([(SAME, SOURCE)], [("06-12345678", None)], [SOURCE]),
        ([(SAME, SOURCE)], [(SAME, "lawyer")], [SOURCE]),
        (
            [(SAME, SOURCE), (OTHER, "lawyer")],
            [(SAME, "lawyer"), (OTHER, SOURCE)],
            [SOURCE, "lawyer"],
        ),
        ([(SAME, SOURCE)], [(OTHER, "none")], [SOURCE]),
        ([(SAME, SOURCE)], [(OTHER, SOURCE)], []),
        ([(SAME, SOURCE)], [("06-12345678", SOURCE)], []),
        ([(SAME, SOURCE)], [(OTHER, "none"), (SAME, SOURCE)], []),
        ([(SAME, None), (OTHER, "none")], [(SAME, "none"), (OTHER, SOURCE)], []),
        ([(OTHER, "none"), (SAME, SOURCE)], [(SAME, "none")], [SOURCE]),
    ],
)
def test_protection_is_taken_back_from_whoever_had_it(earlier, now, codes):
    assert list_taken_back(asked(*now), asked(*earlier), NORMALISE) == codes


@ANY_ENGINE
def test_order_that_is_recorded_anew_takes_nothing_back(log, authority, legal, handler):
    form = {"items": [item(protection=SOURCE)]}
    paper = authority.paper("De betrokkene is journalist bij NRC.", **form)
    first = authority.send(order=paper, **form)
    again = {"items": [item(protection="none", value="06-12345678")]}
    demand = authority.send(order=paper, **again)
    assert TAKEN_BACK in legal.assess(handler, demand).open
    other = authority.send(order=paper, items=[item(protection="none", value=OTHER)])
    assert TAKEN_BACK not in legal.assess(handler, other).open  # of him the first one asks still
    authority.demands.withdraw(handler, first, Withdrawal("the clerk", Channel.PHONE))
    assert TAKEN_BACK in legal.assess(handler, other).open
    same = authority.send(order=paper, note="Nog eens.", **form)
    assert TAKEN_BACK not in legal.assess(handler, same).open
    check_log(log)


@ANY_ENGINE
def test_more_records_of_one_order_than_are_read_take_somebody_else(
    log, authority, legal, handler, monkeypatch
):
    paper = authority.paper()
    demand, _ = (authority.send(order=paper, note=note) for note in ("one", "two"))
    assert TAKEN_BACK not in legal.assess(handler, demand).open
    monkeypatch.setattr(taken_back, "MOST", 0)
    found = {one.ref: one for one in legal.assess(handler, demand).findings}[TAKEN_BACK]
    assert (found.seen, found.needs_another) == ({"protection": [], "not_read": 1}, True)


@ANY_ENGINE
def test_somebody_else_lets_a_source_be_none(log, authority, legal, handler, house):
    form = {"items": [item(protection=SOURCE)]}
    paper = authority.paper("De betrokkene is journalist bij NRC.", **form)
    demand = authority.send(order=paper, **form)
    assert TAKEN_BACK not in legal.assess(handler, demand).open
    for n in range(2):  # the record between them says nothing
        correct(authority, log, demand, items=[item(protection="none", value=f"06-1234567{8 - n}")])
    found = legal.assess(handler, demand)
    assert {TAKEN_BACK, HINT} <= {*found.open}
    (seen,) = (one.seen for one in found.findings if one.code == TAKEN_BACK)
    assert seen == {"protection": [SOURCE]}
    with pytest.raises(NotPermitted):
        legal.accept_finding(handler, demand, TAKEN_BACK, REASON)
    other = house.actor("handler2")
    assert TAKEN_BACK not in legal.accept_finding(other, demand, TAKEN_BACK, REASON).open
    check_log(log)
