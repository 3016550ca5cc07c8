import io
import os
import re
import resource
import subprocess
import sys

import pytest

from lea_service.kernel.errors import Conflict, VerificationFailed
from lea_service.packaging.cms import BLOCK, CmsWriter
from tests.support.certificates import NOW, certificate, write_pair

KINDS = ["rsa", "rsa3072", "p256", "p384", "p521"]


def encrypt(data, *certificates, parts=7):
    sink = io.BytesIO()
    writer = CmsWriter(sink, certificates, NOW)
    step = max(1, len(data) // parts)
    for start in range(0, len(data), step):
        writer.write(data[start : start + step])
    writer.close()
    return sink.getvalue()


def decrypt(folder, message, kind, name="receiver"):
    cert, key = write_pair(folder, kind, name)
    (folder / "in.p7m").write_bytes(message)
    out = folder / "out"
    command = "openssl cms -decrypt -inform DER -binary -in in.p7m -out out -recip"
    run = subprocess.run(
        [*command.split(), cert, "-inkey", key], cwd=folder, capture_output=True, check=False
    )
    return run.returncode, out.read_bytes() if out.exists() else b""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1, BLOCK, 3 * BLOCK + 17])
def test_openssl_opens_every_kind(tmp_path, kind, size):
    data = os.urandom(size)
    assert decrypt(tmp_path, encrypt(data, certificate(kind)), kind) == (0, data)


def test_each_of_several_recipients_opens(tmp_path):
    data = os.urandom(100_000)
    message = encrypt(data, *(certificate(kind, f"r-{kind}") for kind in KINDS))
    for kind in KINDS:
        assert decrypt(tmp_path, message, kind, f"r-{kind}") == (0, data)


def test_recipients_of_one_name_are_refused():
    alike = [certificate("rsa", name, subject="Politie Oost", serial=1) for name in ("a", "b")]
    with pytest.raises(VerificationFailed, match="issuer and serial number"):
        encrypt(b"x", *alike)


def test_nobody_else_opens(tmp_path):
    code, out = decrypt(tmp_path, encrypt(b"x" * 1000, certificate("p256")), "p256", "stranger")
    assert code != 0
    assert b"x" not in out


@pytest.mark.parametrize("position", [-1, -20, -400, 2000])
def test_one_flipped_byte_is_refused(tmp_path, position):
    message = bytearray(encrypt(bytes(5000), certificate("rsa")))
    message[position] ^= 1
    code, _ = decrypt(tmp_path, bytes(message), "rsa")
    # the last bytes are end marks: only they may be lenient, and then the content is whole
    assert code != 0 or position == -1


def test_truncated_message_is_refused(tmp_path):
    message = encrypt(bytes(5000), certificate("rsa"))
    assert decrypt(tmp_path, message[:-40], "rsa")[0] != 0


def test_openssl_reads_the_declared_algorithms(tmp_path):
    (tmp_path / "m").write_bytes(encrypt(b"x", certificate("rsa"), certificate("p384")))
    shown = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", tmp_path / "m"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for word in ("aes-256-gcm", "rsaesOaep", "dhSinglePass-stdDH-sha384kdf-scheme"):
        assert word in shown


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (certificate("rsa", "old", end=0, start=-3), None),
        (certificate("rsa", "gone", start=-30, end=-1), "expired"),
        (certificate("p256", "later", start=2), "not valid before"),
        (certificate("rsa", "signer", usage="sign"), "key_encipherment"),
        (certificate("rsa", "agreer", usage="agree"), "key_encipherment"),
        (certificate("p256", "signer", usage="encipher"), "key_agreement"),
        (certificate("p256", "none", usage=None), None),
        (certificate("rsa1024"), "2048 bits"),
        (certificate("k1"), "P-256"),
        (certificate("ed25519"), "expected an RSA key or an EC key"),
    ],
)
def test_only_fit_certificates_are_used(chosen, said):
    sink = io.BytesIO()
    if said is None:
        CmsWriter(sink, [chosen], NOW)
        return
    with pytest.raises(VerificationFailed, match=re.escape(said)):
        CmsWriter(sink, [certificate("rsa"), chosen], NOW)
    assert sink.getvalue() == b""


def test_no_certificate_no_message():
    with pytest.raises(VerificationFailed, match="at least one"):
        CmsWriter(io.BytesIO(), [], NOW)


def test_closed_message_takes_nothing_more():
    writer = CmsWriter(io.BytesIO(), [certificate("rsa")], NOW)
    writer.close()
    with pytest.raises(Conflict):
        writer.write(b"x")


def test_memory_stays_flat():
    class Nowhere:
        def write(self, data):
            return len(data)

    block = os.urandom(1 << 20)
    writer = CmsWriter(Nowhere(), [certificate("rsa")], NOW)
    writer.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        writer.write(block)
    writer.close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < (20 << 10 if sys.platform == "linux" else 20 << 20)
