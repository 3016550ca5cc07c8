"""The Dutch words of refusals are of messages that there are, and those of the flow all have them."""

import ast
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path

import pytest
from marshmallow import fields, validate
from werkzeug.exceptions import MethodNotAllowed

from lea_service.demands.demand import TargetKind
from lea_service.demands.states import STEPS, State, wrong_state
from lea_service.demands.targets import expected_form
from lea_service.reporting.said import list_said
from lea_service.web.problems import FAULT, PROBLEMS
from lea_service.web.refusals import PLACE, Refusals, load_refusals

TOP = Path(__file__).parents[2] / "lea_service"
SAID = Refusals(*list_said())
FLOW = (
    "demands/*.py", "legal/acceptance.py", "legal/changes.py", "legal/queries.py", "legal/service.py",
    "legal/annex/*.py", "legal/authenticity/service.py", "legal/authenticity/call_back.py",
    "legal/confirmations/*.py", "legal/narrowing/*.py", "legal/preservation/*.py",
    "legal/referral/*.py", "legal/questions.py", "extraction/approval.py", "extraction/changes.py", "extraction/instalment_service.py",
    "extraction/instalments.py", "extraction/turns.py",
    "extraction/plan.py", "extraction/queries.py", "extraction/reopening.py", "extraction/service.py",
    "delivery/*.py", "delivery/letters/*.py", "staff/*.py", "staff/reach/*.py", "agencies/approval.py",
    "agencies/rules.py", "agencies/service.py", "oversight/*.py", "records/*.py", "records/live/*.py",
    "retention/*.py", "retention/processing/*.py", "custody/queries.py", "custody/service.py",
    "kernel/actors.py", "kernel/canonical.py", "kernel/coded.py", "web/paging.py", "web/versions.py",
    "web/schemas.py",
)  # fmt: skip
"""What is met on the way of a demand, of records and their terms, the log, keys and tokens."""
TOLD = {
    "InvalidInput", "FieldError", "NotPermitted", "NotFound", "WrongState", "StaleVersion", "Duplicate",
    "ValidationError", "TooLarge",
}  # fmt: skip
"""What is told to who can do something about it; our own faults stay in English, for an engineer."""
PUT_TOGETHER = {"x1: x1", "x1: x1x1", "whoever x1 this has another key now",
                "whoever x1 this no longer has the right to"}  # fmt: skip
"""Texts of which every part is looked up for itself; who did what is said below."""


FRAMEWORK = (
    "Unknown field.", "Invalid input type.", "Must be greater than or equal to {}.",
    "Must be greater than or equal to {} and less than or equal to {}.",
)  # fmt: skip
"""What the framework puts together of words."""


def template_of(node):
    """Return a text of the source with {} where something is filled in; None for what is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return None


@cache
def source():
    """Return by module every text that its source has, and its tree."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(TOP.rglob("*.py"))}
    return {
        path: (tree, [one for one in map(template_of, ast.walk(tree)) if one is not None])
        for path, tree in trees.items()
    }


def plain(text):
    return re.sub(r"\{[^}]*\}", "{}", text)


def of_the_framework():
    kinds = [*vars(fields).values(), *vars(validate).values()]
    for kind in (one for one in kinds if isinstance(one, type)):
        yield from getattr(kind, "default_error_messages", {}).values()
        yield from (said for name, said in vars(kind).items() if name.startswith("message_"))
        yield getattr(kind, "default_message", "")
    yield from (one.phrase for one in HTTPStatus)
    yield MethodNotAllowed.description


def test_each_message_with_dutch_words_is_one_that_is_raised():
    """A message that is raised no more, or in other words, leaves the table."""
    texts = {plain(one) for _, found in source().values() for one in found}
    texts |= {plain(one) for one in of_the_framework() if isinstance(one, str)}
    texts |= {*FRAMEWORK, *map(expected_form, TargetKind)}
    shapes = [
        (
            len(one.replace("{}", "")),
            re.compile("(.*?)".join(map(re.escape, one.split("{}"))), re.S),
        )
        for one in texts
        if "{}" in one
    ]

    def is_raised(text):
        half = len(text.replace("{}", "")) / 2
        return text in texts or any(
            fixed >= half and shape.fullmatch(text) for fixed, shape in shapes
        )

    assert [one for one in load_refusals() if not is_raised(plain(one))] == []


