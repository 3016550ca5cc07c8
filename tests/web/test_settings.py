from dataclasses import FrozenInstanceError

import pytest

from lea_service.custody.models import LogHead
from lea_service.custody.note import (
    MAX_ORIGIN_BYTES,
    Ed25519Signer,
    Head,
    MLDSA44Signer,
    parse_note,
    sign_head,
    verify_note,
)
from lea_service.custody.policy import NONE, Policy, parse_policy
from lea_service.databases import open_databases
from lea_service.kernel.errors import InvalidInput
from lea_service.settings import load_settings, setting_names


def test_defaults_lie_in_home(tmp_path):
    settings = load_settings({"LEA_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/cases.db"
    assert settings.spool_dir == tmp_path / "spool"
    assert settings.bind == "127.0.0.1:8000"


@pytest.mark.parametrize("name", ["100%25", "what?mode=ro", "a#b", "hu is", "h\u00fbs", "+"])
def test_databases_lie_in_a_home_of_any_name(tmp_path, name):
    home = tmp_path / name
    settings = load_settings({"LEA_HOME": str(home)})
    for _, database in open_databases(settings):
        database.ping()
    assert {one.name for one in home.iterdir()} >= {"cases.db", "records.db"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEA_BIND", "0.0.0.0:1"),
        ("LEA_BIND", "localhost:65535"),
        ("LEA_BIND", "[::1]:8000"),
        ("LEA_SMTP_URL", "smtps://lea:p%40ss@mail.example:465"),
        ("LEA_SMTP_URL", "smtp://mail"),
        ("LEA_DATABASE_URL", "postgresql://lea:secret@db:5432/cases"),
        ("LEA_DATABASE_URL", "postgresql:///cases?host=/run/postgresql"),
        ("LEA_LOG_ORIGIN", "l" * 200),
        ("LEA_LOG_ORIGIN", "h\u00fbs.example/log"),
        ("LEA_SMTP_FROM", "lea@h\u00fbs.example"),
    ],
)
def test_what_works_is_taken_as_it_stands(name, value):
    settings = load_settings({name: value})
    assert getattr(settings, name.removeprefix("LEA_").lower()) == value


def test_settings_never_change():
    settings = load_settings({})
    for name in setting_names():
        with pytest.raises(FrozenInstanceError):
            setattr(settings, name, getattr(settings, name))


def test_longest_origin_has_room_in_the_table():
    assert LogHead.__table__.c.origin.type.length == MAX_ORIGIN_BYTES


def test_origin_that_settings_take_signs_and_is_read_again():
    origin = load_settings({"LEA_LOG_ORIGIN": "h\u00fbs" * 50}).log_origin
    signers = (Ed25519Signer(origin, bytes(32)), MLDSA44Signer(origin, bytes(32)))
    policy = Policy(tuple(one.verifier for one in signers), {}, {}, NONE)
    note = parse_note(sign_head(Head(origin, 0, bytes(32)), signers, 1).format())
    assert set(verify_note(note, parse_policy(policy.format()).log_keys)) == set(policy.log_keys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEA_SMTP_URL", "smtp://lea:hunter2/x@mail"),
        ("LEA_DATABASE_URL", "postgresql://lea:hunter2/x@db:y/cases"),
    ],
)
def test_refusal_does_not_show_a_password(name, value):
    with pytest.raises(InvalidInput) as caught:
        load_settings({name: value})
    assert "hunter2" not in str(caught.value)


def test_file_is_read_and_environment_wins(tmp_path):
    config = tmp_path / "lea.toml"
    config.write_text('workers = 3\nprovider_name = "Huis & Haard B.V."\n')
    settings = load_settings({"LEA_CONFIG": str(config), "LEA_WORKERS": "4"})
    assert (settings.workers, settings.provider_name) == (4, "Huis & Haard B.V.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("worker = 3", "no such setting: worker"),
        ("workers = true", "workers: expected a text or a whole number"),
        ("workers = ", "expected a TOML file"),
    ],
)
def test_bad_file_is_refused(tmp_path, content, message):
    config = tmp_path / "lea.toml"
    config.write_text(content)
    with pytest.raises(InvalidInput, match=message):
        load_settings({"LEA_CONFIG": str(config)})


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="a file that can be read"):
        load_settings({"LEA_CONFIG": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LEA_WORKERS", "0", "from 1 to 64"),
        ("LEA_WORKERS", "٣", "from 1 to 64"),
        ("LEA_BIND", "8000", "host:port"),
        ("LEA_NOTICES", "pigeon", "file, smtp"),
        ("LEA_REGION", "nl", "two capital letters"),
        ("LEA_REGION", "NLD", "two capital letters"),
        ("LEA_REGION", "ZZ", "two capital letters"),
        ("LEA_REGION", "", "two capital letters"),
        ("LEA_DATABASE_URL", "mysql://x", "sqlite"),
        ("LEA_PROVIDER_NAME", " ", "not empty"),
        ("LEA_SMTP_URL", "http://mail", "smtp://"),
    ],
)
def test_bad_value_names_the_setting(name, value, expected):
    with pytest.raises(InvalidInput, match=f"{name}: .*{expected}"):
        load_settings({name: value})


def test_smtp_needs_a_server():
    with pytest.raises(InvalidInput, match="LEA_SMTP_URL"):
        load_settings({"LEA_NOTICES": "smtp"})


def test_passwords_stay_out_of_sight():
    settings = load_settings(
        {
            "LEA_DATABASE_URL": "postgresql://lea:hunter2@db/cases",
            "LEA_SMTP_URL": "smtp://lea:hunter2@mail",
        }
    )
    assert "hunter2" not in repr(settings)


def test_alarms_go_to_the_contact_unless_said(tmp_path):
    given = {"LEA_PROVIDER_CONTACT": "desk@provider.example"}
    assert load_settings(given).alarm_mailbox == "desk@provider.example"
    given |= {"LEA_ALARM_MAILBOX": "watch@provider.example"}
    assert load_settings(given).alarm_mailbox == "watch@provider.example"


def test_contact_without_a_mailbox_needs_one_for_alarms():
    with pytest.raises(InvalidInput, match="LEA_ALARM_MAILBOX"):
        load_settings({"LEA_PROVIDER_CONTACT": "room 4.12, in person"})
