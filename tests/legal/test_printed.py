"""What the commands of the legal check print is Dutch as a whole, or English as a whole."""

from string import Formatter

import pytest

from lea_service.demands.demand import TargetKind
from lea_service.demands.phrases import REFERENCES
from lea_service.demands.states import KEPT
from lea_service.legal import order_comparison, printed
from lea_service.legal.advice import AdviceSchema
from lea_service.legal.authenticity import cli as authenticity
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.confirmations.rules import Assessed
from lea_service.legal.confirmations.rules import Cause as Unpaid
from lea_service.legal.deadlines import Clock, Status, Whose
from lea_service.legal.escalation import NOBODY_KNOWS, THRESHOLDS, Audience
from lea_service.legal.findings import Outcome
from lea_service.legal.phrases import AUDIENCES, BREACH_CAUSES, CLOCKS, ESCALATIONS, say_clock
from lea_service.legal.preservation.rules import EXPIRED, Longer, ReleaseGround
from lea_service.legal.preservation.schemas import PreservationSchema
from lea_service.legal.printed import Printer
from lea_service.legal.proposals import ProposalKind
from lea_service.legal.refusal_schemas import LegalRefusalSchema
from lea_service.legal.schemas import LegalClarificationSchema
from lea_service.legal.word import OURS, POLICY

TABLES = (
    *(printed.SAYINGS, printed.MARKS, printed.ENDS, printed.COLUMNS, printed.KINDS),
    *(AUDIENCES, ESCALATIONS, printed.FIELDS, *printed.CODES.values(), authenticity.SAYINGS),
)


def test_each_phrase_says_the_same_in_both_languages():
    for dutch, english in (words for table in TABLES for words in table.values()):
        assert dutch
        assert english
        fields = [{name for _, name, _, _ in Formatter().parse(one)} for one in (dutch, english)]
        assert fields[0] == fields[1]


def test_each_code_that_is_printed_has_words():
    assert set(printed.MARKS) == set(map(str, Outcome))
    assert set(AUDIENCES) == set(map(str, Audience))
    steps = {one.code for thresholds in THRESHOLDS.values() for one in thresholds}
    assert set(ESCALATIONS) == steps | {NOBODY_KNOWS}
    assert set(CLOCKS) == set(map(str, Clock))
    codes = printed.CODES
    assert set(codes["state"]) == {*map(str, KEPT), "released", "produced"}
    assert set(codes["released"]) == {EXPIRED, "produced", *map(str, ReleaseGround)}
    assert set(codes["by"]) == set(map(str, Longer))
    assert set(codes["cause"]) == set(map(str, Unpaid))
    assert set(codes["outcome"]) == set(map(str, Assessed))
    shown = {*PreservationSchema().fields} - {"extensions", "demand_id", "says", "says_nl"}
    shown |= {*printed.KEPT, *printed.OWED, *printed.NOTICED}
    for schema in (LegalRefusalSchema(), LegalClarificationSchema(), AdviceSchema()):
        shown |= {one.data_key or name for name, one in schema.fields.items()}
    shown -= {"says", "says_nl", "advice"}
    shown = {name for name in shown if not name.endswith("_by_name")}
    assert shown == set(printed.FIELDS)


def test_refusal_says_what_counsel_advised():
    advice = {"counsel": "mr. C. Smit", "given_on": "2026-11-24", "summary": "Vraag het niet."}
    for language, word in (("nl", "jurist"), ("en", "counsel")):
        refusal = {"ground": "x", "says": "unclear", "says_nl": "onduidelijk", "advice": advice}
        said = printed.Printer(language).refusal(refusal)
        assert all(one in said for one in (word, *advice.values()))
        assert word not in printed.Printer(language).refusal({**refusal, "advice": None})


def test_each_kind_of_an_order_and_each_rule_has_words():
    typed = {order_comparison.MOMENT, order_comparison.PERIOD, *order_comparison.DIFFERS}
    kinds = {*map(str, (*ProposalKind, *TargetKind)), *typed}
    assert kinds <= set(printed.KINDS)
    assert set(printed.KINDS) <= kinds | set(REFERENCES)
    rules = load_catalogue().codes["rules"]
    assert all(printed.say_code("rule", one, "nl") not in (one, rules[one]) for one in rules)


