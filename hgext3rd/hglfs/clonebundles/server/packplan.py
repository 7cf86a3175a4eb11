"""Decide which packs to generate, and which to retire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...lfs.wire.blobstream import Item
from .catalog import Pack

#: The most bytes of blobs in a pack, unless a single blob is larger.
_BYTES = 1 << 30
_BLOBS = 1 << 16
#: From this number of packs on, small ones are merged.
_MANY = 16


@dataclass(frozen=True)
class Held:
    """An existing pack with the blobs in it."""

    pack: Pack
    items: Sequence[Item]


@dataclass(frozen=True)
class PackPlan:
    """The packs to generate, each as its blobs, and the existing packs to retire."""

    made: Sequence[Sequence[Item]] = ()
    retired: Sequence[Pack] = ()


def plan(
    held: Sequence[Held], wanted: Mapping[bytes, int], ratio: float, most: int = _BYTES
) -> PackPlan:
    """Return the packs to generate and to retire.

    ``wanted`` are the oids and sizes of the blobs that should be in packs. Nothing
    changes while the packs in ``held`` contain at least the fraction ``ratio`` of the
    wanted bytes, and at least half of each pack is wanted. ``most`` is the maximum
    total size in bytes of the blobs in a pack.
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
    """Return whether at least half of a pack's bytes are wanted."""
    useful = sum(item.size for item in one.items if item.oid in wanted)
    return bool(useful) and 2 * useful >= one.pack.content


def _lacking(kept: Sequence[Held], wanted: Mapping[bytes, int]) -> dict[bytes, int]:
    there = {item.oid for one in kept for item in one.items}
    return {oid: size for oid, size in wanted.items() if oid not in there}


def split(wanted: Mapping[bytes, int], most: int) -> list[list[Item]]:
    """Split blobs, sorted by oid, into the items of packs of up to ``most`` bytes."""
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
