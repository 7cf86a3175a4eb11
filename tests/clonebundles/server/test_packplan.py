"""Which packs are generated, and which are retired."""

from __future__ import annotations

from support.packs import made

from hgext3rd.hglfs.clonebundles.server import packplan
from hgext3rd.hglfs.clonebundles.server.packplan import Held
from hgext3rd.hglfs.lfs.wire.blobstream import Item


def held(digest: str, *listed: Item) -> Held:
    return Held(made(digest, *listed), listed)


def sized(**sizes: int) -> list[Item]:
    return [Item(name.encode() * 64, size) for name, size in sizes.items()]


def asked(*listed: Item) -> dict[bytes, int]:
    return {item.oid: item.size for item in listed}


def test_unpacked_blobs_are_put_into_packs():
    a, b, c = sized(a=60, b=50, c=500)
    plan = packplan.plan([], asked(c, b, a), 0.9, most=120)
    assert plan == packplan.PackPlan([[a, b], [c]], [])
    assert packplan.plan([], {}, 0.9) == packplan.PackPlan()


def test_a_few_new_blobs_do_not_make_a_pack():
    a, b = sized(a=100, b=10)
    assert packplan.plan([held('1', a)], asked(a, b), 0.9) == packplan.PackPlan()
    assert packplan.plan([held('1', a)], asked(a, b), 0.95).made == [[b]]
    assert packplan.plan([held('1', a)], asked(a, b), 0.95).retired == []


def test_a_pack_of_mostly_unwanted_blobs_is_made_again():
    a, b, c = sized(a=100, b=110, c=50)
    old = held('1', a, b)
    plan = packplan.plan([old, held('2', c)], asked(a, c), 0.9)
    assert plan == packplan.PackPlan([[a]], [old.pack])
    # half of it is no more than a half
    half = held('1', *sized(a=100, b=100))
    assert packplan.plan([half], asked(a), 0.9) == packplan.PackPlan()
    assert packplan.plan([old], {}, 0.9) == packplan.PackPlan([], [old.pack])


def test_many_small_packs_are_merged():
    listed = [Item(b'%064d' % number, 10) for number in range(21)]
    there = [held(str(number), item) for number, item in enumerate(listed[:20])]
    plan = packplan.plan(there, asked(*listed), 1.0)
    assert plan.made == [listed]
    assert len(plan.retired) == 20
