"""Downloads from packs: few requests, and nothing unverified."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.packs import LARGE, OTHER, SMALL, URL, items, offered, packed
from support.server import Reply
from support.transfers import RecordingWatch

from hgext3rd.hglfs.clonebundles import blobpack
from hgext3rd.hglfs.clonebundles.client.packremote import (
    PackRemote,
    PackUrls,
    Run,
    selectruns,
)
from hgext3rd.hglfs.lfs.errors import ConnectionFailed, HttpFailed, ReplyBroken

_RANGE = re.compile(r'bytes=([0-9]+)-([0-9]+)\Z')


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
    """Fetch contents as the queue does; return the store, the watch and the remote."""
    store = MemoryStore() if store is None else store
    watch = RecordingWatch()
    remote = PackRemote(b'https://hg.example.com/', hosts, Notes(), offers, ask)
    for plan in remote.plan('download', [refto(content) for content in wanted]):
        for run in plan.transfers:
            persist(run, remote, store, watch)
    assert watch.total == sum(len(store.blobs[oid]) for oid in watch.done)
    return store, watch, remote


def persist(run, remote, store, watch, most=20):
    for _try in range(most):
        with contextlib.suppress(ReplyBroken):
            return run.run(remote.connect(), store, watch)
    raise AssertionError('it is tried for ever')


@pytest.mark.parametrize('ranges', [True, False])
def test_a_whole_pack_takes_two_requests(ranges):
    hosts = Hosts(ranges, cdn=packed(*SMALL, *LARGE))
    store, watch, remote = fetch(hosts, SMALL + LARGE, offered(*SMALL, *LARGE))
    assert store.blobs == MemoryStore(*SMALL, *LARGE).blobs
    assert len(hosts.asked) == 2
    assert remote.failures == []
    assert sorted(watch.done) == sorted(store.blobs)


def test_only_wanted_blobs_are_taken():
    hosts = Hosts(cdn=packed(*SMALL, *LARGE))
    wanted = [*SMALL[:20], LARGE[1], b'in no pack' * 1000]
    store, _told, _remote = fetch(hosts, wanted, offered(*SMALL, *LARGE))
    assert set(store.blobs) <= set(map(oidof, wanted))
    assert oidof(LARGE[1]) in store.blobs
    # with another size it is another blob, whatever its name
    liar = blobpack.layout(items(*LARGE), len(packed(*LARGE)))
    left = {slot.item.oid: refto(b'short') for slot in liar}
    assert selectruns(liar, left) == []


def test_distant_blobs_are_requested_separately():
    contents = [b'%d' % number * (300 << 10) for number in range(10)]
    slots = blobpack.layout(items(*contents), len(packed(*contents)))
    found = selectruns(slots, {slots[at].item.oid: refto(contents[0]) for at in (0, 9)})
    assert found == [[slots[0]], [slots[9]]]
    found = selectruns(
        slots, {slots[at].item.oid: refto(contents[0]) for at in (0, 1, 3)}
    )
    assert found == [slots[:4]]


def test_a_few_blobs_are_not_fetched_from_packs():
    hosts = Hosts(cdn=packed(*SMALL))
    fetch(hosts, SMALL[:3], offered(*SMALL))
    assert hosts.asked == []


def test_urls_are_tried_in_turn():
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


def test_an_unreachable_host_is_tried_once():
    class Down(Hosts):
        def send(self, request):
            self.asked.append(request.url)
            raise ConnectionFailed(b'Connection refused')

    hosts = Down()
    offers = [offered(*SMALL), offered(*LARGE), offered(b'x', urls=(URL, OTHER))]
    _store, _told, remote = fetch(hosts, SMALL + LARGE, *offers)
    assert hosts.asked == [URL, OTHER]
    assert [one.last for one in remote.failures] == [True, True]


def test_a_damaged_blob_is_fetched_from_the_next_url_alone():
    text = packed(*SMALL, *LARGE)
    bad = text.replace(LARGE[0], LARGE[0][:-1] + b'x')
    there = offered(*SMALL, *LARGE, urls=(URL, OTHER))
    store, _told, remote = fetch(Hosts(cdn=bad), SMALL + LARGE, there)
    assert store.blobs == MemoryStore(*SMALL, *LARGE[1:]).blobs
    hosts = Hosts(cdn=bad, other=text)
    store, watch, remote = fetch(hosts, SMALL + LARGE, there)
    assert store.blobs == MemoryStore(*SMALL, *LARGE).blobs
    # the other place is asked for the one
    start, end = map(int, hosts.asked[-1].rpartition('=')[2].split('-'))
    assert hosts.asked[-1].startswith(OTHER)
    assert LARGE[0] in text[start : end + 1]
    assert end - start < len(LARGE[0]) + 200


def test_the_blobs_before_a_truncation_are_kept():
    text = packed(*SMALL, *LARGE)
    hosts = Hosts(cdn=text[: len(text) // 2])
    store, _told, remote = fetch(hosts, SMALL + LARGE, offered(*SMALL, *LARGE))
    assert 0 < len(store.blobs) < len(SMALL + LARGE)
    assert [one.last for one in remote.failures] == [True]
    assert len(hosts.asked) < 10


def test_a_broken_connection_is_resumed_inside_the_blob():
    contents = [b'%d' % number * (3 << 20) for number in range(3)]
    text = packed(*contents)
    hosts = Hosts(cdn=text)
    hosts.upto = [len(text), 5 << 20, 4 << 20]
    store, watch, _remote = fetch(hosts, contents, offered(*contents))
    assert store.blobs == MemoryStore(*contents).blobs
    starts = [int(_RANGE.match(one.split()[1]).group(1)) for one in hosts.asked]
    index = offered(*contents).index
    # within the second and the third blob, not at their starts
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
def test_a_host_that_sends_wrong_bytes_is_given_up(spoiled):
    there = offered(*SMALL)
    hosts = Hosts(cdn=spoiled(packed(*SMALL), there.index))
    store, watch, remote = fetch(hosts, SMALL, there)
    assert store.blobs == {}
    assert watch.done == []
    assert len(remote.failures) == 1
    assert len(hosts.asked) < 6


def test_a_reply_with_another_range_is_refused():
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


def test_expired_urls_are_renewed():
    hosts = Signed(1, cdn=packed(*SMALL))
    store, _told, remote = fetch(hosts, SMALL, *hosts.offers(), ask=hosts.offers)
    assert len(store.blobs) == len(SMALL)
    assert remote.failures == []
    assert hosts.signature == 2


def test_urls_that_are_never_valid_are_renewed_once():
    hosts = Signed(0, cdn=packed(*SMALL))
    store, _told, remote = fetch(hosts, SMALL, *hosts.offers(), ask=hosts.offers)
    assert store.blobs == {}
    assert [failure.error.status for failure in remote.failures] == [403]
    assert hosts.asked == ['403 1', '403 2']


def test_a_renewal_with_the_same_url_is_not_tried():
    hosts = Signed(0, cdn=packed(*SMALL))
    first = hosts.offers()
    store, _told, remote = fetch(hosts, SMALL, *first, ask=lambda: first)
    assert store.blobs == {}
    assert len(remote.failures) == 1
    assert hosts.asked == ['403 1']


def test_a_run_without_missing_blobs_sends_no_request():
    slots = blobpack.layout(items(*SMALL), len(packed(*SMALL)))
    hosts = Hosts()
    remote = PackRemote(b'x', hosts, Notes(), [])
    Run(PackUrls(offered(*SMALL), list), slots, {}, []).run(
        remote.connect(), MemoryStore(), RecordingWatch()
    )
    assert hosts.asked == []
