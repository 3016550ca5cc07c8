"""Notices: short messages that something waits. They carry no case data, ever.

A notice is a job (kind ``notice.send``), so it exists if and only if the use case that caused it
committed. Its arguments are ids; the mailbox is looked up when the notice is sent. Sending is
repeated until it worked; the Message-ID is the job id, so a repeated mail is recognised.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from lea_service.kernel.errors import InvalidInput, Unavailable


class Reader(StrEnum):
    """Whom of an authority a notice is for: who asked, their agency, or its prosecution."""

    ASKING = "asking"
    AGENCY = "agency"
    PROSECUTION = "prosecution"


class OwnMailbox(StrEnum):
    """Where our own people are told: of what failed or presses, and of what has to be worked on."""

    ALARMS = "alarms"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body of one kind of notice; ``{reference}`` is our random demand id.

    One with ``own`` never leaves the house, any other is for a ``reader``. ``otherwise`` is what
    our own people are told where it has no address. In one that ``is_coded`` stands a code in the
    place of the id.
    """

    subject: str
    body: str
    own: OwnMailbox | None = None
    reader: Reader = Reader.ASKING
    otherwise: str | None = None
    is_coded: bool = False


TEMPLATES = {
    "demand.acknowledged": Template(
        "Ontvangstbevestiging / Acknowledgement {reference}",
        "Wij hebben uw vordering ontvangen en geregistreerd onder kenmerk {reference}.\n"
        "We received your demand and registered it under reference {reference}.\n",
    ),
    "demand.clarification": Template(
        "Vraag over uw vordering / Question about your demand {reference}",
        "Er staat een vraag over uw vordering voor u klaar, kenmerk {reference}.\n"
        "A question about your demand waits for you, reference {reference}.\n",
    ),
    "demand.refused": Template(
        "Antwoord op uw vordering / Answer to your demand {reference}",
        "Er staat een antwoord op uw vordering voor u klaar, kenmerk {reference}.\n"
        "An answer to your demand waits for you, reference {reference}.\n",
    ),
    "demand.replied": Template(
        "Bericht over uw vordering / Message about your demand {reference}",
        "Er staat een bericht over uw vordering voor u klaar, kenmerk {reference}.\n"
        "A message about your demand waits for you, reference {reference}.\n",
    ),
    "demand.withdrawn": Template(
        "Intrekking geregistreerd / Withdrawal recorded {reference}",
        "Wij registreerden dat uw vordering met kenmerk {reference} is ingetrokken, en doen er "
        "niets meer aan. Is dat onjuist, bel ons dan.\n"
        "We recorded that your demand with reference {reference} was withdrawn, and do nothing "
        "more on it. If that is not right, call us.\n",
    ),
    "package.available": Template(
        "Pakket gereed / Package ready {reference}",
        "Een versleuteld pakket staat voor u klaar, kenmerk {reference}.\n"
        "An encrypted package waits for you, reference {reference}.\n",
    ),
    "package.overdue": Template(
        "Herinnering aan een pakket / Reminder of a package {reference}",
        "Van een pakket dat voor u klaarstaat is geen ontvangstbevestiging gegeven en de termijn "
        "is verstreken, kenmerk {reference}.\n"
        "No receipt was given for a package that waits for you and its term has passed, "
        "reference {reference}.\n",
    ),
    "preservation.kept": Template(
        "Bewaring ingegaan / Preservation begun {reference}",
        "Wij bewaren wat uw bevel noemt, voor zover wij het hebben, kenmerk {reference}.\n"
        "We keep what your order names, as far as we have it, reference {reference}.\n",
    ),
    "preservation.extended": Template(
        "Bewaring verlengd / Preservation extended {reference}",
        "De verlenging van uw bewaring is geregistreerd, kenmerk {reference}.\n"
        "The extension of your preservation was recorded, reference {reference}.\n",
    ),
    "preservation.ended": Template(
        "Bewaring beëindigd / Preservation ended {reference}",
        "Wij bewaren niet langer wat uw bevel noemde, kenmerk {reference}.\n"
        "We no longer keep what your order named, reference {reference}.\n",
    ),
    "preservation.produced": Template(
        "Bewaring afgerond / Preservation concluded {reference}",
        "Op uw latere vordering is geantwoord met wat hiervoor werd bewaard; wij bewaren het niet "
        "langer, kenmerk {reference}.\n"
        "Your later demand was answered with what was kept on this order; we no longer keep it, "
        "reference {reference}.\n",
    ),
    "preservation.changed": Template(
        "Bewaring geregistreerd / Preservation recorded {reference}",
        "Een bewaring is ingegaan, verlengd of beëindigd, kenmerk {reference}.\n"
        "A preservation began, was extended or ended, reference {reference}.\n",
        OwnMailbox.DESK,
    ),
    "deadline.near": Template(
        "Termijn nadert / Term nears {reference}",
        "Een termijn van een vordering nadert, is voorbij of is niet bekend, kenmerk "
        "{reference}.\n"
        "A term of a demand nears its end, is over or is not known, reference {reference}.\n",
        OwnMailbox.DESK,
    ),
    "deadline.pressing": Template(
        "Termijn dringt / Term presses {reference}",
        "Een termijn van een vordering is bijna of geheel verstreken, kenmerk {reference}.\n"
        "A term of a demand has nearly or wholly run out, reference {reference}.\n",
        OwnMailbox.ALARMS,
    ),
    "deadline.moved": Template(
        "Termijn verschoven / Term moved {reference}",
        "Een andere feestdag of wettelijke regel verschuift een termijn, kenmerk {reference}.\n"
        "Another holiday or legal rule moves the end of a term, reference {reference}.\n",
        OwnMailbox.DESK,
    ),
    "processing.review": Template(
        "Register nakijken / Review the register {reference}",
        "Een vermelding in het register van verwerkingen wordt jaarlijks nagekeken, kenmerk "
        "{reference}.\n"
        "An entry of the register of processing systems is reviewed every year, reference "
        "{reference}.\n",
        OwnMailbox.ALARMS,
    ),
    "retention.rule_set": Template(
        "Bewaarregel ingegaan / Retention rule set {reference}",
        "Twee mensen stelden een bewaarregel vast, kenmerk {reference}. Na de waarschuwingstijd "
        "vernietigt de dienst wat erdoor over zijn termijn is; `lea retention due` toont hoeveel.\n"
        "Two people set a retention rule, reference {reference}. Once the time of warning is over "
        "the service destroys what is past its term by it; `lea retention due` shows how much.\n",
        OwnMailbox.ALARMS,
    ),
    "confirmation.overdue": Template(
        "Bevestiging ontbreekt / Confirmation missing {reference}",
        "Een mondelinge vordering van uw dienst is niet binnen de wettelijke termijn op schrift "
        "gesteld, kenmerk {reference}. Wij verstrekken er niets meer op tot dat is gebeurd. Wilt u "
        "dit aan de officier van justitie voorleggen?\n"
        "An oral demand of your service was not put in writing within the term of the law, "
        "reference {reference}. We hand over nothing more on it until that is done. Please put "
        "this before the public prosecutor.\n",
        reader=Reader.AGENCY,
    ),
    "confirmation.escalated": Template(
        "Vordering niet bevestigd / Order not confirmed {reference}",
        "Een dienst waarvan u het parket bent heeft een mondelinge vordering niet binnen de "
        "wettelijke termijn op schrift gesteld, kenmerk {reference}. Wij verstrekken er niets meer "
        "op tot dat is gebeurd. Belt u ons om te horen welke het is.\n"
        "A service whose prosecution you are did not put an oral demand in writing within the term "
        "of the law, reference {reference}. We hand over nothing more on it until that is done. "
        "Please call us to hear which one it is.\n",
        reader=Reader.PROSECUTION,
        otherwise="confirmation.unescalated",
    ),
    "confirmation.unescalated": Template(
        "Geen parket bekend / No prosecution known {reference}",
        "Een vordering is niet op tijd bevestigd en geen officier van justitie is "
        "daarvan op de hoogte gesteld: het register heeft geen adres van een parket van deze "
        "dienst waaraan wij schrijven, kenmerk {reference}. Licht het parket zelf in, en laat het "
        "register het noemen (lea agencies propose organisation --prosecution).\n"
        "A demand was not confirmed in time and no public prosecutor was told of it: the "
        "register has no address of a prosecution of this service that we write to, reference "
        "{reference}. Tell the prosecution yourself, and have the register name it (lea agencies "
        "propose organisation --prosecution).\n",
        OwnMailbox.ALARMS,
    ),
    "breach.opened": Template(
        "Mogelijke inbreuk / Possible breach {reference}",
        "Een mogelijke inbreuk wacht op uw beoordeling, kenmerk {reference}.\n"
        "A possible breach waits for your assessment, reference {reference}.\n",
        OwnMailbox.ALARMS,
    ),
    "warning": Template(
        "Waarschuwing {reference}",
        "Er is een waarschuwing voor u, kenmerk {reference}.\n"
        "A warning waits for you, reference {reference}.\n",
        OwnMailbox.ALARMS,
    ),
    "warning.unread": Template(
        "Waarschuwing die niemand leest / Warning that nobody reads {reference}",
        "Er is een waarschuwing, kenmerk {reference}, over iets waarvan niemand op de lijst mag "
        "weten. Zet een andere intern toezichthouder op de lijst.\n"
        "A warning waits, reference {reference}, about something of which nobody on the list may "
        "know. Put another overseer on the list.\n",
        OwnMailbox.ALARMS,
    ),
    "approvers.asked": Template(
        "Bent u bereikbaar? / Can you be reached?",
        "Dit is een proef of u als beslisser te bereiken bent. Bevestig met deze code:\n"
        "This tests whether you can be reached as an approver. Confirm with this code:\n\n"
        "lea staff reachable confirm {reference}\n",
        OwnMailbox.DESK,
        is_coded=True,
    ),
    "approvers.too_few": Template(
        "Te weinig beslissers bereikbaar / Too few approvers reachable",
        "Minder dan twee beslissers zijn bereikbaar; zie lea staff reachable ({reference}).\n"
        "Fewer than two approvers can be reached; see lea staff reachable ({reference}).\n",
        OwnMailbox.ALARMS,
    ),
    "letter.prepared": Template(
        "Brief gereed om te versturen / Letter ready to send {reference}",
        "Een brief dat ons antwoord later kan komen ligt klaar; iemand moet hem versturen, kenmerk "
        "{reference}.\n"
        "A letter that our answer may be late is ready; somebody has to send it, reference "
        "{reference}.\n",
        OwnMailbox.DESK,
    ),
    "alarm": Template(
        "Alarm {reference}",
        "Er ging iets mis dat iemand moet bekijken, kenmerk {reference}.\n"
        "Something went wrong that somebody has to look at, reference {reference}.\n",
        OwnMailbox.ALARMS,
    ),
}


