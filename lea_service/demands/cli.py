"""Commands about demands, for the people who handle them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from lea_service.demands.demand import Channel
from lea_service.demands.order_media import ENDINGS, find_media_type
from lea_service.demands.phrases import CHANNELS, FORMS, HOLDS, LANES, STATES
from lea_service.demands.proof import fetch_lacks, tell_lacks
from lea_service.demands.remedies import list_remedies
from lea_service.demands.shown import fetch_names, tell_content
from lea_service.demands.states import NEXT, State
from lea_service.demands.waiting import fetch_turns, fetch_wait, tell_turns, tell_wait
from lea_service.demands.withdrawal import WORDS, WithdrawalReason
from lea_service.kernel.phrases import ENGLISH, Phrases, phrase
from lea_service.web.client import Client
from lea_service.web.input import UNASKED, Form, confirm, id_of, language_option, read_object
from lea_service.web.output import OutFile, exact_time, json_option, show, wall_time
from lea_service.web.paper import make_pdf
from lea_service.web.spoken import Spoken, name_people

ROUTE = "/api/v1/demands"
COLUMNS = ("id", "state", "order_date", "received_at", "wanted_by", "emergency")
ITEM_COLUMNS = ("n", "target", "from", "until just before", "categories", "protection")
SAYINGS: Phrases = {
    "held": (
        "Er gaat niets uit zolang zij wordt tegengehouden. Wat daar een einde aan maakt:",
        "Nothing leaves while it is held. What ends each hold:",
    ),
    "next": ("wat kan er worden gedaan", "what can be done"),
    "no_demands": ("Geen vorderingen.", "No demands."),
    "no_emergencies": ("Geen noodgevallen.", "No emergencies."),
    "no_letters": ("Geen brieven.", "No letters."),
    "not_stated": ("niet vermeld", "not stated"),
    "no": ("nee", "no"),
    "minute": ("sinds 1 minuut", "for 1 minute"),
    "minutes": ("sinds {count} minuten", "for {count} minutes"),
    "sent": ("{at} door {by}", "{at} by {by}"),
    "of": ("van", "of"),
    "send": ("Dit versturen?", "Send this?"),
    "unasked": UNASKED,
}
CODES = {"form": FORMS, "channel": CHANNELS, "lane": LANES}
demand_argument = click.argument("demand", type=id_of("c"))
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
order_option = click.option(
    "--order",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The order as it arrived: a PDF, a mail with its headers (.eml), or whatever came.",
)


@click.group()
def demands() -> None:
    """Record what an authority asks, look it up, correct, withdraw and close it.

    A demand is a JSON file in the form of schemas/demand/1.json; the order goes with it, a PDF or
    a mail with its headers (.eml).
    Parties are ids of the register or, while it does not know them, words such as {"name": "…"};
    receivers may be empty until then. The demand is recorded all the same, and held.
    A target of kind phone_id, such as an extension, names the source whose identifier it is;
    one of kind time_and_place has the place in words, and is asked about by a basis for that.
    """


@demands.command()
@file_argument
@order_option
@click.option(
    "--key",
    type=Form(r"[\x21-\x7e]{1,128}", "1 to 128 letters, digits and signs of ASCII"),
    help="A word of your choice: the same command with the same key records only once.",
)
@language_option
@json_option
def new(file: Path, order: Path | None, key: str | None, language: str, as_json: bool) -> None:
    """Record the demand in FILE; prints its id, what holds it and what its proof lacks."""
    text, content = file.read_bytes(), read_object(file)
    with Client.from_environment() as client:
        if order is None:
            recorded = client.post(ROUTE, content, key=key)
        else:
            recorded = client.upload(ROUTE, _form(text, order), key=key)
    show(as_json, recorded, lambda: _tell_recorded(recorded, language))


@demands.command("list")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only these.")
@language_option
@json_option
def list_(state: str | None, language: str, as_json: bool) -> None:
    """List the demands, the newest first: ids, states and dates, no names.

    Emergencies that wait for an answer have a list of their own, the one that waits longest first
    (`lea emergency list`). `wanted_by` is what the authority asks for, where it says so; by when
    the law wants an answer is another thing (`lea legal deadlines`).
    """
    with Client.from_environment() as client:
        lines = list(client.pages(ROUTE, state=state))
    show(as_json, lines, lambda: _list(lines, language, "no_demands"))


@demands.command("show")
@demand_argument
@language_option
@json_option
def show_(demand: str, language: str, as_json: bool) -> None:
    """Show a demand with everything it names. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/{demand}")
        found["holds"] = client.get(f"{ROUTE}/{demand}/holds")["holds"]
        is_asked = not as_json and State(found["state"]) is State.READY
        waits = tell_wait(fetch_wait(client, demand), language) if is_asked else {}
        if not as_json and State(found["state"]) is State.CONTINUING:
            waits = tell_turns(fetch_turns(client, demand), language)
        lacks = fetch_lacks(client, demand, found["state"])
        found["lacks"] = lacks or []
        waits |= tell_lacks(lacks, language)
        names = {} if as_json else fetch_names(client, found)
    unproven = found["lacks"] if State(found["state"]) is State.RECEIVED else []
    ends = _what_ends([*found["holds"], *unproven], language)
    show(as_json, found, lambda: _describe(found, waits, names, language) + ends)