def test_clock_is_said_in_either_language():
    said = [say_clock(Clock.ANSWER, Whose.OURS, Status.NO_END, one) for one in ("nl", "en")]
    assert said == ["antwoord (aan ons): zonder einde", "answer (ours): no end"]


MOVE = {
    "clock": "confirmation",
    "before": {"due": "2026-11-24T23:00:00Z"},
    "after": {"due": "2026-11-25T23:00:00Z"},
    "added": ["2026-11-24"],
    "left_out": ["2026-11-23"],
}
DEADLINES = {
    "legal_basis": "EU-EPO-TRAFFIC",
    "deadlines": [
        {
            "nl": "antwoord (aan ons): loopt",
            "en": "answer (ours): running",
            "rule": "at_most",
            "law": "art. 10",
            "text": "Keep from receipt.",
            "text_nl": "Bewaren vanaf ontvangst.",
            "earliest": "2026-12-01T23:00:00Z",
            "waits_for": None,
            "due": None,
            "late": None,
            "alarm": None,
            "met_at": None,
            "steps": [{"nl": "Die dag telt niet mee.", "en": "That day does not count."}],
        }
    ],
    "counted": [{"at": "A", "cause": "holidays", "moves": [MOVE]}],
    "escalations": [{"at": "B", "told": "desk", "clock": "answer", "step": "one_day_left"}],
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "nl",
            "antwoord (aan ons): loopt, ten hoogste [art. 10]\n"
            "  niet voor 2026-12-02 00:00 (+01:00)\n"
            "  Bewaren vanaf ontvangst.\n"
            "  - Die dag telt niet mee.\n\n"
            "A bevestiging verschoven van 2026-11-25 00:00 (+01:00) naar 2026-11-26 00:00 (+01:00) "
            "(de tabel van feestdagen is veranderd, met 2026-11-24, zonder 2026-11-23)\n"
            "B het loket ingelicht over antwoord: nog een dag",
        ),
        (
            "en",
            "answer (ours): running, at most [art. 10]\n"
            "  earliest  2026-12-02 00:00 (+01:00)\n"
            "  Keep from receipt.\n"
            "  - That day does not count.\n\n"
            "A confirmation moved from 2026-11-25 00:00 (+01:00) to 2026-11-26 00:00 (+01:00) "
            "(the table of holidays changed, with 2026-11-24, without 2026-11-23)\n"
            "B desk told of answer: one day left",
        ),
    ],
)
def test_clocks_are_printed_in_one_language(language, expected):
    assert Printer(language).deadlines(DEADLINES) == expected


@pytest.mark.parametrize(
    ("language", "unknown", "none"),
    [
        ("nl", "De catalogus kent de grondslag niet", "X stelt geen termijn."),
        ("en", "The catalogue does not know the basis", "X sets no term."),
    ],
)
def test_no_clock_is_said(language, unknown, none):
    say = Printer(language).deadlines
    assert say({"legal_basis": None}).startswith(unknown)
    assert say({"legal_basis": "X", "deadlines": []}) == none


def finding(**changed):
    return {
        **{"ref": "x.y", "outcome": "ask_human", "article": "Sv art. 126n", "confidence": "high"},
        **{"says": "S.", "cure": "C.", "seen": {}, "accepted_by": None},
        **{"can_be_accepted": True, "needs_another": False},
        **changed,
    }


def print_one(language, **changed):
    found = {"n": 1, "demand": "c_1", "is_settled": False, "is_current": True, "open": ["x.y"]}
    whole = {**found, "findings": [finding(**changed)], "acceptances": []}
    return Printer(language).assessment(whole, everything=False)


