"""Packs of blobs at rest: what is told of them, what is made, and what is taken."""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import replace

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import Reply
from support.told import Told

from hgext3rd.hglfs.clonebundles import blobpack
from hgext3rd.hglfs.clonebundles.blobpack import AdvertisedPack
from hgext3rd.hglfs.clonebundles.client.packremote import (
    PackRemote,
    PackUrls,
    Run,
    selectruns,
)
from hgext3rd.hglfs.clonebundles.server import catalog as catalogs
from hgext3rd.hglfs.clonebundles.server import packplan
from hgext3rd.hglfs.clonebundles.server.catalog import (
    BLOBS,
    PACKS,
    Catalog,
    Pack,
    Place,
)
from hgext3rd.hglfs.clonebundles.server.catalogfile import PackCatalogFile
from hgext3rd.hglfs.clonebundles.server.packplan import Held
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.errors import ConnectionFailed, HttpFailed, ReplyBroken
from hgext3rd.hglfs.lfs.store import files
from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

URL = 'https://cdn.example.com/pack'
OTHER = 'https://other.example.com/pack'
SMALL = [b'%d' % number * 50 for number in range(40)]
LARGE = [b'%d' % number * (700 << 10) for number in range(3)]
_RANGE = re.compile(r'bytes=([0-9]+)-([0-9]+)\Z')


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


class Hosts:
    """Serves texts at URLs, as whole or in parts; a Transport.

    ``upto`` is after how many bytes the next replies break off.
    """

    def __init__(self, ranges=True, **texts: bytes) -> None:
        self.texts = {'https://%s.example.com/pack' % k: v for k, v in texts.items()}
        self.ranges = ranges
        self.upto: list[int] = []
        self.asked: list[str] = []

    def fork(self):
        return self

    def send(self, request):
        self.asked.append('%s %s' % (request.url, request.headers['Range']))
        if request.url not in self.texts:
            raise HttpFailed(404, b'Not Found')
        text = self.texts[request.url]
        upto = self.upto.pop(0) if self.upto else None
        if not self.ranges:
            return Reply(text, {}, upto)
        start, end = map(int, _RANGE.match(request.headers['Range']).groups())
        place = 'bytes %d-%d/%d' % (start, min(end, len(text) - 1), len(text))
        return Reply(text[start : end + 1], {'content-range': place}, upto, 206)


def fetch(hosts, wanted, *offers, store=None, ask=tuple):
    """Fetches contents as the queue does; returns the store, Told and the remote."""
    store = MemoryStore() if store is None else store
    told = Told()
    remote = PackRemote(b'https://hg.example.com/', hosts, Notes(), offers, ask)
    for plan in remote.plan('download', [refto(content) for content in wanted]):
        for run in plan.transfers:
            persist(run, remote, store, told)
    assert told.total == sum(len(store.blobs[oid]) for oid in told.done)
    return store, told, remote


def persist(run, remote, store, told, most=20):
    for _try in range(most):
        with contextlib.suppress(ReplyBroken):
            return run.run(remote.connect(), store, told)
    raise AssertionError('it is tried for ever')


def test_what_is_told_is_what_is_read():
    told = [offered(*SMALL), offered(*LARGE, urls=(URL, OTHER))]
    assert blobpack.decode(blobpack.encode(told)) == told
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
def test_what_makes_no_sense_is_not_believed(change):
    document = json.loads(blobpack.encode([offered(*SMALL)]))
    document['packs'][0].update(change)
    with pytest.raises(WireError):
        blobpack.decode(json.dumps(document).encode('ascii'))


@pytest.mark.parametrize(
    'text', [b'', b'[]', b'{}', b'{"version": 2, "packs": []}', b'[' * 100000]
)
def test_another_document_is_not_believed(text):
    with pytest.raises(WireError):
        blobpack.decode(text)


def test_an_index_tells_where_each_blob_is():
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
def test_an_index_has_each_blob_once_and_whole(listed):
    with pytest.raises(WireError):
        blobpack.decodeindex(blobpack.encodeindex(listed))