@demands.command()
@demand_argument
@file_argument
@order_option
@language_option
@json_option
def correct(demand: str, file: Path, order: Path | None, language: str, as_json: bool) -> None:
    """Replace what is recorded of a demand by FILE; the earlier record is kept beside it.

    Without --order the order stays the one that was recorded; with it, that one is kept as well.
    """
    text, content = file.read_bytes(), read_object(file)
    place = f"{ROUTE}/{demand}"
    with Client.from_environment() as client:
        _, version = client.get_versioned(place)
        if order is None:
            standing = client.put(place, content, version)
        else:
            standing = client.upload(place, _form(text, order), version=version)
    show(as_json, standing, lambda: _tell_standing(standing, language))


@demands.command()
@demand_argument
@click.option("--by", required=True, help="Who of the authority told us.")
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    required=True,
    help="How they told us.",
)
@click.option(
    "--reason-code",
    "reason",
    type=click.Choice([str(reason) for reason in WithdrawalReason]),
    required=True,
    help="Why, as they say: " + " ".join(f"{one}: {WORDS[one].en}" for one in WithdrawalReason),
)
@click.option("--note", help="What they said, in ten characters or more; with other always.")
@language_option
@json_option
def withdraw(
    demand: str,
    by: str,
    channel: str,
    reason: str,
    note: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Take a demand back because its authority says so; possible until it is delivered."""
    body = {"by": by, "channel": channel, "reason": reason}
    body |= {} if note is None else {"note": note}
    with Client.from_environment() as client:
        standing = client.post(f"{ROUTE}/{demand}/withdrawal", body)
    show(as_json, standing, lambda: _tell_standing(standing, language))


@demands.command()
@demand_argument
@language_option
@json_option
def close(demand: str, language: str, as_json: bool) -> None:
    """Close a demand that was refused, withdrawn, acknowledged or never collected."""
    with Client.from_environment() as client:
        standing = client.post(f"{ROUTE}/{demand}/closing")
    show(as_json, standing, lambda: _tell_standing(standing, language))


@demands.command()
@demand_argument
@click.argument("target", type=OutFile())
@language_option
@json_option
def order(demand: str, target: Path, language: str, as_json: bool) -> None:
    """Save the order of a demand to TARGET. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        content = client.get_bytes(f"{ROUTE}/{demand}/order")
    target.write_bytes(content)
    saved = {"demand": demand, "file": str(target), "bytes": len(content)}
    show(as_json, saved, lambda: Spoken(language).facts(saved))


@click.group()
def emergency() -> None:
    """See the emergencies that wait for an answer.

    A demand is one when it says so, with a reason and who claims it (docs/emergency.md). The lane
    is stricter and faster: a reason that is reviewed, and the smallest category first.
    """


@emergency.command("list")
@language_option
@json_option
def list_emergencies(language: str, as_json: bool) -> None:
    """List them with the minutes since each reached us, the one that waits longest first."""
    with Client.from_environment() as client:
        lines = list(client.pages(f"{ROUTE}/emergencies"))
    show(as_json, lines, lambda: _list(lines, language, "no_emergencies"))


@demands.command()
@demand_argument
@click.option(
    "--about",
    type=click.Choice(["question", "refusal", "narrowing", "annex", "referral", "late"]),
    required=True,
    help="Question, refusal, what is not given, Annex III, who else to ask, or a late answer.",
)
@click.option("--english", is_flag=True, help="In English; else in Dutch.")
@click.option("--send", is_flag=True, help="Show it, ask, and let the authority read it.")
@click.option("--yes", is_flag=True, help="With --send: do not ask first.")
@click.option("--pdf", type=OutFile(), help="Write it to this file as a PDF, too.")
@language_option
@json_option
def letter(
    demand: str,
    about: str,
    english: bool,
    send: bool,
    yes: bool,
    pdf: Path | None,
    language: str,
    as_json: bool,
) -> None:
    """Show the letter about DEMAND as it would go out, ready to send; with --send, send it.

    What goes out is what you were shown; it is kept, and whom the demand names can read it. The
    PDF says the same, line for line. The letter is in Dutch unless you say --english, whatever
    language you are spoken to in.
    """
    which = {"about": about, "language": "en" if english else "nl"}
    speak = Spoken(language, SAYINGS)
    place = f"{ROUTE}/{demand}/letters"
    with Client.from_environment() as client:
        found = client.get(f"{place}/draft", **which)
        if pdf is not None:
            pdf.write_bytes(make_pdf(found["text"]))
        if send:
            if not yes:
                click.echo(found["text"], err=True)
                confirm(speak.say("send"), speak.say("unasked"))
            found = client.post(place, {**which, "digest": found["digest"]})
    show(as_json, found, lambda: found["text"])


@demands.command()
@demand_argument
@language_option
@json_option
def letters(demand: str, language: str, as_json: bool) -> None:
    """Show the letters about DEMAND that went out; the look is entered."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/{demand}/letters")["letters"]
    show(as_json, found, lambda: _tell_letters(found, language))


def _list(lines: list[dict[str, Any]], language: str, none: str) -> str:
    """Return demands as a table that says in words what is not there."""
    speak = Spoken(language, SAYINGS)
    rows = [{**one, **_told(one, speak)} for one in lines]
    return speak.table(rows, COLUMNS) if lines else speak.say(none)


def _told(line: dict[str, Any], speak: Spoken) -> dict[str, Any]:
    minutes = line["elapsed_minutes"]
    since = "no" if minutes is None else "minute" if minutes == 1 else "minutes"
    return {
        "wanted_by": line["due_at"] or speak.say("not_stated"),
        "emergency": speak.say(since, count=minutes),
    }


def _tell_standing(standing: dict[str, Any], language: str) -> str:
    """Return where a demand stands after a change; in Dutch with what its state means."""
    speak = Spoken(language)
    means = f" ({phrase(STATES, standing['state'], language)})" if language != ENGLISH else ""
    return speak.facts({**standing, "state": f"{standing['state']}{means}"})


def _tell_letters(found: list[dict[str, Any]], language: str) -> str:
    speak = Spoken(language, SAYINGS)
    letters = (
        f"{speak.say('sent', at=wall_time(one['sent_at']), by=one['sent_by'])}\n\n{one['text']}"
        for one in map(name_people, found)
    )
    return "\n\n".join(letters) or speak.say("no_letters")


def _form(demand: bytes, order: Path) -> dict[str, tuple[str, bytes, str]]:
    data = order.read_bytes()
    kind = find_media_type(data)
    return {
        "demand": ("demand.json", demand, "application/json"),
        "order": (f"order.{ENDINGS[kind]}", data, kind),
    }


def _tell_recorded(answer: dict[str, Any], language: str) -> str:
    """Return the receipt of a demand, with all that holds it and what ends each hold."""
    shown = {**answer, "holds": [_hold(one) for one in answer["holds"]]}
    lacks = shown.pop("lacks")
    told = tell_lacks(lacks, language) if lacks else {}
    return Spoken(language).facts(shown | told) + _what_ends([*answer["holds"], *lacks], language)


def _what_ends(holds: Iterable[Mapping[str, Any]], language: str) -> str:
    """Return what ends each hold, to be put below; empty where nothing is known of any."""
    remedies = list_remedies(dict.fromkeys(one["code"] for one in holds), language)
    if not remedies:
        return ""
    lines = [phrase(SAYINGS, "held", language), *(f"  {one}" for one in remedies)]
    return "\n\n" + "\n".join(lines)


def _hold(hold: dict[str, Any]) -> str:
    return f"{hold['code']} ({hold['ref']})" if hold["ref"] else str(hold["code"])


def _describe(
    found: dict[str, Any], waits: dict[str, str], names: dict[str, str], language: str
) -> str:
    content, speak = found["content"], Spoken(language, SAYINGS, CODES)
    head = {name: found[name] for name in ("id", "state", "version", "recorded_at")}
    if found["elapsed_minutes"] is not None:
        head["elapsed_minutes"] = found["elapsed_minutes"]
    head["state"] = f"{found['state']} ({phrase(STATES, found['state'], language)})"
    head["holds"] = [
        f"{_hold(one)}: {phrase(HOLDS, one['code'], language)}" for one in found["holds"]
    ]
    head |= waits
    head[speak.say("next")] = phrase(NEXT, found["state"], language)
    rest = tell_content(content, names, speak)
    items = [_line(n, item, speak) for n, item in enumerate(content["items"], 1)]
    return speak.facts(head | rest) + "\n\n" + speak.table(items, ITEM_COLUMNS)


def _line(n: int, item: dict[str, Any], speak: Spoken) -> dict[str, Any]:
    target, period = item["target"], item["period"]
    zone = ZoneInfo(period["zone"])
    return {
        "n": n,
        "target": " ".join([target["kind"], target["value"], *_of_source(target, speak)]),
        "from": exact_time(period["start"], zone),
        "until just before": exact_time(period["end"], zone),
        "categories": item["categories"],
        "protection": item.get("protection", "-"),
    }


def _of_source(target: dict[str, Any], speak: Spoken) -> list[str]:
    return [speak.say("of"), target["source"]] if target.get("source") else []
