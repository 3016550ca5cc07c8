import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.settings import load_settings


def test_defaults_lie_in_home(tmp_path):
    settings = load_settings({"LEA_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/cases.db"
    assert settings.spool_dir == tmp_path / "spool"
    assert settings.bind == "127.0.0.1:8000"


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
