"""What the errors of others mean in ours: of a database driver, the file system, a decoder."""

from __future__ import annotations

import errno

from sqlalchemy import exc

from lea_service.kernel.errors import InvalidInput, LeaError, Unavailable

AWAY = "a database does not answer or is not set up; `lea db current` says more"
OUT_OF_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})
OURS = (exc.IntegrityError, exc.DataError)
"""A driver complains of these when the service asked for something wrong."""


def translate(error: Exception) -> LeaError | None:
    """Return what a known error of others means; None for one that nobody foresaw.

    The text of a driver is left out, as it may hold what was sent to the database.
    """
    if isinstance(error, LeaError):
        return error
    if isinstance(error, exc.DBAPIError):
        return None if isinstance(error, OURS) else Unavailable(AWAY)
    if isinstance(error, exc.TimeoutError):
        return Unavailable(AWAY)
    if isinstance(error, UnicodeDecodeError):
        return InvalidInput("expected a file or an answer of text in UTF-8")
    if isinstance(error, OSError):
        return _translate_system(error)
    return None


def _translate_system(error: OSError) -> LeaError:
    what = error.strerror or "no further word from the system"
    if not isinstance(error.filename, str):
        return Unavailable(f"the system refused: {what}")
    if error.errno in OUT_OF_ROOM:
        return Unavailable(f"{error.filename}: {what}")
    return InvalidInput(f"{error.filename}: {what}")