@pytest.mark.parametrize('ranges', [True, False])
def test_all_comes_in_one_go(ranges):
    hosts = Hosts(ranges, cdn=packed(*SMALL, *LARGE))
    store, told, remote = fetch(hosts, SMALL + LARGE, offered(*SMALL, *LARGE))
    assert store.blobs == MemoryStore(*SMALL, *LARGE).blobs
    assert len(hosts.asked) == 2
    assert remote.failures == []
    assert sorted(told.done) == sorted(store.blobs)


def test_only_what_is_wanted_is_taken():
    hosts = Hosts(cdn=packed(*SMALL, *LARGE))
    wanted = [*SMALL[:20], LARGE[1], b'in no pack' * 1000]
    store, _told, _remote = fetch(hosts, wanted, offered(*SMALL, *LARGE))
    assert set(store.blobs) <= set(map(oidof, wanted))
    assert oidof(LARGE[1]) in store.blobs
    # of another size it is another blob, whatever its name
    liar = blobpack.layout(items(*LARGE), len(packed(*LARGE)))
    left = {slot.item.oid: refto(b'short') for slot in liar}
    assert selectruns(liar, left) == []


def test_what_is_far_apart_is_asked_for_apart():
    contents = [b'%d' % number * (300 << 10) for number in range(10)]
    slots = blobpack.layout(items(*contents), len(packed(*contents)))
    found = selectruns(slots, {slots[at].item.oid: refto(contents[0]) for at in (0, 9)})
    assert found == [[slots[0]], [slots[9]]]
    found = selectruns(
        slots, {slots[at].item.oid: refto(contents[0]) for at in (0, 1, 3)}
    )
    assert found == [slots[:4]]


def test_little_is_left_to_others():
    hosts = Hosts(cdn=packed(*SMALL))
    fetch(hosts, SMALL[:3], offered(*SMALL))
    assert hosts.asked == []


def test_one_place_after_the_other():
    hosts = Hosts(other=packed(*SMALL))
    store, _told, remote = fetch(hosts, SMALL, offered(*SMALL, urls=(URL, OTHER)))
    assert len(store.blobs) == len(SMALL)
    assert [(one.url, one.last) for one in remote.failures] == [(URL, False)]
    store, _told, remote = fetch(Hosts(), SMALL, offered(*SMALL, urls=(URL, OTHER)))
    assert store.blobs == {}
    assert [(one.url, one.last) for one in remote.failures] == [
        (URL, False),
        (OTHER, True),
    ]


def test_a_host_that_is_not_there_is_waited_for_once():
    class Down(Hosts):
        def send(self, request):
            self.asked.append(request.url)
            raise ConnectionFailed(b'Connection refused')

    hosts = Down()
    offers = [offered(*SMALL), offered(*LARGE), offered(b'x', urls=(URL, OTHER))]
    _store, _told, remote = fetch(hosts, SMALL + LARGE, *offers)
    assert hosts.asked == [URL, OTHER]
    assert [one.last for one in remote.failures] == [True, True]


def test_what_is_damaged_costs_itself_alone():
    text = packed(*SMALL, *LARGE)
    bad = text.replace(LARGE[0], LARGE[0][:-1] + b'x')
    there = offered(*SMALL, *LARGE, urls=(URL, OTHER))
    store, _told, remote = fetch(Hosts(cdn=bad), SMALL + LARGE, there)
    assert store.blobs == MemoryStore(*SMALL, *LARGE[1:]).blobs
    hosts = Hosts(cdn=bad, other=text)
    store, told, remote = fetch(hosts, SMALL + LARGE, there)
    assert store.blobs == MemoryStore(*SMALL, *LARGE).blobs
    # the other place is asked for the one
    start, end = map(int, hosts.asked[-1].rpartition('=')[2].split('-'))
    assert hosts.asked[-1].startswith(OTHER)
    assert LARGE[0] in text[start : end + 1]
    assert end - start < len(LARGE[0]) + 200


