"""Letters to the authority, written and sent as a person does it."""

from pathlib import Path

from lea_service.delivery.letters.service import LetterService
from lea_service.delivery.letters.text import About
from lea_service.legal.working_days import load_working_days
from lea_service.packaging.assembly import Assembly


def make_letters(log, spool=Path()):
    """Return the service that writes letters in the name of a provider."""
    contents = Assembly(log.transactions, log.service, "Voorbeeld Telecom B.V.", spool)
    return LetterService(log.transactions, log.looks, contents.correspond, load_working_days())


def send_form(log, actor, demand, language="nl"):
    """Let the newest form of Annex III about a demand go out."""
    return send_letter(log, actor, demand, About.ANNEX, language)


def send_letter(log, actor, demand, about, language="nl"):
    """Let a letter go out as it is shown."""
    letters = make_letters(log)
    shown = letters.draft(actor, demand, about, language)
    return letters.send(actor, demand, about, language, shown.digest)