def test_words_have_the_same_places():
    for english, dutch in load_refusals().items():
        assert {n for _, n in PLACE.findall(english)} == {n for _, n in PLACE.findall(dutch)}
        assert dutch.strip() == dutch != ""


IN_WORDS = {
    "no such {0}": "0",
    "Expected {0}.": "0",
    "expected {0}": "0",
    "the demand is on hold: {0}. What ends it: {1}": "1",
    "the demand cannot be {0}: {1} ({2}). What can be done: {3}": "013",
    "the finding {0} cannot be accepted; {1}": "1",
    "no ground to refuse: {0}": "0",
    "{0} is no finding of the newest assessment; open are: {1}": "0",
    "{0} of item {1} is no finding of the newest assessment; open are: {2}": "0",
    "the receipt was refused: {0}": "0",
    "{0}, first at {1}": "0",
    "the {0} is suspended; lift that first": "0",
    "ends before {0}: ask for one that was exported later": "0",
    "this package was {0}": "0",
    "the demand was withdrawn before {0}": "0",
    "another plan replaced this one before {0}": "0",
    "plan not replaced, demand not withdrawn until {0}, as the log has it": "0",
    "expected an open finding on item {0}, its period, that bears this ground out, one of these: {1}; {2}": "2",
    "expected an open finding on item {0}, the category {1}, that bears this ground out, one of these: {2}; {3}": "3",
    "expected an open finding on the period of this item that says which days the basis reaches, one of these: {0}; {1}": "1",
}
"""Where a place holds words of our own, by its number; elsewhere codes, names, ids and numbers."""


def test_what_is_no_word_of_ours_stays_as_it_is():
    """A source, a role or a state that is called as a Dutch word of the table is still that one."""
    said = {
        english: "".join(sorted({n for kept, n in PLACE.findall(dutch) if not kept}))
        for english, dutch in load_refusals().items()
    }
    assert {english: words for english, words in said.items() if words} == IN_WORDS


@pytest.mark.parametrize("code", ["approved", "sealed", "closed", "refused", "kept longer"])
@pytest.mark.parametrize(
    "told",
    [
        "needs the permission {}",
        "expected one of these: {}",
        "the legal check is not settled: {}",
        "the receiver {} is unknown or suspended",
        "the demand is on hold: {}",
        "this paper was brought before; propose it: {}",
    ],
)
def test_code_that_is_also_a_word_is_not_said_in_dutch(told, code):
    said = SAID.say(told.format(code), "nl")
    assert code in said
    assert said != told.format(code)


