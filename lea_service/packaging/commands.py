"""The exact commands with which a receiver opens and checks a package by hand.

Letter, how-to-verify text, documentation and tests all take them from here.
"""

from __future__ import annotations

SIGNATURE = "META-INF/signature001.p7s"
SIGNED = "META-INF/ASiCManifest001.xml"
SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"
RECEIPT = "RECEIPT.txt"
RECEIVER_CERTIFICATE = "receiver.cert.pem"
RECEIVER_KEY = "receiver.key.pem"
PROVIDER_CERTIFICATE = "provider.cert.pem"
LOG = "LOG.zip"


def encrypted_name(package_id: str) -> str:
    """Return the file name under which a package is handed over."""
    return f"{package_id}.p7m"


def container_name(package_id: str) -> str:
    """Return the file name of the opened container (ASiC-E, a ZIP)."""
    return f"{package_id}.asice"


def opening_commands(package_id: str) -> tuple[str, ...]:
    """Return the commands from the encrypted file to a folder with its contents."""
    container = container_name(package_id)
    return (
        f"openssl cms -decrypt -inform DER -binary -in {encrypted_name(package_id)} "
        f"-recip {RECEIVER_CERTIFICATE} -inkey {RECEIVER_KEY} -out {container}",
        f"unzip {container} -d {package_id}",
    )


def verifying_commands(package_id: str) -> tuple[str, ...]:
    """Return the commands that check signature and contents of the opened folder, and leave it."""
    return (
        f"cd {package_id}",
        f"openssl cms -verify -cades -binary -inform DER -in {SIGNATURE} -content {SIGNED} "
        f"-CAfile ../{PROVIDER_CERTIFICATE} -purpose any -out /dev/null",
        *(_digest_command(name) for name in (SUMS, MANIFEST)),
        f"sha256sum --check --strict {SUMS}",
        "cd ..",
    )


def verify_command(package_id: str, log: str | None = None) -> str:
    """Return the command that checks everything at once, against the whole log if there is one."""
    ending = "" if log is None else f" --log {log}"
    return f"lea package verify {container_name(package_id)} --trust DIR{ending}"


def receipt_commands(package_id: str) -> tuple[str, str]:
    """Return the commands that give the receipt: with the program, and with curl alone.

    Both take address and token from LEA_URL and LEA_TOKEN. The last line of the file is the body.
    """
    receipt = f"{package_id}/{RECEIPT}"
    return (
        f"lea collect receipt --file {receipt}",
        f"tail -n 1 {receipt} | curl --fail-with-body --data @- "
        '-H "Content-Type: application/json" -H "Authorization: Bearer $LEA_TOKEN" '
        '"$LEA_URL/api/v1/collect/receipts"',
    )


def fingerprint_command() -> str:
    """Return the command that shows the fingerprint of the provider's certificate."""
    return f"openssl x509 -in {PROVIDER_CERTIFICATE} -noout -fingerprint -sha256"


def fingerprints_command() -> str:
    """Return the command that shows them of several certificates of the provider, in their folder.

    After a rotation a receiver holds more than one, and each package is signed with one of them.
    """
    show = 'openssl x509 -in "$one" -noout -fingerprint -sha256'
    return f'for one in *.cert.pem; do echo "$one"; {show}; done'


def colon_hex(fingerprint: str) -> str:
    """Write 64 hex digits the way openssl shows a fingerprint."""
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


def _digest_command(name: str) -> str:
    digest = f'"$(openssl dgst -sha256 -binary {name} | openssl base64)"'
    return f"grep -F 'URI=\"{name}\"' {SIGNED} | grep -c -F {digest}"
