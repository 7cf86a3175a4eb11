"""Which revisions were found to consist of which blob, so as not to ask again.

A revision's node is a SHA-1 over its parents, its metadata and its content; what it
was once found to be for a blob it is for ever. Format: a line for each, the node and
the oid in hex digits, added at the end of a file.
"""

from __future__ import annotations

import contextlib
import errno
import os

from . import files

#: The longest file that is read, in bytes: some two million revisions.
_LONGEST = 256 << 20


class Verdicts:
    """Remembers pairs of a node and an oid in a file. Safe between threads.

    It is a saving and no more: a file that can't be read or written is as good as
    an empty one, and a line cut short is as good as none.
    """

    def __init__(self, path: bytes, modes: files.Modes | None = None) -> None:
        self._path = path
        self._modes = modes or files.Modes()
        self._lines: set[bytes] | None = None

    def has(self, node: bytes, oid: bytes) -> bool:
        """Tells whether the revision is known to consist of the blob."""
        return _line(node, oid) in self._known()

    def add(self, node: bytes, oid: bytes) -> None:
        """Remembers that the revision was found to consist of the blob."""
        line = _line(node, oid)
        if line in self._known():
            return
        self._known().add(line)
        with contextlib.suppress(OSError):
            files.makefolders(os.path.dirname(self._path), self._modes)
            files.append(self._path, b'\n%s\n' % line, self._modes)

    def _known(self) -> set[bytes]:
        if self._lines is None:
            self._lines = self._read()
        return self._lines

    def _read(self) -> set[bytes]:
        with contextlib.suppress(OSError):
            try:
                return set(files.readbounded(self._path, _LONGEST).splitlines())
            except OSError as exc:
                if exc.errno == errno.EFBIG:  # it begins anew
                    files.discard(self._path)
        return set()


def _line(node: bytes, oid: bytes) -> bytes:
    return b'%s %s' % (node.hex().encode('ascii'), oid)
