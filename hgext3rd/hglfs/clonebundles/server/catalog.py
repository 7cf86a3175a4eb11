"""What bundles a repository has: one frozen value, and its form as JSON."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

#: How many failures in a row are counted; beyond that it makes no difference.
_MOSTTRIES = 20
#: By which a reader knows a catalog that it can't read.
_VERSION = 1


@dataclass(frozen=True)
class Place:
    """Where a bundle is: at a destination of the configuration.

    ``url`` is empty where it depends on who asks.
    """

    destination: str
    url: str


@dataclass(frozen=True)
class Bundle:
    """One bundle file.

    ``format`` is what was asked for, ``spec`` the exact BUNDLESPEC; ``heads`` are
    the hashes of the changesets that it ends in, ``revs`` their number with all
    ancestors, ``size`` the file's in bytes, ``digest`` its SHA-256. ``created`` and
    ``replaced``, the moment since which it isn't advertised, are in seconds.

    A base has in ``chain`` the increments that go on where it ends, in their order.
    An increment has in ``bases`` the parents of its changesets that it lacks; its
    ``heads`` are those of its own changesets, its ``revs`` is their number with what
    comes before them in the chain.
    """

    format: str
    spec: str
    heads: tuple[str, ...]
    revs: int
    size: int
    digest: str
    created: float
    replaced: float | None = None
    places: tuple[Place, ...] = ()
    increment: bool = False
    bases: tuple[str, ...] = ()
    chain: tuple[Bundle, ...] = ()

    @property
    def covers(self) -> int:
        """How many changesets are in it and its increments."""
        return self.chain[-1].revs if self.chain else self.revs

    @property
    def ends(self) -> tuple[str, ...]:
        """The heads of it and its increments: what they have is below these."""
        return tuple(head for one in (self, *self.chain) for head in one.heads)

    @property
    def chainsize(self) -> int:
        """How many bytes the increments have."""
        return sum(one.size for one in self.chain)

    @property
    def current(self) -> bool:
        """Whether clients are told of it."""
        return self.replaced is None

    @property
    def basename(self) -> str:
        """The name of the file wherever it has one; no two bundles share it."""
        format = re.sub(r'[^a-z0-9.-]+', '_', self.format)
        return '%s-%s-%d_revs-%s_tip-%s.hg' % (
            'part' if self.increment else 'full',
            format,
            self.revs,
            self.heads[-1][:12],
            self.digest[:12],
        )

    def at(self, destination: str) -> Place | None:
        """Returns where the bundle is at a destination, or None."""
        found = (place for place in self.places if place.destination == destination)
        return next(found, None)

    def lacking(self, revs: int) -> int:
        """Returns how many bytes a bundle of so many changesets would have more.

        An estimate: that the changesets since are as large as those before.
        """
        return max(0, revs - self.covers) * self.size // max(1, self.revs)

    def retired(self, now: float) -> tuple[Bundle, ...]:
        """Returns it and its increments, each on its own and advertised no more."""
        alone = (replace(self, chain=()), *self.chain)
        return tuple(replace(one, replaced=now) for one in alone)

    def cut(self, good: Callable[[Bundle], bool]) -> Bundle:
        """Returns it with its increments up to the first that isn't good."""
        return replace(self, chain=tuple(itertools.takewhile(good, self.chain)))


@dataclass(frozen=True)
class Failure:
    """Why there is no newer bundle of a format: how often in a row, when last."""

    format: str
    message: str
    when: float
    tries: int = 1


