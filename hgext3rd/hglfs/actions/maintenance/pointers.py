"""Find the pointers in a file's history, including those that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mercurial import error, policy
from mercurial.utils import stringutil

from ...lfs import words
from ...lfs.errors import PointerError
from ...lfs.pointer import Pointer
from ...lfs.store import files
from .. import history, scan

_mpatch = policy.importmod('mpatch')
#: The exceptions that reading a damaged history raises.
DAMAGE = (PointerError, error.StorageError, _mpatch.mpatchError, OSError)


@dataclass(frozen=True)
class LargeRevision:
    """A large revision of a file, with the revlog of that file.

    ``pointer`` is None if the pointer cannot be read; ``mistake`` is then the reason.
    """

    path: bytes
    rlog: Any
    node: bytes
    pointer: Pointer | None
    mistake: bytes = b''


def offile(
    repo, path: bytes, nodes: Iterable[bytes] | None = None
) -> Iterator[LargeRevision]:
    """Yield the large revisions of a file; with ``nodes``, only those among them.

    Censored revisions are left out. If the history cannot be opened, raises one of the
    exceptions in ``DAMAGE``. In a shallow clone, the caller MUST give ``nodes``.
    """
    rlog = history.of(repo.file(path))
    for node in map(rlog.node, rlog) if nodes is None else nodes:
        try:
            pointer = scan.ofrevision(rlog, node)
        except DAMAGE as exc:
            yield LargeRevision(path, rlog, node, None, reason(exc))
        else:
            if pointer is not None:
                yield LargeRevision(path, rlog, node, pointer)


def reason(exc: BaseException) -> bytes:
    """Return, as a short text, why a history cannot be read.

    ``exc`` is the exception that reading it raised.
    """
    if isinstance(exc, PointerError):
        return exc.message
    if isinstance(exc, OSError):
        return words.shown(files.reason(exc))
    return words.shown(stringutil.forcebytestr(exc).strip())
