import io
import json
import shutil
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.custody.signer import LocalSigner
from lea_service.extraction.result import result_value
from lea_service.kernel.canonical import dump_canonical, load_strict, salted_digest
from lea_service.packaging.report import DAMAGED, GOOD, UNKNOWN, PackageReport
from lea_service.packaging.verify import Trust, load_trust, verify_package
from lea_service.packaging.verify_rows import MAX_LINE, verify_rows
from tests.packaging.judge import beside, check, damage, found, reseal
from tests.support.log import ORIGIN
from tests.support.package import (
    PACKAGE,
    RUN,
    SALT,
    make_case,
    make_signer,
    open_package,
    seal_case,
    spool_rows,
)
from tests.support.rows import CALL, call_rows

JSONL, CSV = "records/call-1.jsonl", "records/call-1.csv"
SIGNATURE = "META-INF/signature001.p7s"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def whole(case, tmp_path_factory):
    """The bytes of a good container."""
    return open_package(tmp_path_factory.mktemp("open"), seal_case(case)[0]).read_bytes()


def test_good_container_is_good(case, whole, tmp_path):
    path = tmp_path / "whole.asice"
    path.write_bytes(whole)
    report = check(case, path)
    assert found(report) == []
    assert report.verdict == GOOD
    assert (report.package, report.rows) == (PACKAGE, 50)
    assert len(report.checked) == 20
    assert report.dump()["verdict"] == "good"
    assert report.text().startswith(f"GOOD: package {PACKAGE}, 50 rows")


def lines(files):
    return files[JSONL].splitlines(keepends=True)


def change_row(files):
    files[JSONL] = files[JSONL].replace(b'"duration_s":', b'"duration_s":1', 1)


def drop_row(files):
    files[JSONL] = b"".join(lines(files)[:-1])


def double_row(files):
    files[JSONL] = b"".join([*lines(files)[:2], *lines(files)[1:]])


def swap_members(files):
    one, other = "LETTER.nl.txt", "LETTER.en.txt"
    files[one], files[other] = files[other], files[one]


def add_member(files):
    last = list(files.items())
    return dict([*last[:3], ("records/extra.jsonl", b"{}\n"), *last[3:]])


def change_csv(files):
    files[CSV] = files[CSV].replace(b",answered,", b",refused!,", 1)


def spoil_signature(files):
    files[SIGNATURE] = files[SIGNATURE][:-1] + bytes([files[SIGNATURE][-1] ^ 1])