@dataclass(frozen=True)
class Catalog:
    """All bundles that there are, and what went wrong since the last of each."""

    bundles: tuple[Bundle, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def files(self) -> Iterator[Bundle]:
        """All that is a file somewhere: bundles, and increments."""
        for bundle in self.bundles:
            yield bundle
            yield from bundle.chain

    def current(self, format: str) -> Bundle | None:
        """Returns the bundle of a format that clients are told of, or None."""
        found = [b for b in self.bundles if b.current and b.format == format]
        return max(found, key=lambda bundle: bundle.created, default=None)

    def failure(self, format: str) -> Failure | None:
        """Returns what went wrong with a format last, or None."""
        found = (failure for failure in self.failures if failure.format == format)
        return next(found, None)

    def added(self, bundle: Bundle) -> Catalog:
        """Returns the catalog with a bundle in the place of the format's last."""
        former = self.retired(lambda old: old.format == bundle.format, bundle.created)
        former = former.without(bundle)
        return replace(
            former,
            bundles=(*former.bundles, bundle),
            failures=self._failuresbut(bundle.format),
        )

    def retired(self, which: Callable[[Bundle], bool], now: float) -> Catalog:
        """Returns the catalog with some bundles advertised no more."""
        found: list[Bundle] = []
        for bundle in self.bundles:
            goes = bundle.current and which(bundle)
            found += bundle.retired(now) if goes else [bundle]
        return replace(self, bundles=tuple(found))

    def cut(self, good: Callable[[Bundle], bool], now: float) -> Catalog:
        """Returns the catalog with each chain up to its first increment not good.

        The others are advertised no more.
        """
        found: list[Bundle] = []
        for bundle in self.bundles:
            kept = bundle.cut(good)
            gone = bundle.chain[len(kept.chain) :]
            found += [kept, *(replace(one, replaced=now) for one in gone)]
        return replace(self, bundles=tuple(found))

    def extended(self, base: Bundle, increment: Bundle) -> Catalog:
        """Returns the catalog with an increment more at a base's end.

        Where the base has become another meanwhile, it is advertised to nobody.
        """
        former = self.without(increment)
        longer = replace(base, chain=(*base.chain, increment))
        if base in former.bundles and base.current:
            after = tuple(longer if one == base else one for one in former.bundles)
        else:
            after = (*former.bundles, *increment.retired(increment.created))
        failures = self._failuresbut(increment.format)
        return replace(former, bundles=after, failures=failures)

    def without(self, bundle: Bundle) -> Catalog:
        """Returns the catalog without a bundle."""
        kept = tuple(b for b in self.bundles if b.basename != bundle.basename)
        return replace(self, bundles=kept)

    def failed(self, format: str, message: str, now: float) -> Catalog:
        """Returns the catalog with one more failure of a format."""
        before = self.failure(format)
        tries = min(_MOSTTRIES, before.tries + 1) if before else 1
        failure = Failure(format, message, now, tries)
        return replace(self, failures=(*self._failuresbut(format), failure))

    def _failuresbut(self, format: str) -> tuple[Failure, ...]:
        return tuple(one for one in self.failures if one.format != format)


def encode(catalog: Catalog) -> bytes:
    """Returns the catalog as a file has it."""
    document = {'version': _VERSION, **asdict(catalog)}
    return json.dumps(document, indent=1).encode('ascii') + b'\n'


class Newer(ValueError):
    """A file was written by a newer version of hg-lfs."""


def checkversion(found: Any, known: int) -> None:
    """Raise ValueError for a file of another version, Newer for a newer one."""
    if isinstance(found, int) and found > known:
        raise Newer('a file of version %d' % found)
    if found != known:
        raise ValueError('a file of version %r' % found)


def decode(text: bytes) -> Catalog:
    """Returns the catalog that a file has; raises ValueError for what is none."""
    try:
        document = json.loads(text)
        checkversion(document['version'], _VERSION)
        bundles = tuple(map(_bundle, document['bundles']))
        failures = tuple(Failure(**item) for item in document['failures'])
    except (AttributeError, KeyError, TypeError, RecursionError) as exc:
        raise ValueError('not a catalog') from exc
    return Catalog(bundles, failures)


def _bundle(item: dict[str, Any]) -> Bundle:
    places = tuple(Place(**place) for place in item.pop('places'))
    heads = tuple(item.pop('heads'))
    bases = tuple(item.pop('bases', ()))
    chain = tuple(map(_bundle, item.pop('chain', ())))
    return Bundle(heads=heads, places=places, bases=bases, chain=chain, **item)
