import subprocess
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.kernel.errors import Unavailable
from lea_service.kernel.keystore import generate_keystore, load_keystore
from lea_service.packaging.signature import PackageSigner
from tests.support.certificates import NOW


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    generate_keystore(folder, provider="Voorbeeld Telecom B.V.", now=NOW)
    store = load_keystore(folder)
    return PackageSigner(store.signing_key, store.signing_certificate)


def verify(folder, signer, content, signature):
    (folder / "content").write_bytes(content)
    (folder / "sig.p7s").write_bytes(signature)
    (folder / "ca.pem").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    command = (
        "openssl cms -verify -cades -binary -inform DER -in sig.p7s -content content "
        f"-CAfile ca.pem -purpose any -out /dev/null -attime {int(NOW.timestamp())}"
    )
    return subprocess.run(
        command.split(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_openssl_verifies_as_cades(tmp_path, signer):
    run = verify(tmp_path, signer, b"content", signer.sign(b"content", NOW))
    assert run.returncode == 0, run.stderr
    assert "successful" in run.stderr


def test_other_content_does_not_verify(tmp_path, signer):
    assert verify(tmp_path, signer, b"Content", signer.sign(b"content", NOW)).returncode != 0


def test_carries_the_attributes_of_a_baseline_signature(tmp_path, signer):
    (tmp_path / "sig").write_bytes(signer.sign(b"content", NOW))
    shown = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", tmp_path / "sig"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("contentType", "signingTime", "messageDigest", "signingCertificateV2"):
        assert name in shown


def test_certificate_out_of_its_dates_does_not_sign(signer):
    with pytest.raises(Unavailable, match="valid from"):
        signer.sign(b"content", NOW + timedelta(days=3000))
