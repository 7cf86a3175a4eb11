"""Packs for tests."""

from __future__ import annotations

from hgext3rd.hglfs.clonebundles import blobpack
from hgext3rd.hglfs.clonebundles.blobpack import AdvertisedPack
from hgext3rd.hglfs.clonebundles.server.catalog import Pack
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item
from support.blobs import oidof

URL = 'https://cdn.example.com/pack'
OTHER = 'https://other.example.com/pack'
SMALL = [b'%d' % number * 50 for number in range(40)]
LARGE = [b'%d' % number * (700 << 10) for number in range(3)]


def items(*contents: bytes) -> list[Item]:
    return sorted((Item(oidof(c), len(c)) for c in contents), key=lambda i: i.oid)


def packed(*contents: bytes) -> bytes:
    known = {oidof(content): content for content in contents}
    listed = items(*contents)
    frames = ((item, [known[item.oid]]) for item in listed)
    return blobpack.encodeindex(listed) + b''.join(blobstream.encode(frames))


def offered(*contents: bytes, urls=(URL,)) -> AdvertisedPack:
    text = packed(*contents)
    index = len(blobpack.encodeindex(items(*contents)))
    return AdvertisedPack(oidof(text).decode('ascii'), len(text), index, tuple(urls))


def made(digest: str, *listed: Item, **changed) -> Pack:
    content = sum(item.size for item in listed)
    fields = {'heads': ('1' * 40,), 'created': 1.0, **changed}
    return Pack(digest, content + 500, 500, len(listed), content, **fields)
