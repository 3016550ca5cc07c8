"""Words that name who may be protected are a question to a person here, and decide nothing."""

import pytest

from lea_service.demands.demand import Protection
from lea_service.kernel.errors import WrongState
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import make_finding
from lea_service.legal.order_comparison import Comparison
from lea_service.legal.order_text import OrderText
from lea_service.legal.protected_words import (
    HINT,
    find_named,
    hint_at,
    list_named,
    load_protected_words,
)
from tests.demands.samples import content, item
from tests.legal.test_service import REASON, correct, settled
from tests.support.log import check_log

SOURCE = "protection.source/1"


def named(text=None, **changes):
    """Return the protections of the hint; None where there is none."""
    lines = None if text is None else OrderText(((text,),))
    found = find_named(content(**changes), lines)
    return found[0].seen["protection"] if found else None


def test_each_protection_but_none_and_other_has_words_in_both_languages():
    table = load_protected_words()["words"]
    assert set(table) == set(map(str, Protection)) - {"none", "other"}
    assert set(table) < set(load_catalogue().codes["protections"])
    assert all(words["nl"] and words["en"] for words in table.values())
    said = [one for words in table.values() for one in (*words["nl"], *words["en"])]
    assert [one for one in said if list_named(f"een {one}, dus") == []] == []


def test_stems_are_found_in_longer_words_and_ends_at_their_end():
    table = load_protected_words()
    for code, stems in table["stems"].items():
        assert [one for one in stems if code not in list_named(f"een x{one}y")] == []
    for code, ends in table["ends"].items():
        assert [one for one in ends if code not in list_named(f"een x{one}, dus")] == []
        assert [one for one in ends if list_named(f"een {one}y")] == []


@pytest.mark.parametrize("other", load_protected_words()["not"])
def test_who_only_sounds_like_one_is_none(other):
    assert list_named(f"De {other.upper()} vordert.") == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("de verdachte is ADVOCAAT te Utrecht", ["lawyer"]),
        ("nummer van een onderzoeksjournalist", ["journalist_or_source"]),
        ("huisarts\nen pastoor", ["doctor", "clergy"]),
        ("the defence\ncounsel of a diplomat", ["lawyer", "immunity"]),
        ("advocaat-generaal en advocaat", ["lawyer"]),
        ("hij kwam als eerste artsenlijst", []),
        ("van start", []),
        ("tandarts, slaaparts", ["doctor"]),
        ("J. Aarts ging voorwaarts; correspondentie, diploma, consulent, nursery", []),
        ("the defendant's counterparts in psychologische nood", []),
        ("advocaat-\ngeneraal", []),
        ("de journa-\nlist", ["journalist_or_source"]),
        ("de journa- \u2028 list", ["journalist_or_source"]),
        ("een advo\u2010\ncaat", ["lawyer"]),
        ("jour\u00adnalist", ["journalist_or_source"]),
        ("journa\u200blist", ["journalist_or_source"]),
        ("de \uff41dvocaat", ["lawyer"]),
        ("parlementarie\u0308rs", ["immunity"]),
        ("onderzoeksjournaliste", ["journalist_or_source"]),
        ("fotojournalist", ["journalist_or_source"]),
        ("freelancejournalisten", ["journalist_or_source"]),
        ("hoofdredacteur", ["journalist_or_source"]),
        ("eindredactrices", ["journalist_or_source"]),
        ("persfotografen", ["journalist_or_source"]),
        ("oorlogscorrespondenten", ["journalist_or_source"]),
        ("klokkenluidster", ["journalist_or_source"]),
        ("piketadvocaten, strafrechtadvocate en advocatuur", ["lawyer"]),
        ("geheimhoudersgesprekken", ["lawyer"]),
        ("solicitors and barristers", ["lawyer"]),
        ("toegevoegd-notarissen", ["notary"]),
        ("verzekeringsarts", ["doctor"]),
        ("oogartsen", ["doctor"]),
        ("gz-psychologen", ["doctor"]),
        ("wijkverpleegkundigen", ["doctor"]),
        ("dokters, surgeons and midwives", ["doctor"]),
        ("twee predikanten", ["clergy"]),
        ("aartsbisschoppen, priests", ["clergy"]),
        ("verpleegkundig specialist, fysiotherapeute", ["doctor"]),
        ("pastorale werker", ["clergy"]),
        ("lid van de Tweede\nKamer", ["immunity"]),
        ("viceconsul en kamerleden", ["immunity"]),
        ("", []),
    ],
)
def test_words_are_found_whole_in_any_case_and_over_lines(text, codes):
    assert list_named(text) == codes


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "nummer van een advocaat"},
        {"offence": "bedreiging van een advocaat"},
        {"other_holders": [{"name": "Advocaten Oost"}]},
        {"other_holders": [{"name": "Oost", "function": "advocaat"}]},
        {
            "emergency": {
                "reason": "threat_to_life",
                "explanation": "een advocaat wordt vermist",
                "claimed_by": {"name": "Oost"},
            }
        },
    ],
)
def test_hint_is_given_wherever_somebody_wrote_freely(changes):
    assert named(**changes) == ["lawyer"]


