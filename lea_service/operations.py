"""Commands of the operations engineer, run on the server itself: databases and keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.custody.note import Ed25519Signer, MLDSA44Signer, VerifierKey
from lea_service.custody.policy import NONE, Policy
from lea_service.databases import open_databases
from lea_service.kernel import migration
from lea_service.kernel.clock import SystemClock, format_instant
from lea_service.kernel.errors import Conflict
from lea_service.kernel.keystore import KeyStore, generate_keystore, load_keystore, renew_signing
from lea_service.packaging.commands import PROVIDER_CERTIFICATE
from lea_service.settings import Settings, load_settings
from lea_service.web.input import Form
from lea_service.web.output import facts, json_option, show, table

TRUST_FORMAT = "lea.trust/1"
REVISION = Form(r"[0-9A-Za-z_]{1,40}", "a revision, as `lea db current` shows it, or base")
LINE = click.Choice([migration.CASES, migration.RECORDS])


@click.group()
def db() -> None:
    """Make and upgrade the two databases."""


@db.command("upgrade")
@json_option
def upgrade_databases(as_json: bool) -> None:
    """Bring both databases up to this version; an empty one is made whole."""
    rows = []
    for line, database in open_databases(load_settings()):
        before = migration.find_revision(database)
        migration.upgrade(database, line)
        rows.append({"line": line, "from": before, "to": migration.find_revision(database)})
    show(as_json, rows, lambda: table(rows, ["line", "from", "to"]))


@db.command("downgrade")
@click.argument("line", type=LINE)
@click.argument("revision", type=REVISION)
@click.option("--yes", is_flag=True, help="Do it; going back drops tables and what is in them.")
@json_option
def downgrade_database(line: str, revision: str, yes: bool, as_json: bool) -> None:
    """Take one database back to REVISION (`base` is empty)."""
    if not yes:
        raise Conflict("going back drops tables and what is in them; repeat with --yes")
    for name, database in open_databases(load_settings()):
        if name == line:
            before = migration.find_revision(database)
            migration.downgrade(database, line, revision)
            row = {"line": line, "from": before, "to": migration.find_revision(database)}
            show(as_json, row, facts(row))


@db.command("current")
@json_option
def show_revisions(as_json: bool) -> None:
    """Show at which revision each database is, and which one this version wants."""
    rows = [
        {
            "line": line,
            "revision": migration.find_revision(database),
            "wanted": migration.list_revisions(line)[-1],
        }
        for line, database in open_databases(load_settings())
    ]
    show(as_json, rows, lambda: table(rows, ["line", "revision", "wanted"]))


@click.group()
def keys() -> None:
    """Make and show the keys of the service."""


@keys.command("generate")
@json_option
def generate_keys(as_json: bool) -> None:
    """Make the key store; keys that are there are never overwritten."""
    settings = load_settings()
    now = SystemClock().now()
    generate_keystore(settings.keys_dir, provider=settings.provider_name, now=now)
    text = f"made {settings.keys_dir}; back it up apart from the databases"
    show(as_json, {"made": str(settings.keys_dir)}, text)


@keys.command("rotate-package")
@json_option
def rotate_package(as_json: bool) -> None:
    """Make a new key that signs packages; every other key stays, and so does the old certificate.

    Then hand out the trust folder anew and start the service again: until then it signs as before.
    """
    settings = load_settings()
    now = SystemClock().now()
    renew_signing(settings.keys_dir, provider=settings.provider_name, now=now)
    certificate = load_keystore(settings.keys_dir).signing_certificate
    made = {"made": certificate_fingerprint(certificate)}
    text = (
        f"made {made['made']}; hand out the trust folder anew (lea keys export-trust), "
        "then start the service again: until then it signs as before"
    )
    show(as_json, made, text)


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """Show the public keys of the service with their fingerprints."""
    settings = load_settings()
    rows = describe_keys(settings, load_keystore(settings.keys_dir))
    columns = ["purpose", "algorithm", "id", "not_after", "status"]
    show(as_json, rows, lambda: table(rows, columns))


@keys.command("export-trust")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def export_trust(folder: Path, as_json: bool) -> None:
    """Write what outsiders need to check packages and log into FOLDER.

    Hand it over on a way that does not pass through the service.
    """
    settings = load_settings()
    store = load_keystore(settings.keys_dir)
    folder.mkdir(parents=True, exist_ok=True)
    for name, certificate in _name_certificates(store).items():
        (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "policy").write_text(log_policy(settings, store).format())
    if settings.staff_root.is_file():
        (folder / "staff-root.json").write_bytes(settings.staff_root.read_bytes())
    trust = {"format": TRUST_FORMAT, "keys": describe_keys(settings, store)}
    (folder / "trust.json").write_text(json.dumps(trust, indent=2) + "\n")
    written = {"written": str(folder), "files": sorted(one.name for one in folder.iterdir())}
    show(as_json, written, facts(written))


def describe_keys(settings: Settings, store: KeyStore) -> list[dict[str, Any]]:
    """Return the public keys as ``trust.json`` holds them."""
    rows: list[dict[str, Any]] = [
        {
            "purpose": "sign-package",
            "algorithm": "ecdsa-p256",
            "id": certificate_fingerprint(certificate),
            "not_before": format_instant(certificate.not_valid_before_utc),
            "not_after": format_instant(certificate.not_valid_after_utc),
            "status": "active" if certificate == store.signing_certificate else "retired",
        }
        for certificate in _name_certificates(store).values()
    ]
    for key, algorithm in zip(_log_keys(settings, store), ("ed25519", "ml-dsa-44"), strict=True):
        rows.append(
            {
                "purpose": "sign-checkpoint",
                "algorithm": algorithm,
                "id": key.format() if algorithm == "ed25519" else key.key_id.hex(),
                "not_before": None,
                "not_after": None,
                "status": "active",
            }
        )
    return rows


def _name_certificates(store: KeyStore) -> dict[str, Certificate]:
    """Return the certificates of package keys by their name in a trust folder, today's first."""
    retired = {
        f"provider-{certificate_fingerprint(one)[:16]}.cert.pem": one
        for one in store.retired_certificates
    }
    return {PROVIDER_CERTIFICATE: store.signing_certificate, **retired}


def log_policy(settings: Settings, store: KeyStore) -> Policy:
    """Return the policy that outsiders check the custody log with."""
    return Policy(_log_keys(settings, store), {}, {}, NONE)


def _log_keys(settings: Settings, store: KeyStore) -> tuple[VerifierKey, ...]:
    origin = settings.log_origin
    return (
        Ed25519Signer(origin, store.log_ed25519).verifier,
        MLDSA44Signer(origin, store.log_mldsa44).verifier,
    )
