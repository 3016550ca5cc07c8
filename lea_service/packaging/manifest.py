"""The manifest: what is in a package and what it rests on (``schemas/manifest/1.json``)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from cryptography import x509
from jsonschema import Draft202012Validator

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.extraction.outcome import ItemOutcome
from lea_service.kernel.canonical import (
    Json,
    dump_canonical,
    encode_b64url,
    is_canonical,
    load_strict,
)
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import VerificationFailed
from lea_service.kernel.patterns import make_validator
from lea_service.packaging.container import Member
from lea_service.packaging.contents import (
    ItemAnswer,
    PackageContents,
    RecordSpool,
    describe_cut,
)
from lea_service.packaging.receipt import ReceiptSecret

FORMAT = "lea.manifest/1"
SALT_BYTES = 16
SCHEMA = "manifest-1.json"
_PACKAGE = re.compile(r"pk_[0-9a-f]{32}")


def build_manifest(
    contents: PackageContents,
    members: Sequence[Member],
    *,
    package_id: str,
    receipt: ReceiptSecret,
    signing_certificate: x509.Certificate,
    sealed_at: datetime,
) -> bytes:
    """Return the canonical JSON of the manifest.

    ``not_given`` and ``instalment`` stand in it only where there is any.

    It holds 128 fresh random bits, so that its plain SHA-256 gives nothing away about the rows and
    may stand in the custody log.
    """
    document: dict[str, Json] = {
        "format": FORMAT,
        "salt": encode_b64url(secrets.token_bytes(SALT_BYTES)),
        "package": package_id,
        "demand": contents.demand_id,
        "run": contents.run_id,
        "provider": contents.letter.provider,
        "sealed_at": format_instant(sealed_at),
        "plan": {
            "id": contents.plan_id,
            "salt": contents.plan_salt,
            "digest": contents.plan_digest,
            "file": "plan.json",
        },
        "decision": {"approval": contents.approval_id, "file": "decision.json"},
        "result": {"salt": contents.result_salt, "digest": contents.result_digest},
        "items": [_item(item) for item in contents.items],
        "records": [_records(spool) for spool in contents.records],
        "files": [_file(member) for member in members],
        "receivers": [
            {"id": one.id, "certificate": certificate_fingerprint(one.certificate)}
            for one in contents.receivers
        ],
        "receipt": {"salt": encode_b64url(receipt.salt), "digest": receipt.digest},
        "signer": certificate_fingerprint(signing_certificate),
    }
    if contents.part is not None:
        document["instalment"] = contents.part.dump()
    if contents.narrowed is not None:
        document["not_given"] = [describe_cut(cut) for cut in contents.narrowed.cuts]
    return dump_canonical(document)


def load_manifest(data: bytes) -> dict[str, Any]:
    """Read a manifest; whoever has it need not ask for its shape. Raises VerificationFailed."""
    if not is_canonical(data):
        raise VerificationFailed(f"is not canonical JSON of {FORMAT}")
    value = load_strict(data)
    wrong = next(_validator().iter_errors(value), None)
    if wrong is not None:
        raise VerificationFailed(f"{wrong.json_path.removeprefix('$') or 'it'} is not as {FORMAT}")
    # a pattern of a schema ends before a last line end, and the id becomes the name of a file
    if not _PACKAGE.fullmatch(value["package"]):
        raise VerificationFailed("does not name a package")
    return dict(value)


@cache
def _validator() -> Draft202012Validator:
    schema = files("lea_service.packaging") / "data" / SCHEMA
    return make_validator(load_strict(schema.read_bytes()))


def checksums(members: Sequence[Member]) -> bytes:
    """Return SHA256SUMS, as ``sha256sum --check`` reads it."""
    return "".join(f"{member.digest.hex()}  {member.name}\n" for member in members).encode()


def _item(item: ItemAnswer) -> dict[str, Json]:
    return ItemOutcome(item.n, item.outcome, item.rows, item.destroyed, item.held).dump()


def _records(spool: RecordSpool) -> dict[str, Json]:
    layout = spool.layout
    return {
        "kind": layout.kind,
        "version": layout.version,
        "rows": spool.rows,
        "columns": [
            {"name": one.name, "type": one.type, "nullable": one.nullable} for one in layout.columns
        ],
        "order": list(layout.order),
        "canonical": f"{layout.stem}.jsonl",
        "csv": f"{layout.stem}.csv",
    }


def _file(member: Member) -> dict[str, Json]:
    return {
        "name": member.name,
        "media_type": member.media_type,
        "bytes": member.size,
        "sha256": member.digest.hex(),
    }