def test_hint_is_given_of_the_order_and_repeats_no_words():
    assert named("Betreft de tandarts J. Jansen") == ["doctor"]
    assert named("Betreft J. Jansen") is None
    assert named() is None
    (found,) = find_named(content(note="de imam"), None)
    assert (found.ref, found.outcome, found.ground) == (HINT, "ask_human", None)
    assert "imam" not in str(found)


def test_who_said_whether_anybody_is_protected_is_not_asked():
    asked = {"note": "nummer van een advocaat"}
    said = item(protection="none")
    assert named(**asked, items=[said]) is None
    assert named(**asked, items=[said, item(value="+31612345679")]) == ["lawyer"]


def test_source_that_is_named_is_asked_about_over_none():
    asked = {"note": "nummer van een advocaat van een journalist"}
    none = item(protection="none")
    source = item(protection="journalist_or_source", value="+31612345679")
    assert named(**asked, items=[none]) == ["journalist_or_source"]
    assert named(**asked, items=[none, source]) == ["journalist_or_source"]
    assert named(**asked, items=[source]) is None


def test_hint_waits_for_a_person_and_never_for_more(log, authority, legal, handler):
    demand = authority.send(note="nummer van een journalist")
    assert legal.assess(handler, demand).open == (HINT,)
    assert legal.accept_finding(handler, demand, HINT, REASON).is_settled
    assert settled(log, demand)
    check_log(log)


def test_source_is_accepted_only_once_the_authority_answered(log, authority, legal, handler):
    protected = item(protection="journalist_or_source")
    demand = authority.send(items=[protected])
    assert SOURCE in legal.assess(handler, demand).open
    with pytest.raises(WrongState, match=rf"lea legal ask --finding {SOURCE}`") as caught:
        legal.accept_finding(handler, demand, "protection.source", REASON)
    assert caught.value.facts == {"finding": "protection.source"}
    legal.ask_clarification(handler, demand, "Wat is het kenmerk van de machtiging?", [SOURCE])
    legal.answer_clarification(handler, demand, "RC 26/123, van 19 november.")
    found = legal.accept_finding(handler, demand, "protection.source", REASON)
    assert SOURCE not in found.open
    check_log(log)


def test_answer_about_something_else_is_none(authority, legal, handler):
    two = [item(protection="journalist_or_source", value=f"+3161234567{n}") for n in (8, 9)]
    demand = authority.send(items=two)
    legal.assess(handler, demand)
    legal.ask_clarification(handler, demand, "Wat is het kenmerk?", [SOURCE])
    legal.answer_clarification(handler, demand, "RC 26/123, van 19 november.")
    with pytest.raises(WrongState, match=r"protection\.source/2"):
        legal.accept_finding(handler, demand, "protection.source", REASON)
    legal.accept_finding(handler, demand, "protection.source", REASON, item=1)


@pytest.mark.parametrize(
    ("change", "is_answered"),
    [
        ({"value": "06-12345678", "categories": ["subscriber_identity"]}, True),
        ({"value": "+31612345679"}, False),
        ({"value": "+31612345679", "n": 2}, False),
    ],
)
def test_answer_is_about_whom_it_was_asked(log, authority, legal, handler, change, is_answered):
    """After a correction the same item may be another's, of whom nobody was asked."""
    source = {"protection": "journalist_or_source"}
    demand = authority.send(items=[item(**source)])
    legal.assess(handler, demand)
    legal.ask_clarification(handler, demand, "Wat is het kenmerk?", [SOURCE])
    legal.answer_clarification(handler, demand, "RC 26/123, van 19 november.")
    log.transactions.clock.advance(seconds=1)
    first = [item()] if change.pop("n", None) else []
    correct(authority, log, demand, items=[*first, item(**source, **change)])
    open_now = legal.assess(handler, demand).open
    (about,) = (one for one in open_now if one.startswith("protection.source"))
    if is_answered:
        assert about not in legal.accept_finding(handler, demand, about, REASON).open
    else:
        with pytest.raises(WrongState, match="once the authority answered"):
            legal.accept_finding(handler, demand, about, REASON)


def test_hint_is_of_the_whole_order_beside_what_was_found():
    """Each text stands on lines of its own: the last word of one is whole, and so is the next."""
    order = OrderText((("Hij is advocaat", "Te Utrecht"),))
    earlier, taken = make_finding("items.none"), make_finding("target.kind")
    found = hint_at(Comparison((earlier,), {}), content(note="x"), order, [taken])
    assert found.findings[:2] == (earlier, taken)
    assert [one.code for one in found.findings[2:]] == [HINT]
    assert named(note="Hij is advocaat", offence="Oplichting") == ["lawyer"]
    assert named("advocaat", note="x") == ["lawyer"]