def raised(tree):
    """Yield the texts of errors that a module makes, with what it says under a name."""
    named = {
        target.id: template_of(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        is_at = isinstance(node.func, ast.Attribute) and node.func.attr == "at"
        name = node.func.value if is_at else node.func
        if not isinstance(name, ast.Name) or name.id not in TOLD:
            continue
        place = 1 if is_at or name.id == "FieldError" else 0
        if len(node.args) > place:
            given = node.args[place]
            yield named.get(given.id) if isinstance(given, ast.Name) else template_of(given)


def modules_of_the_flow():
    return sorted({path for glob in FLOW for path in TOP.glob(glob)})


IN_TWO_FORMS = "expected when the call was made"
"""The one text with a part that may be left out: both of its forms are in the table."""


def is_said(text):
    """Say whether more of a text than "expected" is said in Dutch, where there are words more."""
    said, (head, _, rest) = SAID.say(text, "nl"), text.partition(" ")
    is_half = head.lower() == "expected" and said.partition(" ")[2] == rest
    return said != text and not (is_half and rest.strip("x1."))


@pytest.mark.parametrize("path", modules_of_the_flow(), ids=lambda path: str(path.relative_to(TOP)))
def test_what_handlers_and_approvers_meet_is_said_in_dutch(path):
    texts = {one.replace("{}", "x1") for one in raised(source()[path][0]) if one} - PUT_TOGETHER
    texts = {one for one in texts if not one.startswith(IN_TWO_FORMS)}
    assert [one for one in sorted(texts) if not is_said(one)] == []


def steps():
    for path in modules_of_the_flow():
        for node in ast.walk(source()[path][0]):
            is_step = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "wrong_state"
            if is_step and isinstance(node.args[1], ast.Constant):
                yield node.args[1].value


def test_each_step_that_is_not_to_be_taken_is_said_in_dutch():
    for step in {*steps(), *STEPS.values()}:
        for state in State:
            said = SAID.say(wrong_state(state, step).detail, "nl")
            assert said.startswith("de vordering kan niet worden ")
            assert f"({state}). Wat kan er worden gedaan: " in said
            assert step == "sealed" or f"worden {step}:" not in said
            assert " its " not in said


def test_what_is_expected_of_each_target_is_said_in_dutch():
    for kind in TargetKind:
        said = SAID.say(f"/items/0/target/value: Expected {expected_form(kind)}.", "nl")
        assert said.startswith("/items/0/target/value: Verwacht: ")
        assert expected_form(kind) not in said


@pytest.mark.parametrize("did", ["proposed", "agreed to"])
def test_who_signed_and_may_no_longer_is_said_in_dutch(did):
    for text in (
        f"whoever {did} this has another key now",
        f"whoever {did} this no longer has the right to",
    ):
        assert SAID.say(text, "nl").startswith("wie hier" if did == "agreed to" else "wie dit ")


def test_each_title_is_said_in_dutch():
    titles = {one.title for one in PROBLEMS.values()} | {FAULT}
    assert [one for one in titles if SAID.say(one, "nl") == one] == []


def test_what_is_not_known_stays_as_it_is():
    assert SAID.say("nobody said this ever", "nl") == "nobody said this ever"
    assert SAID.say("no such demand", "en") == "no such demand"


def test_codes_and_places_stay_and_words_between_are_said():
    say = Refusals({"a": ("is stil", "is quiet")}, {"b": ("doe iets", "do it")}).say
    told = "the demand cannot be closed: is quiet (closed). What can be done: do it"
    assert say(told, "nl") == (
        "de vordering kan niet worden gesloten: is stil (closed). Wat kan er worden gedaan: doe iets"
    )
    assert say("/items/1: expected an object; /a: new (is quiet)", "nl") == (
        "/items/1: verwacht: een object; /a: new (is stil)"
    )


@pytest.mark.parametrize("long", ["a: " * 1300, "a (b): " * 550, "; " * 1900, "x" * 5000 + "; a"])
def test_message_of_many_parts_ends(long):
    assert SAID.say(long, "nl") == long


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        (
            "no ground to refuse: Necessity and proportionality are for the authority and the "
            "court: a question, or a complaint (art. 552a Sv) through counsel.",
            "geen grond om te weigeren: Noodzaak en evenredigheid zijn aan de autoriteit en de "
            "rechter: een vraag, of beklag (art. 552a Sv) via de jurist.",
        ),
        (
            "the form does not state what its reasons call for: /statement/missing",
            "het formulier vermeldt niet wat zijn redenen vragen: /statement/missing",
        ),
        (
            "a legal basis does not fit its schema, first at /bases-own.json/bases/0",
            "een grondslag past niet in haar schema, het eerst bij /bases-own.json/bases/0",
        ),
        (
            "expected codes of the table roles, which has no sherrif",
            "verwacht: codes van de tabel roles, waarin niet staat: sherrif",
        ),
        (
            "own.json: expected a file named bases-*.json",
            "own.json: verwacht: een bestand met een naam als bases-*.json",
        ),
    ],
)
def test_refusal_is_said_in_dutch_as_a_whole(english, dutch):
    assert SAID.say(english, "nl") == dutch
