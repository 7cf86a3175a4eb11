"""Translate ``LfsError`` into Mercurial's errors, with their exit codes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mercurial import error
from mercurial.utils import stringutil

from ..lfs import errors, words

# errors that get the file's name in front: stock has no message for them, or another
_NAMED = (
    errors.StoreFailed,
    errors.BlobMissing,
    errors.BlobTooLarge,
    errors.ReplyBroken,
    errors.SizeMangled,
)
# as in stock, these are plain aborts, and all others are storage errors
_PLAIN = (errors.BlobCorrupt, errors.BlobMangled, errors.EndpointUnusable)


def translate(exc: errors.LfsError, path: bytes | None = None) -> Exception:
    """Return the Mercurial exception for an LfsError.

    ``path`` is the file concerned, for errors that do not have a path.
    """
    message, path = exc.message, exc.path or path
    if path and isinstance(exc, _NAMED):
        message = b'%s: %s' % (words.shown(path), message)
    if isinstance(exc, _PLAIN):
        return error.Abort(message, hint=exc.hint)
    return error.StorageError(message, hint=exc.hint)


@contextlib.contextmanager
def refused(source: bytes) -> Iterator[None]:
    """Turn storage errors in a received push into aborts, which the client displays.

    Mercurial's server would reply to a storage error with HTTP 500. ``source`` is the
    source of the changegroup, as Mercurial names it: ``serve`` for a push over the
    wire. Errors in changegroups from other sources are raised unchanged.
    """
    try:
        yield
    except error.StorageError as exc:
        if source != b'serve':
            raise
        refusal = error.Abort(stringutil.forcebytestr(exc), hint=exc.hint)
        # attributes that core has set for its reply
        vars(refusal).update(vars(exc), hint=exc.hint, message=refusal.message)
        raise refusal from exc


@contextlib.contextmanager
def translated(path: bytes | None = None) -> Iterator[None]:
    """Translate errors of ``lfs/`` in the context; see ``translate``."""
    try:
        yield
    except errors.LfsError as exc:
        raise translate(exc, path) from exc