def test_what_a_finding_rests_on_and_how_sure_that_is_are_words():
    assert "artikel  Sv art. 126n (zeker)\n" in print_one("nl")
    unsure = [print_one(one, confidence=None) for one in ("nl", "en")]
    assert "Sv art. 126n (hoe zeker is niet beoordeeld)\n" in unsure[0]
    assert "Sv art. 126n (how sure was not judged)\n" in unsure[1]
    ours = [print_one(one, article=POLICY, confidence=None) for one in ("nl", "en")]
    assert "artikel  Beleid van de aanbieder: noodgevallen (geen wetsartikel)\n" in ours[0]
    assert f"article  {POLICY}\n" in ours[1]
    ours = print_one("nl", article=OURS, confidence=None)
    assert "artikel  Beleid van de aanbieder (geen wetsartikel)\n" in ours
    union = print_one("nl", article="Regulation (EU) 2023/1543 art. 4(5)")
    assert "Verordening (EU) 2023/1543 art. 4, lid 5 (zeker)" in union


def test_it_is_said_that_another_person_has_to_accept():
    for language, said in (("nl", "alleen wie de vordering niet"), ("en", "only who neither")):
        assert said in print_one(language, needs_another=True)
        assert said not in print_one(language)
        assert said not in print_one(language, needs_another=True, can_be_accepted=False)


ORDER = {
    **{"has_document": True, "demand": "c_1", "pages": 1, "observations": [], "is_whole": True},
    "typed": [{"item": None, "kind": "order_date", "value": "2026-11-01", "is_in_order": False}],
    "proposals": [
        {
            **{"kind": "period", "value": "1 t/m 2 november", "page": 1, "line": 2},
            "form": "2026-10-31T23:00:00Z/2026-11-02T23:00:00Z",
        },
        {"kind": "name", "value": "J. Jansen", "form": None, "page": 1, "line": 3},
    ],
}


@pytest.mark.parametrize(
    ("language", "typed", "until"),
    [("nl", "datum van de vordering", "tot"), ("en", "date of the order", "until")],
)
def test_order_is_printed_in_words(language, typed, until):
    text = Printer(language).order(ORDER)
    assert f" {typed} " in text
    assert f"2026-11-01 00:00 (+01:00) {until} 2026-11-03 00:00 (+01:00)" in text
    assert "_" not in text.replace("c_1", "")


@pytest.mark.parametrize(("language", "rule"), [("nl", "niet bekend"), ("en", "not known")])
def test_rule_that_nobody_knows_is_said(language, rule):
    clock = {**DEADLINES["deadlines"][0], "rule": "unknown"}
    found = {**DEADLINES, "deadlines": [clock], "counted": [], "escalations": []}
    assert f", {rule} [art. 10]" in Printer(language).deadlines(found)


LAW = "Wetboek van Strafvordering art. 126na lid 2; Besluit bijzondere vergaring nummergegevens"
KEEPING = {
    "demand": "c_1",
    "state": "extended",
    "due": None,
    "released": None,
    "extensions": [
        {"at": "A", "by": "term", "days": 10},
        {"at": "B", "by": "production_follows", "days": None},
    ],
}


def test_what_is_kept_or_owed_is_printed_in_one_language():
    dutch, english = Printer("nl"), Printer("en")
    assert dutch.kept(KEEPING).splitlines() == [
        "vordering         c_1",
        "stand             verlengd",
        "uiterlijk         -",
        "losgelaten omdat  -",
        "verlengd A (de verlenging die de wet kent, 10 dagen)",
        "verlengd B (de autoriteit bevestigde dat een verstrekkingsbevel is uitgevaardigd)",
    ]
    assert "extended A (the extension that the law knows, 10 days)" in english.kept(KEEPING)
    assert dutch.kept_list([KEEPING]).split()[:3] == ["vordering", "stand", "grondslag"]
    assert "loopt" in dutch.owed([{"demand": "c_1", "status": "running", "law": LAW}])
    assert f"{LAW} " in dutch.owed([{"demand": "c_1", "status": "running", "law": LAW}])
    told = dutch.breaches([{"id": "bn_1", "cause": "confirmation_unpaid"}])
    assert BREACH_CAUSES["confirmation_unpaid"][0] in told
    assert dutch.breaches([{"id": "bn_1", "has_produced": True}]).split()[-4:-1] == ["-", "ja", "-"]
    assert [dutch.kept_list([]), dutch.owed([]), dutch.breaches([])] == [
        "Er wordt niets bewaard.",
        "Er staat geen bevestiging open.",
        "Er zijn geen meldingen van een inbreuk.",
    ]
    assert english.kept_list([]) == "Nothing is kept."
