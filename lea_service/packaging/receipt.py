"""The receipt secret: who can name it has decrypted the package.

The code lies only inside the encrypted container; the service keeps a salted digest of it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass

from lea_service.kernel.canonical import encode_b64url, salted_digest
from lea_service.kernel.errors import VerificationFailed

CODE_BYTES = 32
SALT_BYTES = 16
_CODE_LINE = re.compile(r"^Code: ([A-Za-z0-9_-]{43})$", re.MULTILINE)


@dataclass(frozen=True, repr=False)
class ReceiptSecret:
    """A code of 256 random bits (43 characters base64url) and its salted digest."""

    code: str
    salt: bytes

    @property
    def digest(self) -> str:
        """Return what the service keeps of the code."""
        return salted_digest(self.salt, self.code)


def new_receipt_secret() -> ReceiptSecret:
    """Make a fresh code."""
    code = encode_b64url(secrets.token_bytes(CODE_BYTES))
    return ReceiptSecret(code, secrets.token_bytes(SALT_BYTES))


def is_receipt_code(code: str, salt: bytes, digest: str) -> bool:
    """Say whether ``code`` is the one that ``digest`` was made of, in constant time."""
    return hmac.compare_digest(salted_digest(salt, code).encode(), digest.encode())


def receipt_text(package_id: str, code: str) -> bytes:
    """Return RECEIPT.txt, Dutch and English."""
    return f"""ONTVANGSTCODE / RECEIPT CODE

Package: {package_id}
Code: {code}

NL  Deze code staat alleen in dit versleutelde pakket. Wie haar terugstuurt, bewijst dat het pakket
    is ontvangen en geopend. Stuur haar met uw eigen toegang in als ontvangstbevestiging.
EN  This code stands only inside this encrypted package. Who returns it proves that the package was
    received and opened. Send it as the receipt of this package, with your own access.

{{"code":"{code}","format":"lea.receipt/1","package":"{package_id}"}}
""".encode()


def read_receipt_code(text: bytes) -> str:
    """Return the code in a RECEIPT.txt. Raises VerificationFailed."""
    found = _CODE_LINE.search(text.decode(errors="replace"))
    if found is None:
        raise VerificationFailed(
            "the receipt file holds no code; expected RECEIPT.txt of an opened package"
        )
    return found[1]
