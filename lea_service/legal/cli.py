"""Commands of the legal check: the catalogue, what was found, and what people decide about it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.printable import counted
from lea_service.legal.acceptance import RETYPED
from lea_service.legal.annex.cli import annex
from lea_service.legal.authenticity.cli import COMMANDS as AUTHENTICITY
from lea_service.legal.catalogue import Catalogue, load_catalogue, open_catalogue
from lea_service.legal.comparison import compare, describe_difference
from lea_service.legal.moments import Enforcing
from lea_service.legal.narrowing.cli import COMMANDS as NARROWING
from lea_service.legal.questions import QuestionReason
from lea_service.legal.reading import Answer, Reading, render
from lea_service.legal.referral.cli import COMMANDS as REFERRAL
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import facts, json_option, show, table

Command = TypeVar("Command", bound=Callable[..., Any])
MARKS = {"pass": "ok     ", "clarify": "ask    ", "ask_human": "decide ", "defect": "DEFECT "}
LEGEND = (
    "ask = a question to the authority, decide = a question to you (accept it with a reason), "
    "DEFECT = must be cured or refused."
)
ENDS = ("earliest", "waits_for", "due", "late", "alarm", "met_at")
COLUMNS = (
    "id", "valid_from", "valid_to", "citation", "instrument", "issuing_roles", "reviewed",
    "unknown_fields",
)  # fmt: skip
OPEN_COLUMNS = ("demand", "clock", "due", "late", "seconds_left")
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


@click.group()
def legal() -> None:
    """See on what ground an authority may ask, check a demand, and accept, ask or refuse.

    The service checks form and competence. Whether a demand is proportionate is for the authority
    and the judge: if it seems too broad, ask.
    """


for _command in (*AUTHENTICITY, *NARROWING, *REFERRAL, annex):
    legal.add_command(_command)


@legal.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the legal bases that a demand can name, with who reviewed the provider's own."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/legal-bases")
    head = f"Catalogue {found['version']}, digest {found['digest']}"
    rows = [{**one, "reviewed": _reviewed(one["reviewed"])} for one in found["bases"]]
    show(as_json, found, lambda: f"{head}\n\n{table(rows, COLUMNS)}")


@legal.command("show")
@click.argument(
    "basis", type=Form(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,79}", "the id of a basis, as NL-SV-126n")
)
@language_option
@json_option
def show_(basis: str, language: str, as_json: bool) -> None:
    """Show one legal BASIS in words: who, for what, in which form, and how sure that is.

    Every edition is shown, the earliest first; that of the date of an order applies to it.
    """
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/legal-bases/{basis}", language=language)
    show(as_json, found, lambda: describe_basis(found))


@legal.command()
@language_option
@json_option
def grounds(language: str, as_json: bool) -> None:
    """List the grounds of refusal, and those that are none."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/legal-bases")["grounds"]
    rows = [{**row, "text": row["text"][language]} for row in found]
    show(as_json, found, lambda: table(rows, ("code", "may_refuse", "text")))


@legal.command()
@demand_argument
@language_option
@json_option
def assess(demand: str, language: str, as_json: bool) -> None:
    """Check DEMAND against the catalogue and show what was found."""
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/assessment?language={language}")
    show(as_json, found, lambda: describe(found, everything=False))


@legal.command()
@demand_argument
@click.option("--all", "everything", is_flag=True, help="Also what passed.")
@language_option
@json_option
def check(demand: str, everything: bool, language: str, as_json: bool) -> None:
    """Show the newest assessment of DEMAND; nothing is checked again."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/assessment", language=language)
    show(as_json, found, lambda: describe(found, everything=everything))


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
    show(as_json, found, lambda: describe(found, everything=False))


@legal.command()
@demand_argument
@click.option("--dutch", is_flag=True, help="What is odd about the document, in Dutch.")
@json_option
def order(demand: str, dutch: bool, as_json: bool) -> None:
    """Show what the order of DEMAND says beside what was typed; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/order/reading")
    show(as_json, found, lambda: describe_order(found, "nl" if dutch else "en"))


@legal.command()
@demand_argument
@click.option("--ground", required=True, help="Code of the ground: see `lea legal grounds`.")
@finding_option
@click.option("--explanation", required=True, help="In your words; the authority may read it.")
@json_option
def refuse(
    demand: str, ground: str, findings: tuple[str, ...], explanation: str, as_json: bool
) -> None:
    """Refuse DEMAND on a coded ground and the findings it rests on."""
    body = {"ground": ground, "findings": [*findings], "explanation": explanation}
    with Client.from_environment() as client:
        refusal = client.post(f"/api/v1/demands/{demand}/refusal", body)
    show(as_json, refusal, lambda: facts(refusal))


