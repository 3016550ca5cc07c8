"""Settings: from the environment (``LEA_…``) and an optional TOML file named by ``LEA_CONFIG``.

The environment wins over the file. Every setting is described in ``docs/settings.md``, and a test
compares that page with this module.
"""

# ruff: noqa: RUF009  (the calls below only declare)
from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from lea_service.custody.note import check_origin
from lea_service.kernel.errors import InvalidInput
from lea_service.records.identifiers import REGIONS, normalise_email

PREFIX = "LEA_"
CONFIG = "LEA_CONFIG"
MIB = 1 << 20
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_BIND = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
Values = Mapping[str, Any]


def _setting(
    about: str,
    read: Callable[[str], Any],
    default: str | Callable[[Values], str],
    *,
    shown: str | None = None,
    secret: bool = False,
) -> Any:
    """Declare a setting: what it is, how its text is read, and its default.

    ``default`` is text as it would be written, or a function of the settings declared before;
    ``shown`` is how the documentation words a default of the second kind.
    """
    metadata = {"about": about, "read": read, "default": default, "shown": shown}
    return field(repr=not secret, metadata=metadata)


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("a text that is not empty")
    return text


def _path(text: str) -> Path:
    return Path(_text(text)).expanduser().absolute()


def _path_or_none(text: str) -> Path | None:
    return _path(text) if text else None


def _names(text: str) -> frozenset[str]:
    names = [one.strip().lower() for one in text.split(",")] if text else []
    if not all(_NAME.fullmatch(one) for one in names):
        raise ValueError("names of servers with commas between")
    return frozenset(names)


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError("a country by its two capital letters (ISO 3166), as NL")
    return text


def _origin(text: str) -> str:
    try:
        check_origin(text)
    except InvalidInput as err:
        raise ValueError(
            "a name of at most 200 bytes, with neither space nor plus nor control character"
        ) from err
    return text


