"""Turns the pure code's errors into Mercurial's, with their exit codes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mercurial import error

from ..model import errors

# Mercurial's own lfs aborts plainly for these, and calls all else storage errors
_PLAIN = (errors.BlobCorrupt, errors.BlobMangled, errors.EndpointUnusable)


def translate(exc: errors.LfsError) -> Exception:
    """Returns the exception that Mercurial shows for an error of ours."""
    if isinstance(exc, _PLAIN):
        return error.Abort(exc.message, hint=exc.hint)
    return error.StorageError(exc.message, hint=exc.hint)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Runs pure code for Mercurial; goes around every call from up there."""
    try:
        yield
    except errors.LfsError as exc:
        raise translate(exc) from exc
