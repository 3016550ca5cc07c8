"""Commands of the legal check: the catalogue, what was found, and what people decide about it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.legal.acceptance import RETYPED
from lea_service.legal.annex.cli import annex
from lea_service.legal.authenticity.cli import COMMANDS as AUTHENTICITY
from lea_service.legal.catalogue import Catalogue, load_catalogue, open_catalogue
from lea_service.legal.catalogue_schemas import LegalCatalogueSchema
from lea_service.legal.catalogue_service import CatalogueView
from lea_service.legal.comparison import compare, describe_difference
from lea_service.legal.listed import list_bases, list_grounds
from lea_service.legal.moments import Enforcing
from lea_service.legal.narrowing.cli import COMMANDS as NARROWING
from lea_service.legal.phrases import CLOCKS
from lea_service.legal.printed import Printer
from lea_service.legal.queries import view_basis
from lea_service.legal.questions import QuestionReason
from lea_service.legal.reading import Answer, Reading, render
from lea_service.legal.referral.cli import COMMANDS as REFERRAL
from lea_service.legal.schemas import LegalBasisSchema
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key
from lea_service.staff.signing import propose as sign_and_propose
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import json_option, show
from lea_service.web.spoken import Spoken

Command = TypeVar("Command", bound=Callable[..., Any])
ENFORCING = "legal.enforcing_answer"
OPEN_COLUMNS = ("demand", "clock", "due", "late", "seconds_left")
NO_CLOCKS: Phrases = {"none": ("Er loopt geen termijn.", "No term runs.")}
DIFFERENT = 1
"""How `diff` ends, like the program of that name, when something differs."""
demand_argument = click.argument("demand", type=id_of("c"))
finding_option = click.option(
    "--finding",
    "findings",
    multiple=True,
    help="Code of a finding it is about, as the assessment shows it; may be repeated.",
)


def folder_argument(name: str, **options: Any) -> Callable[[Command], Command]:
    """Return the argument that takes a folder of a catalogue or of an overlay."""
    kind = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.argument(name, type=kind, **options)


in_use_option = click.option(
    "--in-use", is_flag=True, help="The one that the service uses: ask it, and name no folder."
)


@click.group()
def legal() -> None:
    """See on what ground an authority may ask, check a demand, and accept, ask or refuse.

    The service checks form and competence. Whether a demand is proportionate is for the authority
    and the judge: if it seems too broad, ask.
    """


for _command in (*AUTHENTICITY, *NARROWING, *REFERRAL, annex):
    legal.add_command(_command)


@legal.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List the legal bases that a demand can name, with who reviewed the provider's own."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/legal-bases")
    show(as_json, found, lambda: list_bases(found, language))


@legal.command("show")
@click.argument(
    "basis", type=Form(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,79}", "the id of a basis, as NL-SV-126n")
)
@click.option(
    "--draft",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with a catalogue or an overlay of yours: shows its row, without the server.",
)
@language_option
@json_option
def show_(basis: str, draft: Path | None, language: str, as_json: bool) -> None:
    """Show one legal BASIS in words: who, for what, in which form, and how sure that is.

    Every edition is shown, the earliest first; that of the date of an order applies to it.
    """
    if draft is None:
        with Client.from_environment() as client:
            found = client.get(f"/api/v1/legal-bases/{basis}", language=language)
    else:
        found = LegalBasisSchema().dump(view_basis(_open(draft), basis, language))
    show(as_json, found, lambda: describe_basis(found))


@legal.command()
@language_option
@json_option
def grounds(language: str, as_json: bool) -> None:
    """List the grounds of refusal, and those that are none."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/legal-bases")["grounds"]
    show(as_json, found, lambda: list_grounds(found, language))


@legal.command()
@demand_argument
@language_option
@json_option
def assess(demand: str, language: str, as_json: bool) -> None:
    """Check DEMAND against the catalogue and show what was found."""
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/assessment?language={language}")
    show(as_json, found, lambda: Printer(language).assessment(found, everything=False))


