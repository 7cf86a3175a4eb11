"""Which packs are to be made, and which are of no use any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...lfs.wire.blobstream import Item
from .catalog import Pack

#: A pack has no more bytes of blobs than so many, unless one blob alone has.
_BYTES = 1 << 30
_BLOBS = 1 << 16
#: Of more packs than so many the small ones are put together.
_MANY = 16


@dataclass(frozen=True)
class Held:
    """A pack that there is, and what it has."""

    pack: Pack
    items: Sequence[Item]


@dataclass(frozen=True)
class PackPlan:
    """Packs to be made, each of some blobs, and those that they make superfluous."""

    made: Sequence[Sequence[Item]] = ()
    retired: Sequence[Pack] = ()


def plan(
    held: Sequence[Held], wanted: Mapping[bytes, int], ratio: float, most: int = _BYTES
) -> PackPlan:
    """Returns what is to be done that clients find in packs the blobs that they want.

    ``wanted`` has their sizes. As long as the packs have more than this part of their
    bytes, and none has as many of others, all stays as it is.
    """
    kept = [one for one in held if _isuseful(one, wanted)]
    retired = [one.pack for one in held if one not in kept]
    lacking = _lacking(kept, wanted)
    total = sum(wanted.values())
    if not retired and sum(lacking.values()) <= (1 - ratio) * total:
        return PackPlan()
    if lacking and len(kept) >= _MANY:
        small = [one for one in kept if one.pack.content < most // 4]
        kept = [one for one in kept if one not in small]
        retired += [one.pack for one in small]
        lacking = _lacking(kept, wanted)
    return PackPlan(split(lacking, most), retired)


def _isuseful(one: Held, wanted: Mapping[bytes, int]) -> bool:
    """Tells whether at least half of a pack is wanted."""
    useful = sum(item.size for item in one.items if item.oid in wanted)
    return bool(useful) and 2 * useful >= one.pack.content


def _lacking(kept: Sequence[Held], wanted: Mapping[bytes, int]) -> dict[bytes, int]:
    there = {item.oid for one in kept for item in one.items}
    return {oid: size for oid, size in wanted.items() if oid not in there}


def split(wanted: Mapping[bytes, int], most: int) -> list[list[Item]]:
    """Returns blobs in the order of their oids, in groups for a pack each."""
    groups: list[list[Item]] = []
    free = 0
    for oid in sorted(wanted):
        size = wanted[oid]
        if not groups or size > free or len(groups[-1]) >= _BLOBS:
            groups.append([])
            free = most
        groups[-1].append(Item(oid, size))
        free -= size
    return groups
