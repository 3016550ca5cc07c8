import io
import json
import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from lea_service.kernel.canonical import is_canonical
from lea_service.kernel.errors import IntegrityFailure, Unavailable, VerificationFailed
from lea_service.packaging.commands import (
    fingerprints_command,
    opening_commands,
    verify_command,
    verifying_commands,
)
from lea_service.packaging.receipt import is_receipt_code, new_receipt_secret, read_receipt_code
from lea_service.packaging.sealing import manifest_digest, write_package
from tests.support.certificates import certificate, write_pair
from tests.support.package import NOW, PACKAGE, make_case

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def case(tmp_path):
    return make_case(tmp_path, kinds=("rsa", "p256", "p384", "p521"))


def seal(case, contents=None, receipt=None, now=NOW, progress=lambda _done, _total: None):
    sink = io.BytesIO()
    written = write_package(
        sink,
        contents or case.contents,
        package_id=PACKAGE,
        receipt=receipt or new_receipt_secret(),
        signer=case.signer,
        open_spool=case.open_spool,
        now=now,
        progress=progress,
    )
    return sink.getvalue(), written


def hand_over(case, folder, kind, data):
    """Put everything where the printed commands expect it."""
    write_pair(folder, kind, f"r-{kind}", "receiver")
    (folder / f"{PACKAGE}.p7m").write_bytes(data)
    (folder / "provider.cert.pem").write_bytes((case.trust / "provider.cert.pem").read_bytes())


def shell(folder, commands):
    # the test clock stands in 2026: openssl is told so, everything else is as printed
    at = f"-attime {int(NOW.timestamp())}"
    script = "\n".join(commands).replace("-purpose any", f"-purpose any {at}")
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_printed_commands_work(case, tmp_path, kind, language):
    data, _ = seal(case)
    folder = tmp_path / kind
    folder.mkdir()
    hand_over(case, folder, kind, data)
    assert shell(folder, opening_commands(PACKAGE)).returncode == 0
    letter = (folder / PACKAGE / f"LETTER.{language}.txt").read_text()
    printed = [
        line for line in letter.splitlines() if re.match(r"(openssl|grep|cd|sha256sum)", line)
    ]
    assert printed == [opening_commands(PACKAGE)[0], *verifying_commands(PACKAGE)]
    run = shell(folder, printed[1:])
    assert run.returncode == 0, run.stderr
    assert "CAdES Verification successful" in run.stderr
    assert run.stdout.startswith("1\n1\n")
    assert "FAILED" not in run.stdout
    found = shell(folder, [fingerprints_command()]).stdout.splitlines()
    guide = (folder / PACKAGE / "HOW-TO-VERIFY.txt").read_text()
    assert fingerprints_command() in guide.splitlines()
    mine = found[found.index("provider.cert.pem") + 1].partition("=")[2]
    assert guide.count(mine) == 1
    assert len(found) == 4
    container = verify_command(PACKAGE).split()[3]  # where the next command looks for it
    assert shell(folder, [*printed[1:], f"test -f {container}"]).returncode == 0


@pytest.mark.parametrize(
    "name", ["records/call-1.jsonl", "plan.json", "manifest.json", "SHA256SUMS"]
)
def test_a_changed_file_fails_the_printed_commands(case, tmp_path, name):
    data, _ = seal(case)
    hand_over(case, tmp_path, "rsa", data)
    shell(tmp_path, opening_commands(PACKAGE))
    path = tmp_path / PACKAGE / name
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    assert shell(tmp_path, verifying_commands(PACKAGE)).returncode != 0


def open_container(case, tmp_path, data):
    hand_over(case, tmp_path, "rsa", data)
    assert shell(tmp_path, opening_commands(PACKAGE)[:1]).returncode == 0
    return zipfile.ZipFile(tmp_path / f"{PACKAGE}.asice")


def test_container_has_its_order_and_manifest(case, tmp_path):
    receipt = new_receipt_secret()
    data, written = seal(case, receipt=receipt)
    with open_container(case, tmp_path, data) as read:
        names = read.namelist()
        manifest = read.read("manifest.json")
        code = read_receipt_code(read.read("RECEIPT.txt"))
    assert names[0] == "mimetype"
    assert names[1:4] == ["records/call-1.jsonl", "records/call-1.csv", "records/LEGEND.txt"]
    assert names[-3:] == [
        "manifest.json",
        "META-INF/ASiCManifest001.xml",
        "META-INF/signature001.p7s",
    ]
    assert is_canonical(manifest)
    document = json.loads(manifest)
    schema = json.loads((SCHEMAS / "manifest/1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [one["name"] for one in document["files"]] == names[1:-3]
    assert written.manifest_digest == manifest_digest(manifest)
    assert written.size == len(data)
    assert is_receipt_code(code, receipt.salt, receipt.digest)
    assert not is_receipt_code(code[::-1], receipt.salt, receipt.digest)
    assert receipt.code.encode() not in data


def test_letter_says_each_outcome(case, tmp_path):
    with open_container(case, tmp_path, seal(case)[0]) as read:
        dutch, english = (read.read(f"LETTER.{one}.txt").decode() for one in ("nl", "en"))
    for text in (dutch, english):
        for word in (
            "05/123456-26",
            "+31612345678",
            "CALL-6M",
            "Sv 126n",
            "pbx1",
            "Ontvanger p384",
        ):
            assert word in text
    assert "Niets aangetroffen" in dutch
    assert "vernietigd of anoniem gemaakt op grond van regel CALL-6M" in " ".join(dutch.split())
    assert "Nothing found" in english
    assert "made anonymous under rule CALL-6M" in " ".join(english.split())
    assert "2026-10-25 10:00:00+01:00 tot" in dutch


def test_rows_must_be_what_the_run_proved(case):
    spool = case.contents.records[0]
    for wrong in (replace(spool, rows=49), replace(spool, sha256="0" * 64)):
        with pytest.raises(IntegrityFailure, match="proved"):
            seal(case, replace(case.contents, records=(wrong,)))


def test_no_receiver_or_an_expired_one_makes_no_package(case):
    with pytest.raises(VerificationFailed, match="at least one"):
        seal(case, replace(case.contents, receivers=()))
    old = replace(
        case.contents.receivers[0], certificate=certificate("rsa", "gone", start=-30, end=-1)
    )
    with pytest.raises(VerificationFailed, match="expired"):
        seal(case, replace(case.contents, receivers=(old,)))


def test_signing_certificate_out_of_date_makes_no_package(case):
    later = certificate("rsa", "later", end=9000)
    receivers = (replace(case.contents.receivers[0], certificate=later),)
    with pytest.raises(Unavailable, match="signing certificate"):
        seal(case, replace(case.contents, receivers=receivers), now=NOW + timedelta(days=3000))


def test_no_rows_still_make_a_whole_package(tmp_path):
    case = make_case(tmp_path, rows=0)
    with open_container(case, tmp_path, seal(case)[0]) as read:
        assert read.read("records/call-1.jsonl") == b""
        assert read.read("records/call-1.csv").count(b"\r\n") == 1
        assert "Nothing found" in read.read("LETTER.en.txt").decode()


def test_progress_counts_each_rendering(case):
    seen = []
    seal(case, progress=lambda *told: seen.append(told))
    assert seen == [(0, 100), (50, 100), (100, 100)]


def test_receipt_in_the_text_fits_the_schema(case, tmp_path):
    with open_container(case, tmp_path, seal(case)[0]) as read:
        text = read.read("RECEIPT.txt").decode()
    (line,) = [line for line in text.splitlines() if line.startswith("{")]
    schema = json.loads((SCHEMAS / "receipt/1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(line))
