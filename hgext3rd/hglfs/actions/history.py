"""One view of a file's history, whichever class of Mercurial or an extension has it.

Core keeps a revlog inside of a filelog. The shallow clones of remotefilelog have
neither: their histories are read by node alone, and their ``rawdata`` is no raw data.
"""

from __future__ import annotations

from typing import Any

from mercurial.revlogutils import constants


class _Shallow:
    """A history of remotefilelog's, with the part of a revlog's interface that we use.

    Nodes stand for revision numbers, as they do in remotefilelog itself.
    """

    def __init__(self, flog) -> None:
        self._flog = flog
        self.opener = flog.opener
        self.nullid = flog.repo.nullid
        self.target = (constants.KIND_FILELOG, flog.filename)
        self.display_id = flog.filename

    def rev(self, node: bytes) -> bytes:
        """Return what stands for the revision number of a node."""
        return node

    node = rev

    def flags(self, node: bytes) -> int:
        """Return the flags of a revision."""
        return 0 if node == self.nullid else self._flog.flags(node)

    def rawdata(self, node: bytes) -> bytes:
        """Return what is stored for a revision."""
        return self._flog.revision(node, raw=True)

    def rawsize(self, node: bytes) -> int:
        """Return the length of that."""
        return len(self.rawdata(node))

    def parents(self, node: bytes) -> tuple[bytes, bytes]:
        """Return the parents of a revision within the file's history."""
        return self._flog.parents(node)


def of(flog) -> Any:
    """Return the revlog of a file's history, or what serves as one; None for neither.

    hg-git has file contexts whose histories are in a Git repository.
    """
    rlog = getattr(flog, '_revlog', None)
    if rlog is None and _isshallow(flog):
        return _Shallow(flog)
    return rlog


def viewof(rlog) -> Any:
    """Return the same for what a flag processor is called with: either of them."""
    return _Shallow(rlog) if _isshallow(rlog) else rlog


def _isshallow(flog) -> bool:
    return hasattr(flog, 'ancestormap') and hasattr(flog, 'filename')
