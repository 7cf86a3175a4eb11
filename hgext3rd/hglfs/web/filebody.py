"""A reply's body from a file, which a WSGI server may send by sendfile().

Format: PEP 3333, "Optional Platform-Specific File Handling".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import BinaryIO

from ..lfs.oid import CHUNK

#: The key in a request's environment that allows a FileBody in place of chunks.
_KEY = 'hglfs.filebody'


class FileBody:
    """A part of an open file, from ``start`` to ``end`` in bytes; closes the file."""

    def __init__(self, handle: BinaryIO, start: int, end: int) -> None:
        self._handle = handle
        self._left = end - start
        handle.seek(start)
        self._within: Generator | None = None

    def chunks(self, req) -> Iterator:
        """Yield the body in chunks, or this object where the server can send it."""
        with contextlib.closing(self._handle):
            if req.rawenv.get(_KEY.encode('ascii')) and self._iswhole():
                yield self
                return
            # a file that was truncated is shorter than the announced length
            while chunk := self.read(CHUNK):
                yield chunk

    def read(self, size: int) -> bytes:
        """Return up to ``size`` more bytes; called by a WSGI server's file wrapper."""
        chunk = self._handle.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def __len__(self) -> int:
        return self._left

    def _iswhole(self) -> bool:
        # servers differ in whether they send a file from its start or its position
        return self._left == os.fstat(self._handle.fileno()).st_size

    def fileno(self) -> int:
        """Return the file descriptor, for a server that uses sendfile()."""
        return self._handle.fileno()

    def close(self) -> None:
        """Close the file, and end the reply."""
        self._handle.close()
        if self._within is not None:
            self._within.close()


def run(app: Callable, env: dict, respond: Callable) -> Iterable[bytes]:
    """Run hgweb; pass a FileBody in the reply to the server's ``wsgi.file_wrapper``."""
    wrapper = env.get('wsgi.file_wrapper')
    if wrapper is None or '/.hg/lfs/objects/' not in env.get('PATH_INFO', ''):
        return app(env, respond)
    body = app({**env, _KEY: True}, respond)
    first = next(body, b'')
    if isinstance(first, FileBody):
        first._within = body
        return wrapper(first, CHUNK)
    return _chained(first, body)


def _chained(first: bytes, body: Generator) -> Iterator[bytes]:
    with contextlib.closing(body):
        yield first
        yield from body
