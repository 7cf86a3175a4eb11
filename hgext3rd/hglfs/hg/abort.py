"""Turns the pure code's errors into Mercurial's, with their exit codes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mercurial import error
from mercurial.utils import stringutil

from ..lfs import errors, words

# of what these say Mercurial's own lfs says nothing, or nothing in these words
_NAMED = (
    errors.StoreFailed,
    errors.BlobMissing,
    errors.BlobTooLarge,
    errors.ReplyBroken,
    errors.SizeMangled,
)
# Mercurial's own lfs aborts plainly for these, and calls all else storage errors
_PLAIN = (errors.BlobCorrupt, errors.BlobMangled, errors.EndpointUnusable)


def translate(exc: errors.LfsError, path: bytes | None = None) -> Exception:
    """Returns the exception that Mercurial shows for an error of ours.

    ``path`` is the file that it is about, where the error itself can't know.
    """
    message, path = exc.message, exc.path or path
    if path and isinstance(exc, _NAMED):
        message = b'%s: %s' % (words.shown(path), message)
    if isinstance(exc, _PLAIN):
        return error.Abort(message, hint=exc.hint)
    return error.StorageError(message, hint=exc.hint)


@contextlib.contextmanager
def refused(source: bytes) -> Iterator[None]:
    """Refuse what is pushed over a wire where the store or the locks fail.

    Mercurial's server knows no answer to its storage errors, and says HTTP 500.
    """
    try:
        yield
    except error.StorageError as exc:
        if source != b'serve':
            raise
        refusal = error.Abort(stringutil.forcebytestr(exc), hint=exc.hint)
        # what core has noted of the reply it is to be a part of
        vars(refusal).update(vars(exc), hint=exc.hint, message=refusal.message)
        raise refusal from exc


@contextlib.contextmanager
def translated(path: bytes | None = None) -> Iterator[None]:
    """Runs pure code for Mercurial; goes around every call from up there."""
    try:
        yield
    except errors.LfsError as exc:
        raise translate(exc, path) from exc
