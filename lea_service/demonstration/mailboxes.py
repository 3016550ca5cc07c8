"""What lies in the mailboxes: the notices that the worker sent, as files."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import Walk


def wait_for_notice(it: Walk, mailbox: str, *wanted: str) -> str:
    """Return the subject, in English, of a notice to a mailbox in which all of ``wanted`` stands.

    Raises Unavailable when none comes.
    """

    def find() -> str | None:
        for notice in list_notices(it, mailbox):
            subject = str(notice["Subject"])
            if all(one in subject + read_text(notice) for one in wanted):
                return subject.partition(" / ")[2] or subject
        return None

    return wait_until(find, f"no notice to {mailbox} says {', '.join(wanted)}")


def list_notices(it: Walk, mailbox: str = "") -> list[EmailMessage]:
    """Return the notices to a mailbox, or all of them."""
    files = Path(it.environ["LEA_HOME"], "notices").glob("*.eml")
    read = (message_from_bytes(one.read_bytes(), policy=default) for one in files)
    return [one for one in read if mailbox in str(one["To"])]


def read_text(notice: EmailMessage) -> str:
    """Return what a notice says."""
    return str(notice.get_content())