@legal.command()
@demand_argument
@click.option("--all", "everything", is_flag=True, help="Also what passed.")
@language_option
@json_option
def check(demand: str, everything: bool, language: str, as_json: bool) -> None:
    """Show the newest assessment of DEMAND; nothing is checked again."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/assessment", language=language)
    show(as_json, found, lambda: Printer(language).assessment(found, everything=everything))


@legal.command()
@demand_argument
@click.argument("code")
@click.option("--item", type=click.IntRange(1, 9999), help="Only for this item of the demand.")
@click.option("--reason", required=True, help="Why you take it upon yourself; it is kept.")
@language_option
@json_option
def accept(
    demand: str, code: str, item: int | None, reason: str, language: str, as_json: bool
) -> None:
    """Take the finding CODE of DEMAND upon yourself. A defect cannot be accepted.

    What differs from the order has to be typed again, and is asked for: a target, a reference, a
    date, an article as the demand names it, or a period as START/END. Read it in the order, do not
    copy it. Where no terminal asks, each value is a line of the input, in the order of the items.
    """
    body: dict[str, Any] = {"code": code, "reason": reason}
    body |= {} if item is None else {"item": item}
    with Client.from_environment() as client:
        found = _accept(client, f"/api/v1/demands/{demand}/assessment", body, language)
    show(as_json, found, lambda: Printer(language).assessment(found, everything=False))


@legal.command()
@demand_argument
@language_option
@json_option
def order(demand: str, language: str, as_json: bool) -> None:
    """Show what the order of DEMAND says beside what was typed; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/order/reading")
    show(as_json, found, lambda: Printer(language).order(found))


