"""A new key that signs packages: what was sealed before and after verifies under one folder."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.cli import main
from lea_service.kernel import keystore
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.keystore import SEEDS, SIGNING_KEY, load_keystore, renew_signing
from lea_service.packaging.report import DAMAGED, GOOD
from lea_service.packaging.signature import PackageSigner
from lea_service.packaging.verify import load_trust, verify_package
from tests.support.package import NOW, make_case, make_signer, open_package, seal_case

PROVIDER = "Voorbeeld Telecom B.V."


class BrokenOff(Exception):
    """The machine went away."""


def renew(folder, now=NOW):
    renew_signing(folder, provider=PROVIDER, now=now)
    return load_keystore(folder)


def lea(case, *words):
    folder = case.trust.parent
    env = {
        "LEA_HOME": str(folder / "home"),
        "LEA_KEYS_DIR": str(folder / "keys"),
        "LEA_STAFF_ROOT": str(case.trust / "staff-root.json"),
    }
    done = CliRunner(env=env).invoke(main, ["keys", *map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def verdict(container, trust):
    return verify_package(container, load_trust(trust)).verdict


def test_packages_sealed_before_and_after_verify_under_the_exported_folder(tmp_path):
    case = make_case(tmp_path)
    for name in ("log-ed25519.key", "log-mldsa44.key"):  # those of the log of the case
        (tmp_path / "keys" / name).write_text(bytes(range(32)).hex())
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = open_package(tmp_path / "old", seal_case(case)[0])
    store = renew(tmp_path / "keys")
    after = replace(case, signer=PackageSigner(store.signing_key, store.signing_certificate))
    new = open_package(tmp_path / "new", seal_case(after)[0])

    trust = tmp_path / "exported"
    lea(case, "export-trust", trust)
    assert [verdict(one, trust) for one in (old, new)] == [GOOD, GOOD]
    assert [verdict(one, case.trust) for one in (old, new)] == [GOOD, DAMAGED]

    (kept,) = trust.glob("provider-*.cert.pem")
    kept.unlink()
    assert [verdict(one, trust) for one in (old, new)] == [DAMAGED, GOOD]


def test_command_renews_that_key_alone_and_names_the_old_one(tmp_path):
    case = make_case(tmp_path)
    folder = tmp_path / "keys"
    seeds = {name: (folder / name).read_bytes() for name in SEEDS}
    before, private = load_keystore(folder), (folder / SIGNING_KEY).read_bytes()
    made = lea(case, "rotate-package")["made"]
    assert {name: (folder / name).read_bytes() for name in SEEDS} == seeds
    assert private not in [one.read_bytes() for one in folder.iterdir()]
    assert all(one.stat().st_mode & 0o077 == 0 for one in folder.iterdir())
    packages = [one for one in lea(case, "list") if one["purpose"] == "sign-package"]
    assert [(one["id"], one["status"]) for one in packages] == [
        (made, "active"),
        (certificate_fingerprint(before.signing_certificate), "retired"),
    ]


def test_every_certificate_that_signed_is_kept(tmp_path):
    make_signer(tmp_path)
    signed = [load_keystore(tmp_path / "keys").signing_certificate]
    for days in (1, 2, 3):
        signed.append(renew(tmp_path / "keys", NOW + timedelta(days=days)).signing_certificate)
    store = load_keystore(tmp_path / "keys")
    assert [*store.retired_certificates, store.signing_certificate] == signed


@pytest.mark.parametrize("steps", range(12))
def test_renewal_broken_off_anywhere_can_be_repeated(tmp_path, monkeypatch, steps):
    make_signer(tmp_path)
    folder = tmp_path / "keys"
    old = load_keystore(folder).signing_certificate
    with monkeypatch.context() as patched:
        break_off(patched, steps)
        try:
            renew(folder)
        except BrokenOff:
            pass
        else:
            assert steps >= 9
    with suppress(IntegrityFailure):  # between the two halves nothing is signed
        assert old in all_of(load_keystore(folder))
    store = renew(folder)
    assert store.signing_certificate != old
    assert old in store.retired_certificates
    assert not list(folder.glob("*.new"))


def all_of(store):
    return [*store.retired_certificates, store.signing_certificate]


def break_off(patched, steps):
    """Let that many steps that change the folder happen, and no other."""
    left = [steps]

    def counted(step, half=None):
        def run(*args, **kwargs):
            if not left[0]:
                if half:
                    half(*args)
                raise BrokenOff
            left[0] -= 1
            return step(*args, **kwargs)

        return run

    def write_half(path, data):
        path.write_bytes(data[: len(data) // 2])

    patched.setattr(keystore, "_write", counted(keystore._write, write_half))
    patched.setattr(keystore, "sync_folder", counted(keystore.sync_folder))
    patched.setattr(Path, "replace", counted(Path.replace))
