"""Every setting is documented, does something, and refuses what it cannot be."""

import ast
from pathlib import Path

import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.settings import describe_settings, load_settings, setting_names

TOP = Path(__file__).parents[2]
BAD: dict[str, tuple[str, ...]] = {
    "holidays": (" ",),
    "legal_overlay": (" ",),
    "environment": ("staging",),
    "home": (" ",),
    "database_url": ("mysql://db/cases", "postgresql://db:99999/cases", "postgresql://db:x/cases"),
    "records_url": ("cases.db", "postgresql://db:0/records"),
    "keys_dir": ("",),
    "staff_root": (" ",),
    "signer_state": ("",),
    "spool_dir": ("",),
    "packages_dir": ("\t",),
    "log_origin": (
        "",
        " ",
        "my log",
        "my\u2003log",
        "log+1",
        "log\n",
        "log\x01",
        "log\x7f",
        "log\udcff",
        "l" * 201,
        "\u00e9" * 101,
    ),
    "provider_name": ("",),
    "provider_contact": (" ",),
    "sources_file": (" ",),
    "region": ("nl",),
    "trust_anchors": (" ",),
    "dns": ("yes",),
    "authserv_ids": ("mx one",),
    "bind": (
        "8000",
        ":8000",
        "127.0.0.1:",
        "127.0.0.1:99999",
        "127.0.0.1:0",
        "127.0.0.1:\u0663",
        "a host:8000",
        "::1:8000",
        "tcp://h:8000",
    ),
    "workers": ("0",),
    "trusted_proxies": ("6",),
    "max_body_bytes": ("1e6",),
    "max_order_bytes": ("20MB",),
    "max_import_bytes": ("-1",),
    "stranger_limit": ("0",),
    "token_days": ("366",),
    "pickup_days": ("0",),
    "receipt_grace_days": ("1.5",),
    "officer_quota": ("none",),
    "agency_quota": ("-1",),
    "reach_days": ("0",),
    "reach_answer_days": ("0",),
    "checkpoint_seconds": ("0",),
    "backup_days": ("0",),
    "purge_seconds": ("daily",),
    "purge_warning_seconds": ("-1", "604801"),
    "lease_seconds": ("1",),
    "notices": ("pigeon",),
    "notices_dir": ("",),
    "smtp_url": (
        "https://mail.example",
        "smtp://",
        "smtp://mail:port",
        "smtp://mail:99999",
        "smtp://mail:0",
        "smtp://[::1",
        "smtp://mail example",
    ),
    "smtp_from": (" ", "the desk", "lea@lawful.example\nBcc: x@y.example", "a b@c.example"),
    "alarm_mailbox": ("the control room",),
    "desk_mailbox": ("the desk",),
}


def test_page_lists_exactly_the_settings_there_are():
    page = (TOP / "docs" / "settings.md").read_text()
    table = page.partition("## Of the service")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `LEA_")]
    assert rows == [
        f"| `{name}` | {default} | {about} |" for name, default, about in describe_settings()
    ]


def test_each_setting_is_used_by_the_code():
    used = {
        node.attr
        for path in (TOP / "lea_service").rglob("*.py")
        if path.name != "settings.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("settings")
    }
    assert set(setting_names()) - used == set()


def test_each_variable_of_commands_is_documented():
    page = (TOP / "docs" / "settings.md").read_text()
    named = {
        node.value
        for path in (TOP / "lea_service").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("LEA_")
        and node.value.isupper()
        and node.value != "LEA_"
    }
    assert {name for name in named if f"`{name}`" not in page} == set()


def test_each_setting_has_what_it_refuses():
    assert set(BAD) == set(setting_names())


@pytest.mark.parametrize(("name", "value"), [(n, value) for n in BAD for value in BAD[n]])
def test_bad_value_is_refused_by_name(name, value):
    variable = f"LEA_{name.upper()}"
    with pytest.raises(InvalidInput) as caught:
        load_settings({variable: value})
    assert caught.value.detail.startswith(f"{variable}: expected ")