@legal.command()
@demand_argument
@json_option
def refusal(demand: str, as_json: bool) -> None:
    """Show why DEMAND was refused, with the explanation; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/refusal")
    show(as_json, found, lambda: facts(found))


@legal.command()
@demand_argument
@json_option
def questions(demand: str, as_json: bool) -> None:
    """Show what the authority was asked about DEMAND and what it answered; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/clarifications")["clarifications"]
    show(as_json, found, lambda: "\n\n".join(map(facts, found)) or "no question was asked")


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
@json_option
def ask(
    demand: str,
    question: str,
    findings: tuple[str, ...],
    reasons: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ask the authority QUESTION about DEMAND; it waits until you record the answer."""
    body = {"question": question, "findings": [*findings], "reasons": [*reasons]}
    with Client.from_environment() as client:
        asked = client.post(f"/api/v1/demands/{demand}/clarifications", body)
    show(as_json, asked, lambda: facts(asked))


@legal.command()
@demand_argument
@click.argument("text")
@json_option
def answer(demand: str, text: str, as_json: bool) -> None:
    """Record in TEXT what the authority answered about DEMAND; the review goes on."""
    route = f"/api/v1/demands/{demand}/clarifications"
    with Client.from_environment() as client:
        _, n = client.get_versioned(route)
        answered = client.put(route, {"answer": text}, n)
    show(as_json, answered, lambda: facts(answered))


@legal.command()
@click.argument("demand", type=id_of("c"), required=False)
@click.option("--dutch", is_flag=True, help="The steps in Dutch.")
@json_option
def deadlines(demand: str | None, dutch: bool, as_json: bool) -> None:
    """Show by when DEMAND has to be answered or confirmed, and how that was counted.

    Without DEMAND: the clocks of all open demands as they were counted last, the first to end
    first.
    """
    with Client.from_environment() as client:
        if demand is None:
            clocks = list(client.pages("/api/v1/deadlines"))
            show(as_json, clocks, lambda: table(clocks, OPEN_COLUMNS))
            return
        found = client.get(f"/api/v1/demands/{demand}/deadlines")
    show(as_json, found, lambda: describe_deadlines(found, "nl" if dutch else "en"))


@legal.command()
@demand_argument
@click.argument("answer", type=click.Choice([one.value for one in Enforcing]))
@click.option("--reason", required=True, help="How you know: who said it, when, by which way.")
@json_option
def enforcing(demand: str, answer: str, reason: str, as_json: bool) -> None:
    """Record what is known of the enforcing authority of the European order DEMAND.

    confirmed: it raises no ground, so the data may go; refused: it does, and nothing goes;
    not_notified: it has no say; emergency: the order is one, and waits for nobody. Until one of
    them is recorded the package waits for the end of day 10.
    """
    with Client.from_environment() as client:
        body = {"answer": answer, "reason": reason}
        found = client.post(f"/api/v1/demands/{demand}/enforcing-answer", body)
    show(as_json, found, lambda: describe_deadlines(found, "en"))


@legal.command()
@demand_argument
@click.option("--reason", required=True, help="How you know: who said it, when, by which way.")
@json_option
def uphold(demand: str, reason: str, as_json: bool) -> None:
    """Record that the authority upholds the order DEMAND, which you replied to without data.

    After Annex III; an order that was referred elsewhere is recorded anew. The review goes on and
    so does our term, from where it began: no article was found that gives another one. What the
    authority adapts is a correction of the demand.
    """
    with Client.from_environment() as client:
        found = client.post(f"/api/v1/demands/{demand}/upholding", {"reason": reason})
    show(as_json, found, lambda: describe_deadlines(found, "en"))


@legal.command()
@folder_argument("folder", required=False)
@json_option
def validate(folder: Path | None, as_json: bool) -> None:
    """Check the files of a catalogue: those that ship with the service, or those in FOLDER.

    FOLDER is a whole catalogue or an overlay, the provider's own rows over what ships. Works
    without the server. Ends with code 2 and names each bad place when something is wrong.
    """
    catalogue = _open(folder) if folder else load_catalogue()
    found = {
        "version": catalogue.version,
        "digest": catalogue.digest,
        "bases": len(catalogue.bases),
        "incomplete": [basis.id for basis in catalogue.bases if basis.unknown],
        "own": [basis.id for basis in catalogue.bases if basis.reviewed],
    }
    show(as_json, found, lambda: facts(found))


@legal.command()
@folder_argument("first", metavar="[A]")
@folder_argument("second", metavar="B", required=False)
@language_option
@json_option
@click.pass_context
def diff(
    context: click.Context, first: Path, second: Path | None, language: str, as_json: bool
) -> None:
    """Show what B changes: rows added, removed, and changed field by field.

    A and B are folders, each a whole catalogue or an overlay, the provider's own rows over what
    ships. A alone left out: what ships. Works without the server. Ends with code 0 when nothing
    differs, with 1 when something does.
    """
    a = _open(first) if second else load_catalogue()
    b = _open(second or first)
    found = compare(a, b)
    show(as_json, found.dump(), lambda: describe_difference(found, a, b, language))
    if not found.is_same:
        context.exit(DIFFERENT)


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


def _reviewed(review: dict[str, str] | None) -> str | None:
    return None if review is None else f"{review['on']} {review['by']}"


def describe(assessment: dict[str, Any], *, everything: bool) -> str:
    """Return an assessment as text: one line for each finding, its article, and its cure."""
    shown = [one for one in assessment["findings"] if everything or one["outcome"] != "pass"]
    passed = sum(one["outcome"] == "pass" for one in assessment["findings"])
    accepted = {
        ref: one["accepted_by"] for one in assessment["acceptances"] for ref in one["findings"]
    }
    lines = [line for one in shown for line in _lines(one, accepted.get(one["ref"]))]
    head = f"Assessment {assessment['n']} of {assessment['demand']}: {_standing(assessment)}"
    return "\n".join(
        [head, *lines, f"{counted(passed, 'check')} passed.", *([LEGEND] if shown else [])]
    )


def describe_order(found: dict[str, Any], language: str) -> str:
    """Return an order as text: what is odd, what was typed, and what stands where."""
    if not found["has_document"]:
        return "The demand has no order document: nothing can be compared."
    lines = [f"Order of {found['demand']}, {counted(found['pages'], 'page')} read."]
    lines += [f"ODD     {one['code']}: {one[language]}" for one in found["observations"]]
    lines += [] if found["is_whole"] else ["ODD     more stands in it than was looked at"]
    typed = [{**one, "in order": "yes" if one["is_in_order"] else "NO"} for one in found["typed"]]
    lines += ["", "Typed", table(typed, ("in order", "item", "kind", "value"))]
    rows = [
        {**one, "place": f"page {one['page']} line {one['line']}"} for one in found["proposals"]
    ]
    lines += ["", "In the order", table(rows, ("place", "kind", "value", "form"))]
    return "\n".join(lines)


def describe_deadlines(found: dict[str, Any], language: str) -> str:
    """Return the clocks of a demand as text: how each stands, its ends, and every step."""
    if found["legal_basis"] is None:
        return "The catalogue does not know the basis, so no term can be counted."
    if not found["deadlines"]:
        return f"{found['legal_basis']} sets no term."
    told = [
        f"{one['at']} {one['told']} told of {one['clock']}: {one['step']}"
        for one in found["escalations"]
    ]
    moved = [
        f"{one['at']} {move['clock']} moved from {move['before']['due']} to {move['after']['due']} "
        f"({_why(one, move)})"
        for one in found["counted"]
        for move in one["moves"]
    ]
    clocks = "\n\n".join(_describe_deadline(one, language) for one in found["deadlines"])
    return "\n".join([clocks, *([""] if moved or told else []), *moved, *told])


def _why(counted: dict[str, Any], move: dict[str, Any]) -> str:
    days = [f"with {day}" for day in move["added"]] + [f"without {day}" for day in move["left_out"]]
    return ", ".join([counted["cause"], *days])


def _describe_deadline(one: dict[str, Any], language: str) -> str:
    lines = [f"{one['clock']} ({one['whose']}): {one['status']}, {one['rule']} [{one['law']}]"]
    lines += [f"  {name:<9} {one[name]}" for name in ENDS if one[name]]
    lines += [f"  {one['text']}"] if one["text"] else []
    lines += [f"  - {step[language]}" for step in one["steps"]]
    return "\n".join(lines)


def _lines(finding: dict[str, Any], accepted_by: str | None) -> list[str]:
    lines = [f"{MARKS[finding['outcome']]} {finding['ref']}: {finding['says']}"]
    if finding["article"]:
        lines.append(f"          article  {finding['article']} ({finding['confidence']})")
    said = finding["seen"]
    lines += [f"          {name}       {said[name]}" for name in ("nl", "en") if name in said]
    if finding["outcome"] != "pass":
        rest = [f"{name} {_plain(said[name])}" for name in said if name not in {"nl", "en"}]
        lines += [f"          seen     {', '.join(rest)}"] if rest else []
        lines.append(f"          cure     {finding['cure']}")
    if accepted_by:
        lines.append(f"          accepted by {accepted_by}")
    return lines


def _plain(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _standing(assessment: dict[str, Any]) -> str:
    if assessment["is_settled"]:
        return "settled"
    if not assessment["is_current"]:
        return "out of date, the demand was corrected: assess it again"
    return f"{len(assessment['open'])} open"