UNFOLDED = SMTP.clone(max_line_length=998)
"""A header on one line as long as a line of mail may be (RFC 5322, 2.1.1): with the usual 78 a long
reference leaves the first line of the subject empty, and that is all that some programs show."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice ready to go, about one reference, written at ``at``.

    Several mailboxes have commas between them.
    """

    message_id: str
    mailbox: str
    template: str
    reference: str
    at: datetime

    def render(self, sender: str) -> EmailMessage:
        """Return the e-mail. Raises InvalidInput for an unknown template."""
        if self.template not in TEMPLATES:
            raise InvalidInput("template: expected one of the known notices")
        template = TEMPLATES[self.template]
        message = EmailMessage(policy=UNFOLDED)
        message["Subject"] = template.subject.format(reference=self.reference)
        message["From"] = sender
        message["To"] = self.mailbox
        message["Date"] = self.at
        message["Message-ID"] = f"<{self.message_id}@{sender.rpartition('@')[2]}>"
        message.set_content(template.body.format(reference=self.reference))
        return message


class NoticeTransport(Protocol):
    """Brings a notice out of the house."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over. Raises Unavailable when that did not work."""

    def ping(self) -> None:
        """Raise Unavailable when notices cannot go out now."""


class FileNotices:
    """Writes each notice as an ``.eml`` file; somebody or something else sends it on."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, notice: Notice) -> None:
        """Write the file whole or not at all; the same notice again replaces itself."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._folder / f"{notice.message_id}.eml"
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            file.write(bytes(notice.render(self._sender)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)

    def ping(self) -> None:
        """Raise Unavailable when the folder cannot be written."""
        parent = self._folder if self._folder.exists() else self._folder.parent
        if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
            raise Unavailable("the folder for notices cannot be written")


class SmtpNotices:
    """Sends notices through a mail server: ``smtp://[user:password@]host[:port]`` or ``smtps://``.

    ``smtp`` upgrades with STARTTLS when the server offers it; a password is never sent without TLS.
    """

    def __init__(self, url: str, sender: str, timeout: float = 20) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise InvalidInput("expected an address like smtp://host:port")
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._implicit_tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "")
        self._sender = sender
        self._timeout = timeout

    def send(self, notice: Notice) -> None:
        """Send one mail. Raises Unavailable when the server refuses or does not answer."""
        try:
            with self._connect() as server:
                server.send_message(notice.render(self._sender))
        except (OSError, smtplib.SMTPException) as err:
            raise Unavailable("the mail server did not take the notice") from err

    def ping(self) -> None:
        """Raise Unavailable when the server does not answer."""
        try:
            with self._connect() as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as err:
            raise Unavailable("the mail server does not answer") from err

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self._user is not None:
                server.close()
                raise Unavailable("the mail server offers no TLS; a password is not sent without")
        if self._user is not None:
            server.login(self._user, self._password)
        return server
