"""Record which revisions have been verified, so that they are not verified again.

A revision is verified if its content is the blob that its pointer names. A node is a
SHA-1 of the parents, the metadata and the content of a revision, so a result is valid
forever. Format: a file with the node and the oid in hex on each line.
"""

from __future__ import annotations

import contextlib
import errno
import os

from . import files

#: The maximum size of the file in bytes: about two million revisions.
_LONGEST = 256 << 20


class Verdicts:
    """Keep pairs of a node and an oid in a file; thread safe.

    It is only a cache: errors of the file and incomplete lines are ignored.
    """

    def __init__(self, path: bytes, modes: files.Modes | None = None) -> None:
        self._path = path
        self._modes = modes or files.Modes()
        self._lines: set[bytes] | None = None

    def has(self, node: bytes, oid: bytes) -> bool:
        """Return whether the content of the revision was verified to be the blob."""
        return _line(node, oid) in self._known()

    def add(self, node: bytes, oid: bytes) -> None:
        """Record that the content of the revision was verified to be the blob."""
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
                if exc.errno == errno.EFBIG:  # start over
                    files.discard(self._path)
        return set()


def _line(node: bytes, oid: bytes) -> bytes:
    return b'%s %s' % (node.hex().encode('ascii'), oid)