def test_what_is_cut_off_is_good_as_far_as_it_goes():
    text = packed(*SMALL, *LARGE)
    hosts = Hosts(cdn=text[: len(text) // 2])
    store, _told, remote = fetch(hosts, SMALL + LARGE, offered(*SMALL, *LARGE))
    assert 0 < len(store.blobs) < len(SMALL + LARGE)
    assert [one.last for one in remote.failures] == [True]
    assert len(hosts.asked) < 10


def test_it_goes_on_where_the_line_broke():
    contents = [b'%d' % number * (3 << 20) for number in range(3)]
    text = packed(*contents)
    hosts = Hosts(cdn=text)
    hosts.upto = [len(text), 5 << 20, 4 << 20]
    store, told, _remote = fetch(hosts, contents, offered(*contents))
    assert store.blobs == MemoryStore(*contents).blobs
    starts = [int(_RANGE.match(one.split()[1]).group(1)) for one in hosts.asked]
    index = offered(*contents).index
    # within the second and within the third, not at their beginnings
    assert starts[:2] == [0, index]
    assert index + (4 << 20) < starts[2] <= index + (5 << 20)
    assert starts[2] + (3 << 20) < starts[3] <= starts[2] + (4 << 20)


@pytest.mark.parametrize(
    'spoiled',
    [
        lambda text, index: b'<html>' * 10000,
        lambda text, index: text[:index] + b'x' * (len(text) - index),
        lambda text, index: b'',
        lambda text, index: text[index:] + text[:index],
        # another blob, whole, where one was announced
        lambda text, index: text[:index] + packed(*LARGE)[offered(*LARGE).index :],
        # a blob without an end
        lambda text, index: text[:index] + b'%s 9999999999999 0\n' % oidof(LARGE[0]),
        lambda text, index: text[:index] + b'%s - 404\n' % items(*SMALL)[0].oid,
    ],
)
def test_a_host_that_lies_is_not_believed(spoiled):
    there = offered(*SMALL)
    hosts = Hosts(cdn=spoiled(packed(*SMALL), there.index))
    store, told, remote = fetch(hosts, SMALL, there)
    assert store.blobs == {}
    assert told.done == []
    assert len(remote.failures) == 1
    assert len(hosts.asked) < 6


def test_another_part_than_was_asked_for_is_refused():
    class Elsewhere(Hosts):
        def send(self, request):
            reply = super().send(request)
            reply.headers['content-range'] = 'bytes 7-9/100'
            return reply

    store, _told, remote = fetch(Elsewhere(cdn=packed(*SMALL)), SMALL, offered(*SMALL))
    assert store.blobs == {}
    assert len(remote.failures) == 1


class Signed(Hosts):
    """Hosts whose URLs are valid for so many requests."""

    def __init__(self, uses: int, **texts: bytes) -> None:
        super().__init__(**texts)
        self.uses = uses
        self.signature = 0
        self.left = uses

    def offers(self):
        self.signature += 1
        self.left = self.uses
        return [offered(*SMALL, urls=('%s?%d' % (URL, self.signature),))]

    def send(self, request):
        bare, _mark, signature = request.url.partition('?')
        self.left -= 1
        if self.left < 0 or signature != str(self.signature):
            self.asked.append('403 %s' % signature)
            raise HttpFailed(403, b'Forbidden')
        return super().send(replace(request, url=bare))


def test_urls_that_expire_are_requested_again():
    hosts = Signed(1, cdn=packed(*SMALL))
    store, _told, remote = fetch(hosts, SMALL, *hosts.offers(), ask=hosts.offers)
    assert len(store.blobs) == len(SMALL)
    assert remote.failures == []
    assert hosts.signature == 2


def test_urls_that_are_never_valid_are_not_requested_for_ever():
    hosts = Signed(0, cdn=packed(*SMALL))
    store, _told, remote = fetch(hosts, SMALL, *hosts.offers(), ask=hosts.offers)
    assert store.blobs == {}
    assert [failure.error.status for failure in remote.failures] == [403]
    assert hosts.asked == ['403 1', '403 2']


def test_the_same_url_again_is_no_new_one():
    hosts = Signed(0, cdn=packed(*SMALL))
    first = hosts.offers()
    store, _told, remote = fetch(hosts, SMALL, *first, ask=lambda: first)
    assert store.blobs == {}
    assert len(remote.failures) == 1
    assert hosts.asked == ['403 1']


def test_a_run_with_nothing_left_asks_nobody():
    slots = blobpack.layout(items(*SMALL), len(packed(*SMALL)))
    hosts = Hosts()
    remote = PackRemote(b'x', hosts, Notes(), [])
    Run(PackUrls(offered(*SMALL), list), slots, {}, []).run(
        remote.connect(), MemoryStore(), Told()
    )
    assert hosts.asked == []


def made(digest: str, *listed: Item, **changed) -> Pack:
    content = sum(item.size for item in listed)
    fields = {'heads': ('1' * 40,), 'created': 1.0, **changed}
    return Pack(digest, content + 500, 500, len(listed), content, **fields)


def held(digest: str, *listed: Item) -> Held:
    return Held(made(digest, *listed), listed)


def sized(**sizes: int) -> list[Item]:
    return [Item(name.encode() * 64, size) for name, size in sizes.items()]


def asked(*listed: Item) -> dict[bytes, int]:
    return {item.oid: item.size for item in listed}


def test_packs_are_made_of_what_there_is():
    a, b, c = sized(a=60, b=50, c=500)
    plan = packplan.plan([], asked(c, b, a), 0.9, most=120)
    assert plan == packplan.PackPlan([[a, b], [c]], [])
    assert packplan.plan([], {}, 0.9) == packplan.PackPlan()


def test_few_new_blobs_are_not_worth_a_pack():
    a, b = sized(a=100, b=10)
    assert packplan.plan([held('1', a)], asked(a, b), 0.9) == packplan.PackPlan()
    assert packplan.plan([held('1', a)], asked(a, b), 0.95).made == [[b]]
    assert packplan.plan([held('1', a)], asked(a, b), 0.95).retired == []


def test_a_pack_of_waste_is_made_anew():
    a, b, c = sized(a=100, b=110, c=50)
    old = held('1', a, b)
    plan = packplan.plan([old, held('2', c)], asked(a, c), 0.9)
    assert plan == packplan.PackPlan([[a]], [old.pack])
    # half of it is no more than a half
    half = held('1', *sized(a=100, b=100))
    assert packplan.plan([half], asked(a), 0.9) == packplan.PackPlan()
    assert packplan.plan([old], {}, 0.9) == packplan.PackPlan([], [old.pack])


def test_small_packs_are_put_together_when_they_are_many():
    listed = [Item(b'%064d' % number, 10) for number in range(21)]
    there = [held(str(number), item) for number, item in enumerate(listed[:20])]
    plan = packplan.plan(there, asked(*listed), 1.0)
    assert plan.made == [listed]
    assert len(plan.retired) == 20


@pytest.fixture
def catalogfile(folder):
    home = os.path.join(folder, b'home')
    os.mkdir(home)
    names = (b'manifest', b'keep', b'pullbundles')
    paths = Paths(home, *(os.path.join(folder, name) for name in names))
    return PackCatalogFile(StateFolder(paths, 'host', files.Modes()))


def test_a_catalog_of_packs_has_what_was_added(catalogfile, folder):
    assert catalogfile.read() == Catalog()
    place = Place(BLOBS, '')
    one = made('ab' * 32, *items(*SMALL), places=(place,))
    two = made('cd' * 32, *items(*LARGE), places=(Place('web', URL),))
    catalogfile.note(one, items(*SMALL))
    catalogfile.change(
        lambda old: old.added(one).added(two).failed(PACKS, 'disk full', 5.0)
    )
    catalog = catalogfile.read()
    assert catalog.artifacts == (one, two)
    assert catalog.failure(PACKS).tries == 1
    assert catalogfile.items(one) == items(*SMALL)
    assert catalogfile.items(two) is None
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b'ab' * 32 + b'\n'
    catalog = catalogfile.change(lambda old: old.retired(lambda pack: pack == one, 9.0))
    assert catalog.advertised == (two,)
    assert catalog.artifacts[0].replaced == 9.0
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b'ab' * 32 + b'\n'
    catalogfile.change(lambda old: old.without(one))
    with open(os.path.join(folder, b'keep-packs'), 'rb') as handle:
        assert handle.read() == b''


@pytest.mark.parametrize('text', [b'', b'{}', b'[]', b'{"version": 9}'])
def test_what_is_no_catalog_of_packs_is_an_empty_one(catalogfile, text):
    with open(catalogfile.path, 'wb') as handle:
        handle.write(text)
    assert catalogfile.read() == Catalog()
    with pytest.raises(ValueError):  # noqa: PT011
        catalogs.decodepacks(text)
