"""Whether the running command continues without the blobs that no remote has.

The commands that can continue are wrapped. They list the files without blobs, and exit
with status 1. All of these commands load this module, so it imports only modules that
they load anyway.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from . import config


class _Running:
    """The state of the running command.

    ``offers`` is whether the command can continue without blobs, ``goeson`` whether it
    does. ``absent`` are the references to the blobs that it continues without.
    """

    offers = False
    goeson = False
    absent: list[Any] = []


@contextlib.contextmanager
def offering(ui) -> Iterator[list]:
    """Allow the command in this context to continue without blobs that no remote has.

    It continues if ``lfs.missing`` is ``placeholder``. Yields a list, to which ``note``
    adds the absent blobs. Raises ConfigError for an unknown value.
    """
    wanted = config.choice(ui, b'missing', (b'abort', b'placeholder'))
    kept = _Running.offers, _Running.goeson, _Running.absent
    _Running.offers, _Running.goeson = True, wanted == b'placeholder'
    _Running.absent = []
    try:
        yield _Running.absent
    finally:
        _Running.offers, _Running.goeson, _Running.absent = kept


def isoffered() -> bool:
    """Return whether the command fails for a missing blob, but could continue.

    If so, the hint of the error can suggest to set ``lfs.missing`` to ``placeholder``.
    """
    return _Running.offers and not _Running.goeson


def goeson() -> bool:
    """Return whether the command continues without blobs that no remote has."""
    return _Running.goeson


def note(ref) -> None:
    """Record that the command continues without the blob of ``ref``, a BlobRef."""
    if ref not in _Running.absent:
        _Running.absent.append(ref)
