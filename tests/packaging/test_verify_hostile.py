"""Packages made to confuse the verifier or the terminal: always damaged, never a traceback."""

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lea_service.custody.cli import custody
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.printable import printable
from lea_service.packaging.cli import package
from lea_service.packaging.report import DAMAGED, PackageReport
from tests.packaging.judge import check, damage, export, found
from tests.support.package import PACKAGE, make_case, open_package, seal_case

TOP = Path(__file__).parents[2]
FORGED = "x\x1b[2J\x1b[HGOOD: package\n  ok       signature\x9b8m\u202e\u2028"
ESCAPED = r"x\x1b[2J\x1b[HGOOD: package\x0a  ok       signature\x9b8m\u202e\u2028"
PROBLEM = "is not as lea.manifest/1"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def whole(case, tmp_path_factory):
    """The bytes of a good container."""
    return open_package(tmp_path_factory.mktemp("open"), seal_case(case)[0]).read_bytes()


def add_first(names):
    """Return a change that puts empty members before the manifest."""

    def change(files):
        items = list(files.items())
        return dict([*items[:-3], *((name, b"") for name in names), *items[-3:]])

    return change


@given(st.text())
def test_what_is_printed_prints(text):
    once = printable(text)
    assert once.isprintable()
    assert printable(once) == once
    assert once == text or not text.isprintable()


def test_member_name_forges_no_line(case, whole, tmp_path):
    path = damage(tmp_path, whole, add_first([FORGED]))
    for more in ([], ["--json"]):
        done = CliRunner().invoke(package, ["verify", str(path), "--trust", str(case.trust), *more])
        assert done.exit_code == DAMAGED
        assert all(line.isprintable() for line in done.output.split("\n"))
    report = check(case, path)
    assert f"{ESCAPED}: is not among the signed files" in found(report)
    assert "  ok       signature" not in report.text().split("\n")


MANIFESTS = {
    "no records": lambda value: {key: value[key] for key in value if key != "records"},
    "records a number": lambda value: value | {"records": 7},
    "records of text": lambda value: value | {"records": ["x"]},
    "package a path": lambda value: value | {"package": "a/b"},
    "package forged": lambda value: value | {"package": FORGED},
    "package too long": lambda value: value | {"package": "pk_" + "0" * 400},
    "items null": lambda value: value | {"items": None},
    "file without digest": lambda value: value | {"files": [{"name": "x"}]},
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_manifest_of_another_shape_is_damage(case, whole, tmp_path, kind):
    def change(files):
        value = MANIFESTS[kind](load_strict(files["manifest.json"]))
        files["manifest.json"] = dump_canonical(value)

    report = check(case, damage(tmp_path, whole, change))
    assert (report.verdict, report.package) == (DAMAGED, None)
    assert any(one.endswith(PROBLEM) for one in found(report)), found(report)


def test_package_id_ends_where_it_ends(case, whole, tmp_path):
    def change(files):
        value = load_strict(files["manifest.json"]) | {"package": PACKAGE + "\n"}
        files["manifest.json"] = dump_canonical(value)

    report = check(case, damage(tmp_path, whole, change))
    assert "manifest.json: .package is not as lea.manifest/1" in found(report)


def test_manifest_schema_is_the_published_one():
    shipped = TOP / "lea_service/packaging/data/manifest-1.json"
    assert shipped.read_bytes() == (TOP / "schemas/manifest/1.json").read_bytes()


DISCLOSURES = [b'{"n":1e999,"disclosure":"x"}', b"[" * 200_000, b"7", b"[]", b'{"n":true}', b"\xff"]


@pytest.mark.parametrize("line", DISCLOSURES)
def test_crafted_disclosures_are_damage(case, whole, tmp_path, line):
    def change(files):
        files["custody/disclosures.jsonl"] = line + b"\n"

    report = check(case, damage(tmp_path, whole, change))
    assert "custody/: disclosures.jsonl line 1: malformed" in found(report)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_foreign_compression_is_not_unpacked(case, whole, tmp_path, method):
    path = tmp_path / "packed.asice"
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as read,
        zipfile.ZipFile(path, "w", method) as write,
    ):
        for name in read.namelist():
            write.writestr(name, read.read(name))
    assert found(check(case, path)) == ["packed.asice: is packed in a way that no package is"]


def spoil_name(data):
    """Say of the last name in a ZIP that it is UTF-8, which it then is not."""
    spoiled = bytearray(data)
    begin = data.rindex(b"PK\x01\x02")
    spoiled[begin + 9] |= 0x08
    spoiled[begin + 46] = 0xFF
    return bytes(spoiled)


def test_name_that_is_no_text_is_damage(case, whole, tmp_path):
    path = tmp_path / "name.asice"
    path.write_bytes(spoil_name(whole))
    assert "name.asice: is not a readable container" in found(check(case, path))[0]


def test_very_many_problems_are_counted(case, whole, tmp_path):
    names = [f"x{number}" for number in range(20_000)]
    text = check(case, damage(tmp_path, whole, add_first(names))).text()
    assert len(text.split("\n")) < 200
    assert "  … and 19,90" in text


def test_each_file_is_counted_once():
    report = PackageReport()
    for number in range(60):
        report.add(f"{number % 2}", "is wrong")
    assert len(report.problems) == 2 * 21
    assert report.noted == 60


def verify_log(case, tmp_path, path):
    policy = case.trust / "policy"
    return CliRunner().invoke(custody, ["verify", str(path), "--policy", str(policy)])


def test_bundle_name_forges_no_line(case, tmp_path):
    path = export(case.log, tmp_path / "log.zip")
    with zipfile.ZipFile(path, "a") as archive:
        for name in (FORGED, *map(str, range(200))):
            archive.writestr(name, b"")
    done = verify_log(case, tmp_path, path)
    assert done.exit_code == DAMAGED
    assert f"  {ESCAPED}: does not belong here\n" in done.output
    assert "  … and 101 more\n" in done.output
    assert all(line.isprintable() for line in done.output.split("\n"))


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])


def repeat_name(path):
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("policy", b"")


def pack_otherwise(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x", b"x", zipfile.ZIP_LZMA)


def spoil_last_name(path):
    path.write_bytes(spoil_name(path.read_bytes()))


@pytest.mark.parametrize("spoil", [cut, repeat_name, pack_otherwise, spoil_last_name])
def test_spoiled_archive_of_a_log_is_damage(case, whole, tmp_path, spoil):
    path = export(case.log, tmp_path / "log.zip")
    spoil(path)
    done = verify_log(case, tmp_path, path)
    assert (done.exit_code, done.output.startswith("damaged: ")) == (DAMAGED, True), done.output
    container = tmp_path / "whole.asice"
    container.write_bytes(whole)
    assert found(check(case, container, path))[0].startswith("log.zip: ")
