import io
import json
import threading

import click
import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from lea_service.kernel.errors import (
    Broken,
    FieldError,
    IntegrityFailure,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Unavailable,
    WrongState,
)
from lea_service.kernel.printable import printable_json
from lea_service.web.client import Client
from lea_service.web.output import (
    BoundaryGroup,
    Failed,
    facts,
    json_option,
    show,
    show_lines,
    table,
)
from lea_service.web.problems import describe, revive
from tests.web.conftest import PACKAGE, build_house


@pytest.fixture
def client():
    server = make_server("127.0.0.1", 0, build_house().app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with Client(f"http://127.0.0.1:{server.port}", "good") as opened:
        yield opened
    server.shutdown()
    thread.join()
    server.server_close()


def test_problems_come_back_as_the_errors_they_were(client):
    with pytest.raises(InvalidInput) as caught:
        client.post("/api/v1/things", {"name": "a", "targets": [{}]})
    assert caught.value.errors[0].pointer == "/targets/0/value"
    with pytest.raises(NotPermitted, match=r"staff\.decide"):
        client.get("/api/v1/things/secret")
    with pytest.raises(NotFound):
        client.get("/api/v1/nothing")
    with pytest.raises(IntegrityFailure):
        client.get("/api/v1/things/broken/log")
    with pytest.raises(Broken, match="its log says where"):
        client.get("/api/v1/things/broken/else")
    with pytest.raises(InvalidInput, match="If-Match"):
        client._send("PUT", "/api/v1/things/a", json={"value": "x"})


def test_versions_and_pages(client):
    assert client.put("/api/v1/things/a", {"value": "x"}, 3) == {"value": "x"}
    values = [item["value"] for item in client.pages("/api/v1/things", limit=2)]
    assert values == ["v0", "v1", "v2", "v3", "v4"]


def test_wrong_token(client):
    with Client(str(client._http.base_url), "bad") as other, pytest.raises(NotAuthenticated):
        other.get("/api/v1/things")


def test_download_goes_on_where_it_was(client, tmp_path):
    target, seen = tmp_path / "p.zip", []
    (tmp_path / "p.zip.part").write_bytes(PACKAGE[:1000])
    (tmp_path / "p.zip.tag").write_text('"pack"')
    size = client.download("/api/v1/things/package", target, lambda *told: seen.append(told))
    assert (size, target.read_bytes()) == (len(PACKAGE), PACKAGE)
    assert seen[-1] == (len(PACKAGE), len(PACKAGE))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.zip"]


def test_download_begins_again_when_the_file_is_another(client, tmp_path):
    target = tmp_path / "p.zip"
    (tmp_path / "p.zip.part").write_bytes(b"x" * 1000)
    (tmp_path / "p.zip.tag").write_text('"earlier"')
    client.download("/api/v1/things/package", target)
    assert target.read_bytes() == PACKAGE


def test_download_survives_a_broken_connection(tmp_path):
    def serve(request):
        first = int(request.headers.get("Range", "bytes=0-")[6:-1])
        last = min(first + 40_000, len(PACKAGE))

        def body():
            yield PACKAGE[first:last]
            if last < len(PACKAGE):
                raise httpx.ReadError("cut")

        headers = {"ETag": '"pack"', "Content-Range": f"bytes {first}-/{len(PACKAGE)}"}
        return httpx.Response(206 if first else 200, content=body(), headers=headers)

    client = Client("http://127.0.0.1", transport=httpx.MockTransport(serve))
    assert client.download("/p", tmp_path / "p") == len(PACKAGE)
    assert (tmp_path / "p").read_bytes() == PACKAGE


def test_what_sends_elsewhere_is_not_the_service(tmp_path):
    def serve(_request):
        return httpx.Response(308, headers={"Location": "https://elsewhere.example"}, text="<html>")

    client = Client("http://127.0.0.1", transport=httpx.MockTransport(serve))
    target = tmp_path / "taken"
    asked = (
        lambda: client.get_bytes("/x"),
        lambda: client.download("/x", target),
        lambda: client.post_for_file("/x", {}, target),
    )
    for ask in asked:
        with pytest.raises(Unavailable):
            ask()
    assert not target.exists()


def test_nobody_there():
    with Client("http://127.0.0.1:9") as client, pytest.raises(Unavailable, match="is it running"):
        client.get("/health/live")


@pytest.mark.parametrize(
    "url", ["http://lea.example", "ftp://lea.example", "lea.example", "https://"]
)
def test_token_does_not_travel_in_the_clear(url):
    with pytest.raises(InvalidInput, match="LEA_URL"):
        Client(url)


UGLY = "a\x1b[2K\nError\x9b\u202e"
FIT = r"a\x1b[2K\x0aError\x9b\u202e"


@click.group(cls=BoundaryGroup)
def root():
    """Root."""


@root.command()
@json_option
@click.argument("how")
def act(as_json, how):
    """Act."""
    if how == "bad":
        raise InvalidInput.at("/name", "expected a name")
    if how == "ugly":
        raise InvalidInput.at(f"/{UGLY}", UGLY)
    if how == "long":
        show(as_json, None, f"one\ntwo {UGLY}")
        return
    if how == "fault":
        raise revive({}, 500)
    if how == "early":
        said = WrongState("not before then", state="delivered", until="2026-11-26T00:00:00.000000Z")
        raise revive(describe(said), 409)
    if how == "log":
        raise IntegrityFailure("entry 7 differs")
    show(as_json, {"how": how}, lambda: facts({"how": how}))


def test_commands_end_with_the_code_of_their_error():
    runner = CliRunner()
    good = runner.invoke(root, ["act", "well"])
    assert (good.exit_code, good.stdout) == (0, "how  well\n")
    bad = runner.invoke(root, ["act", "bad"])
    assert bad.exit_code == 2
    assert bad.stderr == "Error: /name: expected a name\n"
    assert runner.invoke(root, ["act", "log"]).exit_code == 70
    fault = runner.invoke(root, ["act", "--json", "fault"])
    assert (fault.exit_code, json.loads(fault.stderr)["status"]) == (70, 500)


def test_instant_of_an_error_comes_to_whoever_asked():
    early = CliRunner().invoke(root, ["act", "early"])
    assert early.stderr == "Error: not before then\n  until: 2026-11-26 01:00 (+01:00)\n"
    facts = json.loads(CliRunner().invoke(root, ["act", "--json", "early"]).stderr)["facts"]
    assert facts == {"state": "delivered", "until": "2026-11-26T00:00:00.000000Z"}


def test_commands_speak_json_when_asked():
    runner = CliRunner()
    assert json.loads(runner.invoke(root, ["act", "--json", "well"]).stdout) == {"how": "well"}
    bad = runner.invoke(root, ["act", "--json", "bad"])
    assert json.loads(bad.stderr)["errors"] == [{"pointer": "/name", "detail": "expected a name"}]


@pytest.mark.parametrize(
    "words", [["act", "--json"], ["act", "--json", "--no", "well"], ["--json"]]
)
def test_wrong_words_are_told_as_json_when_asked(words):
    told = CliRunner().invoke(root, words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert json.loads(told.stderr)["title"] == "What was sent is not valid"


def test_each_wrong_field_is_told_once():
    fields = [FieldError("/a", "expected a"), FieldError("", "expected more")]
    told = io.StringIO()
    Failed(InvalidInput("two fields are wrong", fields)).show(told)
    lines = ["Error: two fields are wrong", "  /a: expected a", "  (whole): expected more"]
    assert told.getvalue().splitlines() == lines


def test_digest_is_shown_whole():
    lines = table([{"sha256": "f" * 64, "text": "t" * 65}], ["sha256", "text"]).splitlines()
    assert lines[-1] == "f" * 64 + "  " + "t" * 63 + "…"


def test_words_of_the_service_move_no_cursor():
    runner = CliRunner()
    bad = runner.invoke(root, ["act", "ugly"])
    assert bad.stderr == f"Error: /{FIT}: {FIT}\n"
    assert table([{"id": UGLY}], ["id"]).splitlines()[2:] == [FIT]
    assert facts({UGLY: [UGLY, {"b": "\u202e"}]}) == rf'{FIT}  {FIT}, {{"b": "\u202e"}}'
    long = runner.invoke(root, ["act", "long"])
    assert long.stdout == "one\ntwo a" + r"\x1b[2K" + "\nError" + r"\x9b\u202e" + "\n"


@given(st.text() | st.just(UGLY + "\U000e0041é—\\"))
def test_json_prints_itself_and_reads_back(text):
    printed = printable_json({text: [text, 1]}, indent=2)
    assert json.loads(printed) == {text: [text, 1]}
    assert all(line.isprintable() for line in printed.split("\n"))


def test_json_of_a_command_moves_no_cursor():
    runner = CliRunner()
    for words in (["act", "--json", UGLY], ["act", "--json", "ugly"]):
        output = runner.invoke(root, words).output
        assert not any(char in output for char in "\x1b\x9b\u202e")


def test_signed_lines_are_printed_as_they_are(capsys):
    show_lines(b"origin\n2\n\n\xe2\x80\x94 name AAAA+/=\n")
    assert capsys.readouterr().out == "origin\n2\n\n— name AAAA+/=\n"
    show_lines(f"origin{UGLY}\n".encode())
    assert capsys.readouterr().out == "origina\\x1b[2K\nError\\x9b\\u202e\n"


def test_table_lines_up():
    text = table([{"id": "a", "n": 1}, {"id": "bb", "n": None}], ["id", "n"])
    assert text.splitlines() == ["id  n", "--  -", "a   1", "bb  -"]


def test_places_that_the_message_names_are_told_once():
    places = [FieldError("/mapping/a", "expected a"), FieldError("/mapping/b", "expected b")]
    whole = "; ".join(f"{one.pointer}: {one.detail}" for one in places)
    told = io.StringIO()
    Failed(InvalidInput(whole, places)).show(told)
    assert told.getvalue().splitlines() == [
        "Error: expected something else in these places",
        "  /mapping/a: expected a",
        "  /mapping/b: expected b",
    ]