def _database(text: str) -> str:
    if not text.startswith(("sqlite://", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("a URL beginning with sqlite:/// or postgresql://")
    try:
        port = make_url(text).port
    except (ArgumentError, ValueError) as err:  # its words would show the password
        raise ValueError("a URL of a database, its port a number") from err
    return _with_port(text, port)


def _mailbox(text: str) -> str:
    if normalise_email(text) is None:
        raise ValueError("an e-mail address")
    return text.strip()


def _mail_server(text: str) -> str:
    if not text:
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as err:  # its words would show the password
        raise ValueError("an address such as smtp://mail.example:587") from err
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or len(text.split()) != 1:
        raise ValueError("an address such as smtp://mail.example:587")
    return _with_port(text, port)


def _bind(text: str) -> str:
    found = _BIND.fullmatch(text)
    if found is None:
        raise ValueError("host:port")
    return _with_port(text, int(found[1]))


def _with_port(text: str, port: int | None) -> str:
    if port is not None and not 1 <= port <= 65_535:
        raise ValueError("a port from 1 to 65535")
    return text


def _in_home(name: str) -> Callable[[Values], str]:
    return lambda values: str(values["home"] / name)


def _sqlite_in_home(name: str) -> Callable[[Values], str]:
    def default(values: Values) -> str:
        url = URL.create("sqlite", database=str(values["home"] / name))
        return url.render_as_string(hide_password=False)

    return default


def checkout() -> Path | None:
    """Return the top folder of the checkout this code runs from; None when it is installed."""
    top = Path(__file__).resolve().parent.parent
    return top if (top / "pyproject.toml").is_file() and (top / "keys").is_dir() else None


def _default_keys(values: Values) -> str:
    top = checkout()
    return str(top / "keys" / "private" if top else values["home"] / "keys")


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations; made once, never changed."""

    environment: str = _setting(
        "`production` writes logs as JSON, `development` writes them for people.",
        _one_of("production", "development"),
        "production",
    )
    home: Path = _setting(
        "Folder for what the service writes; the defaults of the other folders lie in it.",
        _path,
        "./var",
    )
    database_url: str = _setting(
        "The case database: `sqlite:///…` or `postgresql://…`.",
        _database,
        _sqlite_in_home("cases.db"),
        shown="SQLite file `cases.db` in LEA_HOME",
        secret=True,
    )
    records_url: str = _setting(
        "The record store, a database of its own.",
        _database,
        _sqlite_in_home("records.db"),
        shown="SQLite file `records.db` in LEA_HOME",
        secret=True,
    )
    keys_dir: Path = _setting(
        "The local key store (mode 0700), made by `lea keys generate`.",
        _path,
        _default_keys,
        shown="`keys/private` in a checkout, else `keys` in LEA_HOME",
    )
    staff_root: Path = _setting(
        "File that pins the keys of the first two people; keep it outside the database's reach.",
        _path,
        lambda values: str(values["keys_dir"] / "staff-root.json"),
        shown="`staff-root.json` in LEA_KEYS_DIR",
    )
    signer_state: Path = _setting(
        "The checkpoint signer's own memory: the last tree head it signed.",
        _path,
        _in_home("signer-state.json"),
        shown="`signer-state.json` in LEA_HOME",
    )
    spool_dir: Path = _setting(
        "Encrypted rows between extraction and sealing.",
        _path,
        _in_home("spool"),
        shown="`spool` in LEA_HOME",
    )
    packages_dir: Path = _setting(
        "Sealed packages until they are erased.",
        _path,
        _in_home("packages"),
        shown="`packages` in LEA_HOME",
    )
    log_origin: str = _setting(
        "Name of the custody log in its checkpoints; choose it once, never change it.",
        _origin,
        "lawful.example/custody/2026",
    )
    provider_name: str = _setting(
        "The provider's name, as letters and certificates show it.", _text, "Example Telecom B.V."
    )
    provider_contact: str = _setting(
        "How an authority reaches the people who answer demands.", _text, "lea@lawful.example"
    )
    sources_file: Path | None = _setting(
        "File (TOML, mode 0600) that says where the database of each live source is.",
        _path_or_none,
        "",
        shown="none: no source is live",
    )
    region: str = _setting(
        "Country (ISO 3166) in which numbers without a country code in demands are dialled.",
        _region,
        "NL",
    )
    holidays: Path | None = _setting(
        "Table of the days put on a level with a public holiday, in place of the one that ships "
        "(`schemas/public-holidays/1.json`).",
        _path_or_none,
        "",
        shown="the table that ships",
    )
    legal_overlay: Path | None = _setting(
        "Folder with the provider's own reviewed legal bases, over those that ship "
        "(`schemas/legal-overlay/1.json`).",
        _path_or_none,
        "",
        shown="none",
    )
    trust_anchors: Path | None = _setting(
        "Folder with the certificates (PEM, one a file) of issuers of signatures on orders; those "
        "count whose fingerprint the authenticity policy names.",
        _path_or_none,
        "",
        shown="none: who signed cannot be told",
    )
    dns: str = _setting(
        "Whether keys and policies of the senders of mails are looked up: that tells their name "
        "servers that a mail of theirs is looked at.",
        _one_of("on", "off"),
        "off",
    )
    authserv_ids: frozenset[str] = _setting(
        "Names under which the provider's own mail servers note Authentication-Results, with "
        "commas between; they must take out what others wrote under these names.",
        _names,
        "",
        shown="none: no such results count",
    )
    bind: str = _setting("Address and port of `lea serve`.", _bind, "127.0.0.1:8000")
    workers: int = _setting("Web processes of `lea serve`.", _whole(1, 64), "2")
    trusted_proxies: int = _setting(
        "How many reverse proxies stand before the service and may tell the caller's address.",
        _whole(0, 5),
        "0",
    )
    max_body_bytes: int = _setting(
        "Largest body in JSON, and of any other kind unless the route has a limit of its own.",
        _whole(1024, 1 << 30),
        str(MIB),
    )
    max_order_bytes: int = _setting(
        "Largest order document (PDF or mail) with a demand.", _whole(1024, 1 << 30), str(20 * MIB)
    )
    max_import_bytes: int = _setting(
        "Largest file of records in one import.", _whole(1024, 1 << 40), str(4096 * MIB)
    )
    stranger_limit: int = _setting(
        "Attempts without a valid token that one address has in a minute, at each web process: "
        "as many times that at all of `LEA_WORKERS`.",
        _whole(1, 10_000),
        "30",
    )
    token_days: int = _setting(
        "Days an API token of our own people lives at most; a receiver's lasts the days that its "
        "grant says.",
        _whole(1, 365),
        "30",
    )
    pickup_days: int = _setting("Days a receiver has to collect a package.", _whole(1, 365), "14")
    receipt_grace_days: int = _setting(
        "Days between the receipt of a package and the erasure of its contents.",
        _whole(0, 365),
        "14",
    )
    reach_days: int = _setting(
        "Days between two tests of whether an approver can be reached.", _whole(1, 365), "30"
    )
    reach_answer_days: int = _setting(
        "Days an approver has to answer such a test.", _whole(1, 60), "5"
    )
    officer_quota: int = _setting(
        "Emergencies of one officer on a day, after which one more person agrees to each plan.",
        _whole(0, 10_000),
        "3",
    )
    agency_quota: int = _setting(
        "Emergencies of one agency on a day, after which one more person agrees to each plan.",
        _whole(0, 10_000),
        "20",
    )
    checkpoint_seconds: int = _setting(
        "Seconds between signed checkpoints of the custody log.", _whole(1, 3600), "10"
    )
    backup_days: int = _setting(
        "Days a backup is kept; what is destroyed lives on in it as long.", _whole(1, 3650), "30"
    )
    purge_seconds: int = _setting(
        "Seconds between two rounds of the retention purge.", _whole(1, 7 * 86_400), "86400"
    )
    purge_warning_seconds: int = _setting(
        "Seconds from when two people set a retention rule until the first purge by it.",
        _whole(0, 7 * 86_400),
        "259200",
    )
    lease_seconds: int = _setting(
        "Seconds after which another worker takes over the job of one that went silent.",
        _whole(2, 3600),
        "30",
    )
    notices: str = _setting(
        "How notices leave: as files, or by a mail server.", _one_of("file", "smtp"), "file"
    )
    notices_dir: Path = _setting(
        "Folder for notices as files.",
        _path,
        _in_home("notices"),
        shown="`notices` in LEA_HOME",
    )
    smtp_url: str = _setting(
        "The mail server, `smtp://[user:password@]host[:port]` or `smtps://…`.",
        _mail_server,
        "",
        shown="none",
        secret=True,
    )
    smtp_from: str = _setting(
        "Sender of notices, sent or as files (`From:`).", _mailbox, "lea@lawful.example"
    )
    alarm_mailbox: str = _setting(
        "Where alarms go: what failed for good, what halted, a late purge.",
        _mailbox,
        lambda values: str(values["provider_contact"]),
        shown="LEA_PROVIDER_CONTACT",
    )
    desk_mailbox: str = _setting(
        "Where those who work on demands are told of terms that near their end or were moved.",
        _mailbox,
        lambda values: str(values["alarm_mailbox"]),
        shown="LEA_ALARM_MAILBOX",
    )

    @property
    def sealed_folders(self) -> dict[str, Path]:
        """Return the folders of sealed files that belong to the databases, by name in a backup."""
        return {"packages": self.packages_dir, "spool": self.spool_dir}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises InvalidInput that names the setting and what was expected."""
    environ = os.environ if environ is None else environ
    given = _from_file(Path(environ[CONFIG])) if environ.get(CONFIG) else {}
    given |= {
        name: environ[PREFIX + name.upper()]
        for name in setting_names()
        if PREFIX + name.upper() in environ
    }
    values: dict[str, Any] = {}
    for item in fields(Settings):
        default = item.metadata["default"]
        text = given.get(item.name)
        if text is None:
            text = default if isinstance(default, str) else default(values)
        values[item.name] = _read(item.name, item.metadata["read"], text)
    if values["notices"] == "smtp" and not values["smtp_url"]:
        raise InvalidInput("LEA_SMTP_URL: expected an address, since LEA_NOTICES is smtp")
    return Settings(**values)


def setting_names() -> tuple[str, ...]:
    """Return the names as the file has them; the environment has ``LEA_`` and capitals."""
    return tuple(item.name for item in fields(Settings))


def describe_settings() -> list[tuple[str, str, str]]:
    """Return (environment name, default, meaning) of each setting, for the documentation."""
    rows = []
    for item in fields(Settings):
        default, shown = item.metadata["default"], item.metadata["shown"]
        text = shown or f"`{default}`"
        rows.append((PREFIX + item.name.upper(), text, str(item.metadata["about"])))
    return rows


def _read(name: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as err:
        raise InvalidInput(f"{PREFIX}{name.upper()}: expected {err}") from err


def _from_file(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise InvalidInput(f"{CONFIG}: expected a file that can be read") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise InvalidInput(f"{CONFIG}: expected a TOML file") from err
    unknown = sorted(set(content) - set(setting_names()))
    if unknown:
        raise InvalidInput(f"{CONFIG}: no such setting: {', '.join(unknown)}")
    for name, value in content.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise InvalidInput(f"{CONFIG}: {name}: expected a text or a whole number")
    return {name: str(value) for name, value in content.items()}
