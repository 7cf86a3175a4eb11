"""A reply's body out of a file, which a WSGI server may send in a way of its own.

Format: PEP 3333, "Optional Platform-Specific File Handling".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import BinaryIO

from ..lfs.oid import CHUNK

#: In a request's environment: whether a FileBody may come in place of chunks.
_KEY = 'hglfs.filebody'


class FileBody:
    """A file from its ``start`` to its ``end``, in bytes; closed behind that."""

    def __init__(self, handle: BinaryIO, start: int, end: int) -> None:
        self._handle = handle
        self._left = end - start
        handle.seek(start)
        self._within: Generator | None = None

    def chunks(self, req) -> Iterator:
        """Yields the body, or itself where whoever asks knows what to do with it."""
        with contextlib.closing(self._handle):
            if req.rawenv.get(_KEY.encode('ascii')) and self._iswhole():
                yield self
                return
            # cut short meanwhile: the announced length tells the client
            while chunk := self.read(CHUNK):
                yield chunk

    def read(self, size: int) -> bytes:
        """Returns the next bytes, as a WSGI server's wrapper asks for them."""
        chunk = self._handle.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def __len__(self) -> int:
        return self._left

    def _iswhole(self) -> bool:
        # servers don't agree on whether a file begins where it has been read up to
        return self._left == os.fstat(self._handle.fileno()).st_size

    def fileno(self) -> int:
        """Returns the file's number, for a server that lets the system send it."""
        return self._handle.fileno()

    def close(self) -> None:
        """Ends the reply that the body is of."""
        self._handle.close()
        if self._within is not None:
            self._within.close()


def wrapped(app: Callable, env: dict, respond: Callable) -> Iterable[bytes]:
    """Returns the answer of hgweb, with a file as the server that runs it wants it."""
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
