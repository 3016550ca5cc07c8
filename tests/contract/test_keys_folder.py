"""What lies in keys/ is public: nothing there is, or holds, a private key."""

import json
import re
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
    load_ssh_private_key,
)
from cryptography.x509 import load_pem_x509_certificate

from lea_service.kernel.clock import parse_instant
from lea_service.kernel.keystore import SEEDS, SIGNING_KEY, generate_keystore, load_keystore
from lea_service.operations import TRUST_FORMAT, describe_keys
from lea_service.settings import load_settings
from tests.support.clock import FixedClock

TOP = Path(__file__).parents[2]
KEYS = TOP / "keys"
PRIVATE = KEYS / "private"
PURPOSES = {"sign-package", "sign-checkpoint"}
STATUSES = {"active", "retired", "revoked"}
MEMBERS = {"purpose", "algorithm", "id", "not_before", "not_after", "status"}
SEED = re.compile(rb"[0-9a-fA-F]{64}\s*")
BLOCK = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END", re.DOTALL)


def files():
    return [path for path in KEYS.rglob("*") if path.is_file() and PRIVATE not in path.parents]


def is_private(data):
    """Say whether bytes are a private key in any form that we or others write."""
    if BLOCK.search(data) or SEED.fullmatch(data.strip()) or len(data) == 32:
        return True
    return any(_loads(load, data) for load in LOADERS)


def _loads(load, data):
    try:
        load(data, None)
    except TypeError:  # it wants a passphrase: it is one
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def from_base64(data, password):
    return load_der_private_key(b64decode(data, validate=True), password)


LOADERS = (load_pem_private_key, load_der_private_key, load_ssh_private_key, from_base64)


def is_public(path):
    """Say whether a file is text, a certificate or a public key."""
    data = path.read_bytes()
    if path.suffix in {".pem", ".crt"}:
        return bool(load_pem_x509_certificate(data)) or b"BEGIN PUBLIC KEY" in data
    return data.decode("utf-8").isprintable() or path.suffix in {".md", ".json", ".pub"}


def test_no_file_is_a_private_key():
    assert files()
    assert [path.name for path in files() if is_private(path.read_bytes())] == []
    assert [path.name for path in files() if not is_public(path)] == []


def test_our_own_private_files_would_be_found(tmp_path):
    generate_keystore(tmp_path / "keys", provider="Voorbeeld", now=FixedClock().now())
    for name in (*SEEDS, SIGNING_KEY):
        assert is_private((tmp_path / "keys" / name).read_bytes()), name


def test_private_folder_is_not_in_the_repository():
    done = subprocess.run(
        ["git", "check-ignore", "keys/private/index.key"], cwd=TOP, capture_output=True, check=False
    )
    if done.returncode == 128:
        pytest.skip("no git repository here")
    assert done.returncode == 0


def test_trust_file_has_its_form(tmp_path):
    published = json.loads((KEYS / "trust.json").read_bytes())
    settings = load_settings({"LEA_HOME": str(tmp_path)})
    made = FixedClock().now()
    store = generate_and_load(tmp_path / "keys", made)
    written = {"format": TRUST_FORMAT, "keys": describe_keys(settings, store)}
    assert written["keys"]
    for trust in (published, written):
        assert trust.keys() == {"format", "keys"}
        assert trust["format"] == "lea.trust/1"
        assert all(is_described(key) for key in trust["keys"])


def generate_and_load(folder, now):
    generate_keystore(folder, provider="Voorbeeld", now=now)
    return load_keystore(folder)


def is_described(key):
    dates = [key["not_before"], key["not_after"]]
    return (
        key.keys() == MEMBERS
        and key["purpose"] in PURPOSES
        and key["status"] in STATUSES
        and all(one is None or parse_instant(one) for one in dates)
    )
