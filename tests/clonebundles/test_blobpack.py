"""The format of packs, and of the list that advertises them."""

from __future__ import annotations

import json

import pytest
from support.blobs import oidof
from support.packs import LARGE, OTHER, SMALL, URL, items, offered, packed

from hgext3rd.hglfs.clonebundles import blobpack
from hgext3rd.hglfs.lfs.wire.blobstream import Item
from hgext3rd.hglfs.lfs.wire.wirejson import WireError


def test_encoded_packs_are_decoded_to_the_same():
    packs = [offered(*SMALL), offered(*LARGE, urls=(URL, OTHER))]
    assert blobpack.decode(blobpack.encode(packs)) == packs
    assert blobpack.decode(blobpack.encode([])) == []


@pytest.mark.parametrize(
    'change',
    [
        {'digest': 'ab'},
        {'digest': None},
        {'size': -1},
        {'size': True},
        {'size': 1 << 50},
        {'size': '12'},
        {'index': 0},
        {'index': 1 << 30, 'size': 1 << 31},
        {'index': 100, 'size': 10},
        {'urls': []},
        {'urls': ['file:///etc/passwd']},
        {'urls': ['https://a b']},
        {'urls': ['https://a\nb']},
        {'urls': 'https://a'},
        {'urls': [URL] * 100},
    ],
)
def test_an_invalid_member_is_refused(change):
    document = json.loads(blobpack.encode([offered(*SMALL)]))
    document['packs'][0].update(change)
    with pytest.raises(WireError):
        blobpack.decode(json.dumps(document).encode('ascii'))


@pytest.mark.parametrize(
    'text', [b'', b'[]', b'{}', b'{"version": 2, "packs": []}', b'[' * 100000]
)
def test_an_invalid_document_is_refused(text):
    with pytest.raises(WireError):
        blobpack.decode(text)


def test_an_index_locates_each_blob():
    text = packed(*SMALL)
    listed = blobpack.decodeindex(text[: offered(*SMALL).index])
    for slot in blobpack.layout(listed, len(text)):
        assert oidof(text[slot.body : slot.end]) == slot.item.oid
        assert text[slot.start :].startswith(slot.item.encode())
    with pytest.raises(WireError):
        blobpack.layout(listed, len(text) + 1)


@pytest.mark.parametrize(
    'listed',
    [
        items(*SMALL)[::-1],
        items(*SMALL)[:1] * 2,
        [Item(oidof(b'x'), 10, 5)],
        [Item(oidof(b'x'), code=404)],
    ],
)
def test_an_index_with_duplicates_or_gaps_is_refused(listed):
    with pytest.raises(WireError):
        blobpack.decodeindex(blobpack.encodeindex(listed))
