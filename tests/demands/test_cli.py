import json
import re
import threading

import click
import pytest
import structlog
from click.testing import CliRunner
from werkzeug.serving import make_server

from lea_service.demands.cli import _what_ends, demands
from lea_service.web.output import BoundaryGroup
from tests.demands.samples import KNOWN_BASIS, NAMES, ORDER, demand_json, item
from tests.demands.test_api import app, engine_name  # noqa: F401 the edge around the service

WHY = ("--reason-code", "mistake")


@pytest.fixture
def lea(app, monkeypatch):  # noqa: F811
    """Run the commands against a running service, as its handler."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # the server is in here too
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("LEA_URL", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("LEA_TOKEN", "handler")
    main = BoundaryGroup("lea", commands={"demands": demands})

    def run(*args):
        return CliRunner().invoke(main, ["demands", *map(str, args)])

    yield run
    server.shutdown()
    thread.join()
    server.server_close()
    structlog.reset_defaults()


@pytest.fixture
def files(tmp_path):
    order = tmp_path / "order.pdf"
    order.write_bytes(ORDER)

    def write(**changes):
        path = tmp_path / "demand.json"
        path.write_text(json.dumps(demand_json(**changes)))
        return path

    write.order = order
    return write


def record(lea, files, *options, **changes):
    return json.loads(lea("new", files(**changes), *options, "--json").output)


def test_whole_way_by_commands(lea, files, tmp_path):
    recorded = record(lea, files, "--order", files.order, "--key", "k-1")
    assert record(lea, files, "--order", files.order, "--key", "k-1") == recorded
    demand = recorded["id"]
    assert json.loads(lea("correct", demand, files(note="nader"), "--json").output)["version"] == 2
    shown = lea("show", demand)
    assert "nader" in shown.output
    assert "phone_number +31612345678" in shown.output
    saved = tmp_path / "saved.pdf"
    assert lea("order", demand, saved).exit_code == 0
    assert saved.read_bytes() == ORDER
    withdrawn = lea("withdraw", demand, "--by", "griffie", "--channel", "phone", "--json", *WHY)
    assert json.loads(withdrawn.output)["state"] == "withdrawn"
    assert "closed" in lea("close", demand).output


def test_source_of_an_identifier_is_shown(lea, files):
    asked = item("phone_id", "200", target={"source": "pbx1"})
    demand = record(lea, files, items=[asked])["id"]
    assert "phone_id 200 of pbx1" in lea("show", demand).output


def test_correction_brings_a_new_order(lea, files, tmp_path):
    demand = record(lea, files, "--order", files.order)["id"]
    saved = tmp_path / "saved.pdf"
    assert lea("correct", demand, files(note="nader")).exit_code == 0
    assert lea("order", demand, saved).exit_code == 0
    assert saved.read_bytes() == ORDER
    files.order.write_bytes(ORDER + b"% signed\n%%EOF\n")
    done = json.loads(lea("correct", demand, files(), "--order", files.order, "--json").output)
    assert done["version"] == 3
    assert lea("order", demand, saved).exit_code == 0
    assert saved.read_bytes() == files.order.read_bytes()
    assert "nader" not in lea("show", demand).output
    files.order.write_bytes(b"")
    answer = lea("correct", demand, files(), "--order", files.order)
    assert (answer.exit_code, "/order" in answer.output) == (2, True)


def test_list_names_nobody(lea, files):
    assert lea("list").output == "No demands.\n"
    demand = record(lea, files)["id"]
    text = lea("list").output
    assert re.search(r"wanted_by +emergency$", text, re.MULTILINE)
    assert re.search(r" not stated +no$", text, re.MULTILINE)
    assert demand in text
    assert not [name for name in NAMES if name in text]
    assert json.loads(lea("list", "--state", "closed", "--json").output) == []


def test_holds_are_told_when_recorded(lea, files):
    assert "agency_unknown (a_" in lea("new", files()).output
    told = lea("new", files(legal_basis=f"{KNOWN_BASIS}-x"))
    assert "basis_unknown" in told.output
    unknown = "the legal basis is not in the catalogue"
    assert f"  basis_unknown ({unknown}): correct the demand (`lea" in told.output
    assert (
        "  agency_unknown (the agency is not in the register): enter it in the register"
        in told.output
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "What ends each hold:\n  agency_unknown (the agency is not in the register): enter"),
        (
            "nl",
            "einde aan maakt:\n  agency_unknown (de instantie staat niet in het register): voer",
        ),
    ],
)
def test_what_ends_each_hold_is_told_when_it_is_shown(lea, files, language, told):
    demand = record(lea, files)["id"]
    assert told in lea("show", demand, "--language", language).output


def test_hold_of_the_sealed_lane_is_told_with_what_ends_it():
    found = _what_ends([{"code": "cleared_people_missing", "ref": None}], "en")
    assert "cleared_people_missing (" in found
    assert "lea staff request clearance" in found
    assert _what_ends([], "en") == ""


def test_demand_that_the_register_holds_not_is_not_proven_yet(lea, files):
    told = lea("new", files()).output
    assert re.search(r"^proof lacks +not_proven: where the demand", told, re.MULTILINE)
    assert re.search(
        r"^  not_proven \(where the .*\): assess it \(`lea legal assess`\)", told, re.M
    )
    demand = record(lea, files)["id"]
    shown = lea("show", demand).output
    assert re.search(
        r"^what can be done +assess it \(`lea legal assess`\), or", shown, re.MULTILINE
    )
    lea("withdraw", demand, "--by", "OvJ", "--channel", "phone", *WHY)
    shown = lea("show", demand).output
    assert re.search(r"^what can be done +close it \(`lea demands close`\)$", shown, re.MULTILINE)


def test_demand_and_what_holds_it_are_told_in_dutch(lea, files):
    told = lea("new", files(), "--language", "nl").output
    assert "\nEr gaat niets uit zolang zij wordt tegengehouden." in told
    assert "  agency_unknown (de instantie staat niet in het register): voer haar of hem in" in told
    assert "  not_proven (waar de vordering vandaan komt, is nog door niets bewezen): toets" in told
    demand = record(lea, files)["id"]
    shown = lea("show", demand, "--language", "nl").output
    assert re.search(r"^stand +received \(niemand heeft haar nog beoordeeld\)", shown, re.MULTILINE)
    assert re.search(
        r"^tegengehouden door +.*: de instantie staat niet in het register", shown, re.MULTILINE
    )
    assert re.search(r"^wat kan er worden gedaan +toets haar \(`lea legal", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("show", "c_" + "0" * 32), 5),
        (("close", "c_" + "0" * 32), 5),
        (("list", "--state", "lost"), 2),
        (("withdraw", "c_" + "0" * 32), 2),
    ],
)
def test_failures_have_their_exit_code(lea, args, code):
    assert lea(*args).exit_code == code


def test_wrong_file_is_told_by_its_place(lea, files, tmp_path):
    answer = lea("new", files(channel="pigeon"))
    assert (answer.exit_code, "/channel" in answer.output) == (2, True)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert lea("new", broken).exit_code == 2
    files.order.write_bytes(b"")
    answer = lea("new", files(), "--order", files.order)
    assert (answer.exit_code, "/order" in answer.output) == (2, True)


def test_every_command_says_what_it_does():
    for name, command in demands.commands.items():
        assert isinstance(command, click.Command)
        assert command.get_short_help_str(), name
        undocumented = [
            option.name
            for option in command.params
            if isinstance(option, click.Option) and not option.help
        ]
        assert undocumented == []


def test_period_is_shown_by_the_clock_of_its_zone(lea, files):
    period = {"start": "2026-11-01T00:00:00+01:00", "end": "2026-11-08T00:00:00+01:00"}
    asked = item(period={**period, "zone": "Europe/Amsterdam"})
    shown = lea("show", record(lea, files, items=[asked])["id"]).output
    assert "until just before" in shown
    assert re.search(r"2026-11-01 00:00 \(\+01:00\) +2026-11-08 00:00 \(\+01:00\)", shown)
    assert "2026-10-31" not in shown


def test_demand_is_shown_without_json(lea, files):
    shown = lea("show", record(lea, files)["id"])
    assert shown.exit_code == 0, shown.output
    assert "{" not in shown.output
    assert '"ref"' not in shown.output


def test_demand_is_recorded_listed_and_shown_with_dutch_names(lea, files):
    dutch = ("--language", "nl")
    told = lea("new", files(), *dutch).output
    assert re.search(r"^stand +received$", told, re.MULTILINE)
    assert re.search(r"^tegengehouden door +agency_unknown", told, re.MULTILINE)
    assert re.search(r"^was er al +nee$", told, re.MULTILINE)
    demand = re.search(r"^id +(c_\w+)$", told, re.MULTILINE)[1]
    shown = lea("show", demand, *dutch).output
    assert re.search(r"^grondslag +NL-SV-126n$", shown, re.MULTILINE)
    assert re.search(r"^vorm +schriftelijk$", shown, re.MULTILINE)
    assert re.search(
        r"^geadresseerde +hoedanigheid provider, gericht aan de ver\w+ nee$", shown, re.M
    )
    assert re.search(
        r"^nr +doelwit +vanaf +tot vlak voor +gegevens +bescherming$", shown, re.MULTILINE
    )
    english = r"^(issuing_person|legal_basis|order_date|receivers|n +target|holds) "
    assert not re.search(english, shown, re.MULTILINE)
    assert re.search(english, lea("show", demand).output, re.MULTILINE)
    listed = lea("list", *dutch).output
    assert re.search(r"gewenst voor +noodgeval$", listed, re.MULTILINE)
    assert re.search(r" niet vermeld +nee$", listed, re.MULTILINE)
    assert lea("list", "--state", "closed", *dutch).output == "Geen vorderingen.\n"
    assert lea("letters", demand, *dutch).exit_code == 5  # no letters are about here
    withdrawn = lea("withdraw", demand, "--by", "OvJ", "--channel", "phone", *WHY, *dutch).output
    assert re.search(r"^stand +withdrawn \(de autoriteit trok haar in\)$", withdrawn, re.MULTILINE)


def test_command_about_a_demand_is_refused_in_dutch(lea, files):
    demand = record(lea, files)["id"]
    answer = lea("close", demand, "--language", "nl")
    assert answer.exit_code == 5
    assert "Fout: de vordering kan niet worden gesloten: " in answer.output
    assert "Fout: bestaat niet" not in answer.output
    unknown = lea("show", "c_" + "0" * 32, "--language", "nl")
    assert "Fout: deze vordering bestaat niet\n" in unknown.output
    assert "Error: no such demand\n" in lea("show", "c_" + "0" * 32).output
