"""C2SP tlog-proof: one entry's place in the log, checkable offline with a policy in hand."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from lea_service.custody.merkle import leaf_hash, verify_inclusion
from lea_service.custody.note import Head, decode_base64, parse_head, parse_note
from lea_service.custody.policy import Policy
from lea_service.kernel.errors import InvalidInput, VerificationFailed

MAGIC = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class LogProof:
    """Index, audit path and the checkpoint (verbatim) that they lead to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def format(self) -> bytes:
        """Return the text of a ``.tlog-proof`` file."""
        lines = [MAGIC, f"index {self.index}", *(b64encode(one).decode() for one in self.path), ""]
        return ("\n".join(lines) + "\n").encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """Read a ``.tlog-proof`` file. Raises VerificationFailed."""
        head, separator, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
            if lines.pop(0) != MAGIC or not separator:
                raise VerificationFailed("not a tlog-proof file")
            if lines and lines[0].startswith("extra "):
                decode_base64(lines.pop(0)[6:])
            word, index = lines.pop(0).split(" ")
            if word != "index" or not index.isdecimal() or str(int(index)) != index:
                raise VerificationFailed("a tlog-proof names its index in plain decimal")
            path = tuple(decode_base64(line) for line in lines)
        except (ValueError, IndexError, InvalidInput) as err:
            raise VerificationFailed("a tlog-proof file is malformed") from err
        return cls(int(index), path, checkpoint)

    def verify(self, entry: bytes, policy: Policy) -> Head:
        """Check that ``entry`` stands at the index under a checkpoint the policy accepts.

        Size and root come from the signed checkpoint only. Raises VerificationFailed.
        """
        note = parse_note(self.checkpoint)
        policy.verify(note)
        head = parse_head(note.text)
        verify_inclusion(leaf_hash(entry), self.index, head.size, head.root, self.path)
        return head
