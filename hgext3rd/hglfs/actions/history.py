"""A uniform interface to file histories of Mercurial and its extensions.

Mercurial has a revlog inside of a filelog. Shallow clones of remotefilelog have
neither: their histories are accessed by node only, and their ``rawdata`` method does
not return raw data.
"""

from __future__ import annotations

from typing import Any

from mercurial.revlogutils import constants


class _Shallow:
    """The methods of a revlog that hg-lfs uses, for a history of remotefilelog.

    Nodes take the place of revision numbers, as in remotefilelog itself.
    """

    def __init__(self, flog) -> None:
        self._flog = flog
        self.opener = flog.opener
        self.nullid = flog.repo.nullid
        self.target = (constants.KIND_FILELOG, flog.filename)
        self.display_id = flog.filename

    def rev(self, node: bytes) -> bytes:
        """Return the node, in place of its revision number."""
        return node

    node = rev

    def flags(self, node: bytes) -> int:
        """Return the flags of a revision."""
        return 0 if node == self.nullid else self._flog.flags(node)

    def rawdata(self, node: bytes) -> bytes:
        """Return the stored text of a revision."""
        return self._flog.revision(node, raw=True)

    def rawsize(self, node: bytes) -> int:
        """Return the size of the stored text of a revision, in bytes."""
        return len(self.rawdata(node))

    def parents(self, node: bytes) -> tuple[bytes, bytes]:
        """Return the parents of a revision in the file's history."""
        return self._flog.parents(node)


def of(flog) -> Any:
    """Return the revlog of a file's history, or an object with the same methods.

    Returns None for a file of hg-git, whose history is in a Git repository.
    """
    rlog = getattr(flog, '_revlog', None)
    if rlog is None and _isshallow(flog):
        return _Shallow(flog)
    return rlog


def viewof(rlog) -> Any:
    """Return the revlog for an argument that Mercurial passed to a flag processor.

    In shallow clones, flag processors receive a history of remotefilelog; this is
    wrapped in an object with the methods of a revlog.
    """
    return _Shallow(rlog) if _isshallow(rlog) else rlog


def _isshallow(flog) -> bool:
    return hasattr(flog, 'ancestormap') and hasattr(flog, 'filename')
