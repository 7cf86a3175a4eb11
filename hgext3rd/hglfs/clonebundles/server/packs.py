"""Which packs of blobs a repository has: one frozen value, and its form as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from .catalog import Failure, Place, checkversion

_VERSION = 1
#: How failures to make packs are told from those to make a bundle.
NAME = 'blobs'
_MOSTTRIES = 20


@dataclass(frozen=True)
class Pack:
    """One pack file.

    ``digest`` is its SHA-256, ``size`` its bytes and ``index`` those of its index;
    ``blobs`` is how many it has, of ``content`` bytes. ``heads`` are the hashes of the
    changesets whose files they were. ``created`` and ``replaced``, the moment since
    which it isn't advertised, are in seconds.
    """

    digest: str
    size: int
    index: int
    blobs: int
    content: int
    heads: tuple[str, ...]
    created: float
    replaced: float | None = None
    places: tuple[Place, ...] = ()

    @property
    def current(self) -> bool:
        """Whether clients are told of it."""
        return self.replaced is None

    @property
    def basename(self) -> str:
        """The name of the file wherever it has one."""
        return 'blobs-%s.pack' % self.digest

    def at(self, destination: str) -> Place | None:
        """Returns where the pack is at a destination, or None."""
        found = (place for place in self.places if place.destination == destination)
        return next(found, None)


@dataclass(frozen=True)
class Shelf:
    """All packs that there are.

    ``seen`` are the hashes of the changesets whose files were looked at last.
    """

    packs: tuple[Pack, ...] = ()
    seen: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def current(self) -> tuple[Pack, ...]:
        """The packs that clients are told of."""
        return tuple(pack for pack in self.packs if pack.current)

    def added(self, pack: Pack) -> Shelf:
        """Returns the shelf with a pack, which may have been there before."""
        return replace(self, packs=(*self.without(pack).packs, pack))

    def without(self, pack: Pack) -> Shelf:
        """Returns the shelf without a pack."""
        kept = tuple(one for one in self.packs if one.digest != pack.digest)
        return replace(self, packs=kept)

    def retired(self, which: Callable[[Pack], bool], now: float) -> Shelf:
        """Returns the shelf with some packs advertised no more."""
        packs = tuple(
            replace(pack, replaced=now) if pack.current and which(pack) else pack
            for pack in self.packs
        )
        return replace(self, packs=packs)

    def failed(self, message: str, now: float) -> Shelf:
        """Returns the shelf with one more failure."""
        tries = min(_MOSTTRIES, self.failure.tries + 1) if self.failure else 1
        return replace(self, failure=Failure(NAME, message, now, tries))


def encode(shelf: Shelf) -> bytes:
    """Returns the shelf as a file has it."""
    document = {'version': _VERSION, **asdict(shelf)}
    return json.dumps(document, indent=1).encode('ascii') + b'\n'


def decode(text: bytes) -> Shelf:
    """Returns the shelf that a file has; raises ValueError for what is none."""
    try:
        document = json.loads(text)
        checkversion(document['version'], _VERSION)
        packs = tuple(map(_pack, document['packs']))
        failure = document['failure']
        failure = Failure(**failure) if failure is not None else None
        return Shelf(packs, tuple(document['seen']), failure)
    except (AttributeError, KeyError, TypeError, RecursionError) as exc:
        raise ValueError('not a shelf') from exc


def _pack(item: dict[str, Any]) -> Pack:
    places = tuple(Place(**place) for place in item.pop('places'))
    heads = tuple(item.pop('heads'))
    return Pack(heads=heads, places=places, **item)
