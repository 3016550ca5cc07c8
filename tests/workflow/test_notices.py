import socket
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from lea_service.kernel.errors import InvalidInput, Unavailable
from lea_service.workflow.notices import TEMPLATES, FileNotices, Notice, SmtpNotices

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NOTICE = Notice("j_01", "desk@police.example", "package.available", "c_00ff", AT)
SENDER = "lea@provider.example"


class Inbox:
    def __init__(self, answer="250 OK"):
        self.mails = []
        self.answer = answer

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return self.answer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mail_server(request):
    inbox = Inbox(getattr(request, "param", "250 OK"))
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield inbox, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.mark.parametrize("template", TEMPLATES)
def test_notice_carries_nothing_but_the_reference(template):
    text = str(Notice("j_01", "desk@police.example", template, "c_00ff", AT).render(SENDER))
    assert "c_00ff" in text
    assert "{" not in text


def test_file_holds_one_whole_mail(tmp_path):
    transport = FileNotices(tmp_path / "out", SENDER)
    transport.send(NOTICE)
    transport.send(NOTICE)
    (path,) = (tmp_path / "out").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert mail["To"] == "desk@police.example"
    assert mail["Message-ID"] == "<j_01@provider.example>"
    assert mail["Date"] == "Tue, 24 Nov 2026 09:30:00 +0000"


@pytest.mark.parametrize("template", TEMPLATES)
def test_subject_is_on_one_line(tmp_path, template):
    reference = "c_0123456789abcdefghijklmnop"
    mailboxes = ", ".join(f"desk{n}@police.example" for n in range(9))
    FileNotices(tmp_path, SENDER).send(Notice("j_01", mailboxes, template, reference, AT))
    (path,) = tmp_path.iterdir()
    subject = TEMPLATES[template].subject.format(reference=reference)
    first, second, *_ = path.read_bytes().splitlines()
    assert first.removeprefix(b"Subject:").strip()
    assert second.startswith(b"From: ")
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["Subject"], mail["To"]) == (subject, mailboxes)
    assert max(map(len, path.read_bytes().splitlines())) <= 998


def test_mail_reaches_a_real_server(mail_server):
    inbox, url = mail_server
    SmtpNotices(url, SENDER).send(NOTICE)
    (mail,) = inbox.mails
    assert mail.rcpt_tos == ["desk@police.example"]
    assert b"c_00ff" in mail.content


@pytest.mark.parametrize("mail_server", ["451 try later"], indirect=True)
def test_refusal_of_the_server_is_said(mail_server):
    _, url = mail_server
    with pytest.raises(Unavailable):
        SmtpNotices(url, SENDER).send(NOTICE)


def test_silent_server_is_said(mail_server):
    with pytest.raises(Unavailable):
        SmtpNotices("smtp://127.0.0.1:1", SENDER).ping()


def test_password_never_goes_out_without_tls(mail_server):
    inbox, url = mail_server
    with pytest.raises(Unavailable, match="TLS"):
        SmtpNotices(url.replace("//", "//lea:secret@"), SENDER).send(NOTICE)
    assert inbox.mails == []


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_address_of_another_kind_is_refused(url):
    with pytest.raises(InvalidInput):
        SmtpNotices(url, SENDER)


def test_mailbox_cannot_add_headers():
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        Notice("j_01", "a@b.example\nBcc: c@d.example", "alarm", "j_01", AT).render(SENDER)