DAMAGE = {
    "changed row": (change_row, [f"{JSONL}: is not the file that was signed", f"{CSV}:2: "]),
    "dropped row": (drop_row, [f"{CSV}:51: a row that is not in the JSON Lines", "49 rows"]),
    "doubled row": (double_row, [f"{JSONL}:3: is out of order or there twice", "51 rows"]),
    "changed csv": (change_csv, [f"{CSV}: is not the file that was signed", f"{CSV}:2: result"]),
    "swapped": (swap_members, ["LETTER.nl.txt: is not", "LETTER.en.txt: is not"]),
    "extra": (add_member, ["records/extra.jsonl: is not among the signed files"]),
    "missing": (lambda files: files.pop("coverage.json") and None, ["coverage.json: was signed"]),
    "order": (lambda files: dict(reversed(files.items())), ["does not begin with its mimetype"]),
    "spoiled signature": (spoil_signature, [f"{SIGNATURE}: "]),
    "no manifest": (lambda files: files.pop("manifest.json") and None, ["manifest.json: "]),
    "manifest no JSON": (lambda files: files.update({"manifest.json": b"{"}), ["manifest.json: "]),
    "manifest a list": (lambda files: files.update({"manifest.json": b"[]"}), ["manifest.json: "]),
    "no code": (lambda files: files.update({"RECEIPT.txt": b"-"}), ["RECEIPT.txt: the receipt"]),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_damage_is_named(case, whole, tmp_path, kind):
    change, expected = DAMAGE[kind]
    report = check(case, damage(tmp_path, whole, change))
    assert report.verdict == DAMAGED
    for text in expected:
        assert any(text in one for one in found(report)), found(report)


@pytest.mark.parametrize("kept", [0, 10, 5000, -40, -1])
def test_truncated_file_is_named(case, whole, tmp_path, kept):
    path = tmp_path / "short.asice"
    path.write_bytes(whole[:kept])
    report = check(case, path)
    assert report.verdict == DAMAGED
    assert "short.asice" in found(report)[0]


def test_foreign_signer_is_named(case, tmp_path):
    report = check(case, reseal(case, tmp_path, signer=make_signer(tmp_path)))
    assert any("not one that is trusted" in one for one in found(report))


def test_plan_of_other_contents_is_named(case, tmp_path):
    plan = json.loads(case.contents.plan) | {"demand_version": 2}
    report = check(case, reseal(case, tmp_path, plan=dump_canonical(plan)))
    assert found(report) == ["plan.json: the plan is not the one that was decided on"]


def test_decision_of_others_is_named(case, tmp_path):
    (tmp_path / "other").mkdir()
    other = make_case(tmp_path / "other")
    report = check(case, reseal(case, tmp_path, decision=other.contents.decision))
    assert any(one.startswith("plan.json: ") for one in found(report))
    assert not any(one.startswith("custody/") for one in found(report))


def test_receiver_nobody_decided_on_is_named(case, tmp_path):
    (tmp_path / "other").mkdir()
    more = make_case(tmp_path / "other", kinds=("rsa", "p256")).contents.receivers
    report = check(case, reseal(case, tmp_path, receivers=more))
    assert "receivers' certificates are not those" in found(report)[0]


def test_foreign_log_is_named(case, whole, tmp_path):
    other = LocalSigner(ORIGIN, bytes(32), bytes(32), tmp_path / "signer.json")
    policy = replace(case.log.service.policy, log_keys=other.verifier_keys)
    path = tmp_path / "whole.asice"
    path.write_bytes(whole)
    report = verify_package(path, replace(load_trust(case.trust), policy=policy))
    assert [one.split(":")[0] for one in found(report)] == ["custody/"]


def test_result_the_log_does_not_hold_is_named(tmp_path):
    case = make_case(tmp_path, extracted={"digest": "x" * 43, "run": "e_1"})
    report = check(case, open_package(tmp_path, seal_case(case)[0]))
    assert found(report) == ["custody/: the log holds another result"]


def test_other_rows_under_the_same_digest_are_named(case, tmp_path):
    spool = spool_rows(tmp_path / "rows", list(call_rows(50, seed=2)))
    report = check(case, reseal(case, tmp_path, records=(spool,)))
    assert found(report) == ["custody/: the rows are not those whose digest the log holds"]


def test_entry_beside_the_proven_ones_does_not_count(case, tmp_path):
    spool = spool_rows(tmp_path / "rows", list(call_rows(50, seed=2)))
    digest = salted_digest(SALT, result_value([("call", 1, spool.rows, spool.sha256)]))
    done = load_strict(case.contents.custody["entries/000002.json"])
    forged = dump_canonical(done | {"facts": {"digest": digest, "run": RUN}})
    custody = {**case.contents.custody, "zz.json": forged}
    changes = {"records": (spool,), "result_digest": digest, "custody": custody}
    report = check(case, reseal(case, tmp_path, **changes))
    assert found(report) == ["custody/: zz.json: does not belong here"]


def test_decision_on_another_demand_is_named(case, tmp_path):
    report = check(case, reseal(case, tmp_path, demand_id=f"c_{9:032x}"))
    assert "plan.json: the decision is about another demand" in found(report)


def test_run_of_another_approval_is_named(tmp_path):
    other = {"run": RUN, "plan": f"pl_{9:032x}", "digest": "x" * 43, "approval": f"ap_{9:032x}"}
    case = make_case(tmp_path, approved=other)
    report = check(case, open_package(tmp_path, seal_case(case)[0]))
    assert found(report) == ["custody/: the log does not hold that this plan was approved"]


@pytest.mark.parametrize("at", [0, 7, 20, 40])
def test_damaged_compression_is_named(case, whole, tmp_path, at):
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        begin = archive.getinfo(JSONL).header_offset + 30 + len(JSONL) + 20
    path = tmp_path / "damaged.asice"
    path.write_bytes(
        whole[: begin + at] + bytes([whole[begin + at] ^ 0xFF]) + whole[begin + at + 1 :]
    )
    report = check(case, path)
    assert report.verdict == DAMAGED


def test_of_several_trusted_certificates_the_one_that_signed_is_named(case, whole, tmp_path):
    trust = tmp_path / "trust"
    shutil.copytree(case.trust, trust)
    older, newer = make_signer(tmp_path / "older"), make_signer(tmp_path / "newer")
    for name, one in (("a-2025", older), ("z-2027", newer)):
        (trust / f"{name}.cert.pem").write_bytes(one.certificate.public_bytes(Encoding.PEM))
    both = replace(case, trust=trust)
    path = tmp_path / "whole.asice"
    path.write_bytes(whole)
    report = check(both, path)
    assert report.verdict == GOOD
    mine = certificate_fingerprint(case.signer.certificate)
    assert f"signed with provider.cert.pem, SHA-256 {mine}" in report.checked
    earlier = check(both, reseal(case, tmp_path, signer=older))
    assert earlier.verdict == GOOD
    assert [one for one in earlier.checked if one.startswith("signed with a-2025.cert.pem, SHA")]
    mixed = SimpleNamespace(certificate=older.certificate, sign=case.signer.sign)
    lied = check(both, reseal(case, tmp_path, signer=mixed))
    assert "manifest.json: names another signer than the one who signed" in found(lied)


def test_row_sealed_twice_is_named(case, tmp_path):
    rows = list(call_rows(50))
    spool = spool_rows(tmp_path / "rows", [*rows, rows[-1]])
    report = check(case, reseal(case, tmp_path, records=(spool,)))
    assert f"{JSONL}:51: is out of order or there twice" in found(report)


def test_line_without_end_is_read_no_further():
    report, endless = PackageReport(), io.BytesIO(b"x" * (3 * MAX_LINE))
    verify_rows(CALL, io.BytesIO(), endless, 0, report)
    assert found(report)[0] == f"{CSV}:1: is not CSV as RFC 4180 has it"
    assert endless.tell() <= 2 * MAX_LINE


@pytest.mark.parametrize("part", ["certificates", "policy", "root"])
def test_missing_trust_is_a_doubt(case, whole, tmp_path, part):
    path = tmp_path / "whole.asice"
    path.write_bytes(whole)
    trust = replace(load_trust(case.trust), **{part: Trust.__dataclass_fields__[part].default})
    report = verify_package(path, trust)
    assert found(report) == []
    assert report.verdict == UNKNOWN
    assert len(report.doubts) == 1


def test_proof_beside_the_package_is_checked(tmp_path):
    case = make_case(tmp_path)
    container = beside(case, tmp_path)
    report = check(case, container)
    assert found(report) == []
    assert "proof that the log holds the sealed package" in report.checked
    encrypted = tmp_path / f"{PACKAGE}.p7m"
    encrypted.write_bytes(encrypted.read_bytes()[:-1] + b"\x01")
    assert "the encrypted file is not the one in the log" in found(check(case, container))[0]
    container.write_bytes(open_package(tmp_path, seal_case(case)[0]).read_bytes())
    assert "another manifest" in found(check(case, container))[0]
