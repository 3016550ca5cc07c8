"""Commands that handlers and approvers work with speak Dutch as well as English."""

import click
import click.testing
import pytest

from lea_service.cli import main
from lea_service.delivery.cli import FOLLOWED
from lea_service.legal.confirmations.cli import _tell
from lea_service.legal.confirmations.printed import FIELDS, describe_paper
from lea_service.web.client import Client
from lea_service.web.input import LANGUAGE_VARIABLE

SPOKEN = (
    "agencies list", "agencies propose certificate", "agencies propose contact", "agencies propose desk",
    "agencies propose lift", "agencies propose organisation", "agencies propose person", "agencies revoke-certificate", "agencies show", "agencies suspend", "approvals decide", "approvals list", "approvals propose",
    "approvals show", "breaches assess", "breaches list", "collect claim", "collect fetch", "collect follow", "collect list",
    "collect receipt", "collect sign-out", "confirmations list", "confirmations paper", "deliveries code",
    "deliveries erase", "deliveries grant-token", "deliveries overdue", "deliveries revoke-token",
    "deliveries show", "deliveries tokens",
    "confirmations record", "demands close", "demands correct", "demands letter", "demands letters", "demands list",
    "demands new", "demands order", "demands show", "demands withdraw", "emergency list", "legal show",
    "package list", "package open", "package show", "package verify", "plan compile", "plan instalments", "plan preview", "plan progress", "plan propose", "plan reopen",
    "plan resume", "plan shorten", "plan stop",
    "plan show", "preservation extend", "preservation keep", "preservation list",
    "preservation release", "preservation show", "processing list", "processing propose",
    "processing show", "records import", "records pull", "sources coverage", "sources declare",
    "sources list", "sources pulled", "sources rejects", "sources report", "sources sample",
    "sources show", "sources test", "staff key new", "staff lift", "staff list", "staff me", "staff password",
    "staff reachable", "staff reachable away", "staff reachable back",
    "staff reachable confirm", "staff roles", "staff sign-in", "staff sign-out", "staff suspend",
    "staff token list", "staff token revoke", "warnings list", "warnings settle",
)  # fmt: skip
EMPTY = {
    "agencies list": "Geen instanties.\n",
    "collect follow": "Geen vorderingen.\n",
    "collect list": "Er ligt niets klaar.\n",
    "demands list": "Geen vorderingen.\n",
    "deliveries overdue": "Er is niets te laat.\n",
    "emergency list": "Geen noodgevallen.\n",
    "legal deadlines": "Er loopt geen termijn.\n",
    "processing list": "Geen regels.\n",
    "warnings list": "Geen waarschuwingen.\n",
}


def command(name):
    found, context = main, click.Context(main)
    for word in name.split():
        found = found.get_command(context, word)
    return found


@pytest.mark.parametrize("name", SPOKEN)
def test_command_takes_a_language(name):
    (option,) = [one for one in command(name).params if one.name == "language"]
    assert isinstance(option, click.Option)
    assert (option.type.choices, option.default) == (("nl", "en"), "en")
    assert option.envvar == LANGUAGE_VARIABLE


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_list_that_is_empty_says_so_in_dutch(name, monkeypatch):
    monkeypatch.setattr(Client, "pages", lambda *_, **__: iter([]))
    runner = click.testing.CliRunner(env={"LEA_TOKEN": "t", "LEA_URL": "http://127.0.0.1:1"})
    assert runner.invoke(main, [*name.split(), "--language", "nl"]).output == EMPTY[name]


