"""Another Mercurial in this process: the real answers, without a connection."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hgext3rd.hglfs.lfs.errors import ConnectionFailed
from hgext3rd.hglfs.lfs.server import blobs
from hgext3rd.hglfs.lfs.store.intake import Intake
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

from .blobs import pieces
from .memory import MemoryStore


@dataclass
class LocalWire:
    """Serve ``store``; a Wire.

    ``breaks`` are the bytes after which the next packs break off; ``alter`` changes
    the answer to ``get``, ``altered`` those to ``have`` and ``put``; ``most`` is the
    size limit of a blob.
    """

    store: MemoryStore = field(default_factory=MemoryStore)
    breaks: list[int] = field(default_factory=list)
    alter: Callable[[bytes], bytes] = lambda stream: stream
    altered: Callable[[bytes], bytes] = lambda answer: answer
    name: bytes = b'ssh://far.example.com'
    reopens: bool = True
    most: int = 0
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def have(self, wanted: bytes) -> bytes:
        self.asked.append(('have', wanted))
        items = blobstream.Reader([wanted]).items()
        return self.altered(blobs.have(items, self.store, self.most))

    def get(self, wanted: bytes) -> Iterator[bytes]:
        self.asked.append(('get', wanted))
        items = list(blobstream.Reader([wanted]).items())
        stream = self.alter(b''.join(blobs.send(items, self.store)))
        upto = self.breaks.pop(0) if self.breaks else None
        yield from pieces(stream[:upto], 50000)
        if upto is not None:
            raise ConnectionFailed(b'the line broke', transient=True)
        self.asked.append(('read to its end', b''))

    def close(self) -> None:
        self.asked.append(('close', b''))

    def put(self, chunks: Iterable[bytes]) -> bytes:
        stream = b''.join(chunks)
        self.asked.append(('put', stream))
        if self.breaks:
            with contextlib.suppress(WireError):
                blobs.take(
                    blobstream.Reader([stream[: self.breaks.pop(0)]]), self.store
                )
            raise ConnectionFailed(b'the line broke', transient=True)
        reader = blobstream.Reader(pieces(stream, 50000))
        return self.altered(blobs.take(reader, Intake(self.store, self.most)))