@legal.command()
@demand_argument
@click.option("--ground", required=True, help="Code of the ground: see `lea legal grounds`.")
@finding_option
@click.option("--explanation", required=True, help="In your words; the authority may read it.")
@click.option("--counsel", help="Name of the lawyer who advised; with the day and the advice.")
@click.option(
    "--advised-on",
    type=Form(r"\d{4}-\d{2}-\d{2}", "a day as 2026-11-24"),
    metavar="DAY",
    help="When, as 2026-11-24.",
)
@click.option("--advice", help="What counsel advised, in short; no authority reads it.")
@language_option
@json_option
def refuse(
    demand: str,
    ground: str,
    findings: tuple[str, ...],
    explanation: str,
    counsel: str | None,
    advised_on: str | None,
    advice: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Refuse DEMAND on a coded ground and the findings it rests on.

    That it is too broad takes the answer of the authority (`lea legal ask`, `lea legal answer`), or
    what counsel advised.
    """
    body: dict[str, Any] = {
        "ground": ground,
        "findings": [*findings],
        "explanation": explanation,
    }
    said = {"counsel": counsel, "given_on": advised_on, "summary": advice}
    if any(one is not None for one in said.values()):
        body["advice"] = {name: value for name, value in said.items() if value is not None}
    with Client.from_environment() as client:
        refusal = client.post(f"/api/v1/demands/{demand}/refusal", body)
    show(as_json, refusal, lambda: Printer(language).refusal(refusal))


@legal.command()
@demand_argument
@language_option
@json_option
def refusal(demand: str, language: str, as_json: bool) -> None:
    """Show why DEMAND was refused, with the explanation; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/refusal")
    show(as_json, found, lambda: Printer(language).refusal(found))


@legal.command()
@demand_argument
@language_option
@json_option
def questions(demand: str, language: str, as_json: bool) -> None:
    """Show what the authority was asked about DEMAND and what it answered; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/clarifications")["clarifications"]
    show(as_json, found, lambda: Printer(language).questions(found))


@legal.command()
@demand_argument
@click.argument("question")
@finding_option
@click.option(
    "--reason-code",
    "reasons",
    type=click.Choice([one.value for one in QuestionReason]),
    multiple=True,
    help="Why you ask; as often as needed. Compulsory unless you name a finding.",
)
@language_option
@json_option
def ask(
    demand: str,
    question: str,
    findings: tuple[str, ...],
    reasons: tuple[str, ...],
    language: str,
    as_json: bool,
) -> None:
    """Ask the authority QUESTION about DEMAND; it waits until you record the answer.

    A European order is asked about with Annex III: `lea legal annex file --question`.
    """
    body = {"question": question, "findings": [*findings], "reasons": [*reasons]}
    with Client.from_environment() as client:
        asked = client.post(f"/api/v1/demands/{demand}/clarifications", body)
    show(as_json, asked, lambda: Printer(language).questions([asked]))


@legal.command()
@demand_argument
@click.argument("text")
@language_option
@json_option
def answer(demand: str, text: str, language: str, as_json: bool) -> None:
    """Record in TEXT what the authority answered about DEMAND; the review goes on."""
    route = f"/api/v1/demands/{demand}/clarifications"
    with Client.from_environment() as client:
        _, n = client.get_versioned(route)
        answered = client.put(route, {"answer": text}, n)
    show(as_json, answered, lambda: Printer(language).questions([answered]))


@legal.command()
@click.argument("demand", type=id_of("c"), required=False)
@language_option
@json_option
def deadlines(demand: str | None, language: str, as_json: bool) -> None:
    """Show by when DEMAND has to be answered or confirmed, and how that was counted.

    Without DEMAND: the clocks of all open demands as they were counted last, the first to end
    first.
    """
    with Client.from_environment() as client:
        if demand is None:
            clocks = list(client.pages("/api/v1/deadlines"))
            show(as_json, clocks, lambda: _list_clocks(clocks, language))
            return
        found = client.get(f"/api/v1/demands/{demand}/deadlines")
    show(as_json, found, lambda: Printer(language).deadlines(found))


@legal.command()
@demand_argument
@click.argument("answer", type=click.Choice([one.value for one in Enforcing]))
@click.option("--reason", required=True, help="How you know: who said it, when, by which way.")
@key_option
@language_option
@json_option
def enforcing(
    demand: str, answer: str, reason: str, key_path: Path, language: str, as_json: bool
) -> None:
    """Record or propose what is known of the enforcing authority of the European order DEMAND.

    refused: it raises a ground; that is recorded, and nothing goes. What lets the data go is
    proposed, and an approver decides who did not record or correct the demand. confirmed: it raises
    no ground; not_notified: it has no say; emergency: the order is one, and waits for nobody. Until
    two people agreed to one of them the package waits for the end of day 10.
    """
    if answer == Enforcing.REFUSED.value:
        with Client.from_environment() as client:
            found = client.post(f"/api/v1/demands/{demand}/enforcing-refusal", {"reason": reason})
        show(as_json, found, lambda: Printer(language).deadlines(found))
        return
    key = load_signing_key(key_path)
    wanted: dict[str, Any] = {"demand": demand, "answer": answer, "reason": reason}
    with Client.from_environment() as client:
        proposed = sign_and_propose(client, key, ENFORCING, wanted)
    show(as_json, proposed, lambda: tell_proposed(proposed, language))


@legal.command()
@demand_argument
@click.option("--reason", required=True, help="How you know: who said it, when, by which way.")
@language_option
@json_option
def uphold(demand: str, reason: str, language: str, as_json: bool) -> None:
    """Record that the authority upholds the order DEMAND, which you replied to without data.

    After Annex III; an order that was referred elsewhere is recorded anew. The review goes on and
    so does our term, from where it began: no article was found that gives another one. What the
    authority adapts is a correction of the demand.
    """
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/upholding", {"reason": reason})
    show(as_json, found, lambda: Printer(language).deadlines(found))


@legal.command()
@folder_argument("folder", required=False)
@in_use_option
@language_option
@json_option
def validate(folder: Path | None, in_use: bool, language: str, as_json: bool) -> None:
    """Check the files of a catalogue: those that ship with the service, or those in FOLDER.

    FOLDER is a whole catalogue or an overlay, the provider's own rows over what ships. Works
    without the server, save --in-use. Ends with code 2 and names each bad place when something is
    wrong.
    """
    if in_use:
        _check_no_folder(folder)
        with Client.from_environment() as client:
            found = client.get("/api/v1/legal-catalogue")
    else:
        view = CatalogueView.of(_open(folder) if folder else load_catalogue())
        found = LegalCatalogueSchema().dump(view)
    show(as_json, found, lambda: Spoken(language).facts(found))


@legal.command()
@folder_argument("first", metavar="[A]", required=False)
@folder_argument("second", metavar="B", required=False)
@in_use_option
@language_option
@json_option
@click.pass_context
def diff(
    context: click.Context,
    first: Path | None,
    second: Path | None,
    in_use: bool,
    language: str,
    as_json: bool,
) -> None:
    """Show what B changes: rows added, removed, and changed field by field.

    A and B are folders, each a whole catalogue or an overlay, the provider's own rows over what
    ships. A alone left out: what ships. Works without the server, save --in-use. Ends with code 0
    when nothing differs, with 1 when something does.
    """
    if in_use:
        _check_no_folder(first)
        with Client.from_environment() as client:
            told = client.get(f"/api/v1/legal-catalogue/difference?language={language}")
        says = told.pop("in_words")
    elif first is None:
        raise click.UsageError("name the folder of a catalogue or overlay, or --in-use")
    else:
        a, b = _open(first) if second else load_catalogue(), _open(second or first)
        difference = compare(a, b)
        told, says = difference.dump(), describe_difference(difference, a, b, language)
    show(as_json, told, lambda: str(says))
    if not told["same"]:
        context.exit(DIFFERENT)


def _list_clocks(clocks: list[dict[str, Any]], language: str) -> str:
    speak = Spoken(language, codes={"clock": CLOCKS})
    return speak.table(clocks, OPEN_COLUMNS) if clocks else phrase(NO_CLOCKS, "none", language)


def _check_no_folder(folder: Path | None) -> None:
    if folder is not None:
        raise click.UsageError("--in-use is of the catalogue of the service: name no folder")


def _open(folder: Path) -> Catalogue:
    try:
        return open_catalogue(folder)
    except OSError as err:
        raise InvalidInput("expected a folder with the files of a catalogue") from err


def _accept(client: Client, route: str, body: dict[str, Any], language: str) -> Any:
    """Accept findings; the values they are about never stand in the words of a command."""
    place = f"{route}/acceptances?language={language}"
    try:
        return client.post(place, body)
    except InvalidInput as err:
        if RETYPED not in {one.pointer for one in err.errors}:
            raise
        again = _ask_again(client.get(route), body) if is_terminal() else _read_again()
        if not again:
            raise
    return client.post(place, {**body, "retyped": again})


def _ask_again(assessment: dict[str, Any], body: dict[str, Any]) -> list[str]:
    wanted = [
        f"{one['ref']}, value {n} of {one['seen']['retype']}"
        for one in assessment["findings"]
        if one["ref"] in assessment["open"]
        and body["code"] in {one["code"], one["ref"]}
        and body.get("item") in {None, one["item"]}
        for n in range(1, one["seen"].get("retype", 0) + 1)
    ]
    return [str(click.prompt(one, err=True)) for one in wanted]


def _read_again() -> list[str]:
    return [line.strip() for line in sys.stdin if line.strip()]


def is_terminal() -> bool:
    """Say whether somebody can be asked."""
    return sys.stdin.isatty()


def describe_basis(found: dict[str, Any]) -> str:
    """Return every edition of a basis as text, in the words that the service says it in."""
    readings = (one["in_words"] for one in found["editions"])
    return "\n\n".join(
        render(
            Reading(one["heading"], tuple(one["says"]), tuple(Answer(**a) for a in one["answers"]))
        )
        for one in readings
    )