SHOWN = {
    "package show": (["pk_" + "0" * 32], "get", {"is_current": True, "size": 7}, ["grootte", "ja"]),
    "agencies suspend": (
        ["a_" + "0" * 32, "--ground", "doubt"],
        "post",
        {"ground": "doubt", "since": "x"},
        ["grond  Er is twijfel, die wordt uitgezocht.", "sinds"],
    ),
    "agencies revoke-certificate": (
        ["ce_" + "0" * 32, "--ground", "key_lost"],
        "post",
        {"revocation_ground": "key_lost"},
        ["grond van de intrekking  De sleutel is kwijt."],
    ),
    "legal narrow": (
        ["c_" + "0" * 32, "--item", "1", "--ground", "not_held", "--reason", "not recorded"],
        "post",
        {"ground": "not_held", "category": "location", "nl": "Wij niet.", "en": "We do not."},
        ["grond     Wij niet.", "gegevens  locatie (cel)"],
    ),
    "legal narrowings": (
        ["c_" + "0" * 32],
        "get",
        {"narrowings": []},
        ["alles wat is gevraagd, wordt gegeven"],
    ),
    "legal referral": (
        ["c_" + "0" * 32],
        "get",
        {"to": "other_provider", "nl": "Een ander.", "en": "Another.", "referred_by": "s_1"},
        ["verwezen naar  Een ander.", "verwezen door"],
    ),
    "legal call-back": (
        ["c_" + "0" * 32, "--contact", "cn_" + "0" * 32, "--outcome", "denied", "--at", "x"],
        "post",
        {"outcome": "denied", "called_at": "2026-11-24T08:00:00Z", "spoke_to": "B."},
        ["uitkomst       ontkend", "gebeld op      2026-11-24 09:00", "gesproken met  B."],
    ),
    "legal policy": (
        [],
        "get",
        {
            "version": 0,
            "digest": "d",
            "approval": None,
            "document": {
                "require": ["agency_known"],
                "any_of": [["call_back_confirmed", "person_known"]],
                "hold_on": ["agency_suspended"],
            },
        },
        ["houdt tegen           agency_suspended (De instantie is geschorst)", ") en person_known"],
    ),
    "legal validate": (["--in-use"], "get", {"own": ["NL-1"]}, ["eigen grondslagen  NL-1"]),
    "legal deadlines": (
        [],
        "pages",
        [{"demand": "c_1", "clock": "emergency_answer", "due": None, "late": None}],
        ["antwoord in een noodgeval", "seconden over"],
    ),
    "collect sign-out": ([], "delete", {}, ["Met dit token komt niemand meer binnen."]),
    "collect list": (
        [],
        "pages",
        [{"package": "pk_1", "state": "delivered", "is_open": True, "pick_up_by": None}],
        ["ophalen voor", "het pakket is beschikbaar gesteld", "ja"],
    ),
    "collect receipt": (
        ["pk_" + "0" * 32, "--code", "x"],
        "post",
        {"is_accepted": True, "is_repeat": False, "received_at": "2026-11-24T08:00:00Z"},
        ["aanvaard      ja", "was er al     nee"],
    ),
    "deliveries show": (
        ["c_" + "0" * 32],
        "get",
        {"items": [{"package": "pk_1", "fetches": [], "receivers": ["p_1"]}]},
        ["pakket", "keer opgehaald"],
    ),
    "deliveries tokens": (
        ["a_" + "0" * 32],
        "pages",
        [{"id": "tk_1", "person": "p_1", "granted_at": "2026-11-24T08:00:00Z"}],
        ["toegekend op", "verloopt op"],
    ),
    "collect follow": (
        ["c_" + "0" * 32],
        "get",
        {
            "line": dict.fromkeys(FOLLOWED) | {"standing": "question"},
            "questions": [
                {"is_answered": False, "asked_at": "2026-11-24T08:00:00Z", "question": "Wie?"}
            ],
            "refusal": {"says_nl": "Onjuist.", "says_en": "Wrong.", "explanation": None},
            "referral": None,
            "annexes": [],
            "letters": [],
        },
        [
            "er is een vraag aan u",
            "Vraag van 2026-11-24 09:00 (+01:00) (wacht op uw antwoord):\nWie?",
            "Geweigerd.\nOnjuist.\n",
        ],
    ),
    "staff reachable": (
        [],
        "get",
        {
            "reachable": 1,
            "alarm": "approvers.too_few",
            "alarm_since": "2026-11-24T08:00:00Z",
            "approvers": [
                {"name": "An", "account": "s_1", "reach": "overdue", "has_mailbox": False}
            ],
        },
        [
            "bereikbaar: 1; dat is te weinig, sinds 2026-11-24 09:00 (+01:00)",
            "antwoord voor",
            "heeft niet op tijd geantwoord",
            "geen postbus bekend: An.",
        ],
    ),
    "sources list": (
        [],
        "pages",
        [{"name": "pbx", "zone": "x", "categories": ["location"]}],
        ["tijdzone", "locatie (cel)"],
    ),
    "sources coverage": (["pbx"], "get", {"rows": 1, "first": None}, ["registraties", "eerste"]),
    "sources test": (["pbx"], "post", {"can_write": False, "findings": []}, ["mag schrijven  nee"]),
    "sources sample": (["pbx"], "post", {"rows": []}, ["Geen registraties."]),
    "records pull": (["pbx"], "post", {"id": "j_1"}, ["in de wachtrij als j_1; zie"]),
    "staff me": (
        [],
        "get",
        {
            "login": "an",
            "name": "An",
            "roles": ["handler"],
            "counts": True,
            "cleared_until": None,
            "key": "k",
            "account": "s_1",
        },
        ["inlognaam", "behandelaar", "telt nu               ja"],
    ),
    "staff list": (
        [],
        "pages",
        [{"login": "an", "roles": ["approver"], "engagement": {"kind": "employee", "until": None}}],
        ["werkt hier als", "beslisser"],
    ),
    "staff sign-out": ([], "delete", {}, ["afgemeld"]),
    "staff suspend": (
        ["s_" + "0" * 32, "--ground", "key_lost"],
        "post",
        {"id": "x_1"},
        ["geschorst: x_1"],
    ),
    "staff token list": ([], "pages", [{"id": "tk_1", "label": "eigen"}], ["naam van het token"]),
    "staff token revoke": (["tk_" + "0" * 32], "delete", {}, ["beëindigd"]),
    "staff reachable back": ([], "post", {}, ["niet afwezig"]),
    "warnings settle": (
        ["w_" + "0" * 32, "--reason", "looked into it"],
        "post",
        {"kind": "x", "says": "Odd.", "says_nl": "Vreemd.", "settled_by": "s_1"},
        ["soort          Vreemd.", "afgedaan door  s_1"],
    ),
    "demands order": (["c_" + "0" * 32, "order.pdf"], "get_bytes", b"%PDF", ["bestand", "bytes"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_answer_is_said_in_dutch(name, monkeypatch, tmp_path):
    words, verb, answer, told = SHOWN[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Client, verb, lambda *_, **__: answer)
    runner = click.testing.CliRunner(env={"LEA_TOKEN": "t", "LEA_URL": "http://127.0.0.1:1"})
    done = runner.invoke(main, [*name.split(), *words, "--language", "nl"])
    assert [one for one in told if one not in done.output] == [], done.output
    says = answer if isinstance(answer, dict) else {}
    english = [says[one] for one in ("en", "says") if one in says]
    assert [one for one in english if one in done.output] == [], done.output


def test_breach_that_was_assessed_is_told_in_words():
    notice = {
        "id": "bn_1",
        "cause": "unconfirmed",
        "says": "x",
        "says_nl": "y",
        "has_produced": True,
        "report_by": [{"law": "Verordening", "at": "2026-11-24T23:00:00Z"}],
        "outcome": None,
    }
    told = _tell(notice, "nl")
    assert "al verstrekt" in told
    assert "ja" in told
    assert "2026-11-25 00:00 (+01:00) [Verordening]" in told
    assert "says" not in told
    assert "has_produced" in _tell(notice, "en")


LETTER = ["c_" + "0" * 32, "--about", "question", "--send", "--language", "nl"]


def ask(monkeypatch, words, said):
    monkeypatch.setattr(Client, "get", lambda *_, **__: {"text": "Geachte", "digest": "d"})
    monkeypatch.setattr(Client, "post", lambda *_, **__: {"text": "Verstuurd"})
    runner = click.testing.CliRunner(env={"LEA_TOKEN": "t", "LEA_URL": "http://127.0.0.1:1"})
    return runner.invoke(main, [*words, *LETTER], input=said)


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ("j\n", 0, "Verstuurd"),
        ("x\nja\n", 0, "antwoord met j of n"),
        ("n\n", 1, "Dit versturen? [j/N]: "),
        ("", 1, "Fout: niemand kan hier iets worden gevraagd; geef --yes als u het las"),
    ],
)
def test_question_is_asked_and_answered_in_dutch(monkeypatch, said, code, told):
    done = ask(monkeypatch, ["demands", "letter"], said)
    assert done.exit_code == code
    assert told in done.output
    assert ("Verstuurd" in done.output) == (code == 0)


def test_difference_of_a_paper_is_placed_in_dutch():
    one = {"ref": "f", "says": "x", "says_nl": "Anders.", "places": ["page 1 line 3"]}
    paper = dict.fromkeys(FIELDS, "x") | {"differences": [one]}
    assert "Anders. (bladzijde 1 regel 3)" in describe_paper(paper, "nl")
    assert "x (page 1 line 3)" in describe_paper(paper, "en")
