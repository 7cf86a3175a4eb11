"""Whether the running command goes on without the blobs that no remote has.

The commands that can do so are wrapped, and end with status 1 after they have named the
files. This module is loaded by them all, so it imports only what is loaded before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from . import config


class _Running:
    """Whether the command could go on, whether it does, and without which blobs."""

    offers = False
    goeson = False
    absent: list[Any] = []


@contextlib.contextmanager
def offering(ui) -> Iterator[list]:
    """Mark a command that can go on in this context; yield the absent blobs.

    It does if ``lfs.missing`` says so. Raises ConfigError for an unknown value.
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
    """Return whether the user could have the command go on, and has not done so."""
    return _Running.offers and not _Running.goeson


def goeson() -> bool:
    """Return whether the command goes on without blobs."""
    return _Running.goeson


def note(ref) -> None:
    """Note that the command goes on without a blob."""
    if ref not in _Running.absent:
        _Running.absent.append(ref)
