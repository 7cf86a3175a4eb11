"""The bundles and the packs of a repository as frozen values, and their JSON documents.

An *artifact* is a file made of some changesets and published for clients: a bundle, or
a pack, which is a file of blobs. A *catalog* has all artifacts of one kind.

Format, ours: a document is a JSON object with a ``version``. That of the bundles has
the ``bundles`` and ``failures``, that of the packs has the ``packs``, ``seen`` and one
``failure``. The members are the fields of the classes here, in their order.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Generic, TypeVar

#: The destination whose artifacts are blobs of the repository.
BLOBS = 'store'
#: The name under which a failure to make packs is noted; bundles have their format.
PACKS = 'blobs'
#: How many failures in a row are counted; beyond that it makes no difference.
_MOSTTRIES = 20
#: The version of both documents.
_VERSION = 1


@dataclass(frozen=True)
class Place:
    """Where an artifact is: at a destination of the configuration.

    ``url`` is empty where it depends on the client.
    """

    destination: str
    url: str


class Artifact:
    """A file made of some changesets: what bundles and packs have in common.

    ``digest`` is the file's SHA-256 in hex digits, ``size`` its length in bytes;
    ``heads`` are the hashes of the changesets that it ends in. ``created`` and
    ``replaced``, the time since which it isn't advertised, are in seconds.
    """

    digest: str
    size: int
    heads: tuple[str, ...]
    created: float
    replaced: float | None
    places: tuple[Place, ...]

    @property
    def basename(self) -> str:
        """The name of the file wherever it has one; no two artifacts share it."""
        raise NotImplementedError

    @property
    def series(self) -> str | None:
        """What it is a version of, of which only the newest is current, or None."""
        return None

    @property
    def current(self) -> bool:
        """Whether it is advertised to clients."""
        return self.replaced is None

    def at(self, destination: str) -> Place | None:
        """Return where it is at a destination, or None."""
        found = (place for place in self.places if place.destination == destination)
        return next(found, None)


@dataclass(frozen=True)
class Bundle(Artifact):
    """One bundle file.

    ``format`` is what was asked for, ``spec`` the exact BUNDLESPEC; ``revs`` is the
    number of its ``heads`` with all ancestors.

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
    def basename(self) -> str:
        """See Artifact."""
        format = re.sub(r'[^a-z0-9.-]+', '_', self.format)
        return '%s-%s-%d_revs-%s_tip-%s.hg' % (
            'part' if self.increment else 'full',
            format,
            self.revs,
            self.heads[-1][:12],
            self.digest[:12],
        )

    @property
    def series(self) -> str | None:
        """The bundles of one format are a series."""
        return self.format

    def lacking(self, revs: int) -> int:
        """Return how many bytes a bundle of so many changesets would have more.

        An estimate: that the changesets since are as large as those before.
        """
        return max(0, revs - self.covers) * self.size // max(1, self.revs)

    def retired(self, now: float) -> tuple[Bundle, ...]:
        """Return it and its increments, each on its own and advertised no more."""
        alone = (replace(self, chain=()), *self.chain)
        return tuple(replace(one, replaced=now) for one in alone)

    def cut(self, good: Callable[[Bundle], bool]) -> Bundle:
        """Return it with its increments up to the first that isn't good."""
        return replace(self, chain=tuple(itertools.takewhile(good, self.chain)))


@dataclass(frozen=True)
class Pack(Artifact):
    """One pack file, with the blobs that some changesets have.

    ``index`` is how many bytes its index has, ``blobs`` how many blobs it has, of
    ``content`` bytes together.
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
    def basename(self) -> str:
        """See Artifact."""
        return 'blobs-%s.pack' % self.digest

    def retired(self, now: float) -> tuple[Pack, ...]:
        """Return it advertised no more."""
        return (replace(self, replaced=now),)


@dataclass(frozen=True)
class Failure:
    """Why there is no newer artifact: how often in a row, and when last.

    ``format`` is that of a bundle, or PACKS.
    """

    format: str
    message: str
    when: float
    tries: int = 1


#: The kind of artifact that a catalog has.
A = TypeVar('A', Bundle, Pack)


@dataclass(frozen=True)
class Catalog(Generic[A]):
    """All artifacts of one kind, and what went wrong since the last of each.

    ``seen`` are the hashes of the changesets whose files were last looked at for packs.
    """

    artifacts: tuple[A, ...] = ()
    failures: tuple[Failure, ...] = ()
    seen: tuple[str, ...] = ()

    @property
    def files(self) -> Iterator[A]:
        """All that is a file somewhere: artifacts, and the increments of bundles."""
        for artifact in self.artifacts:
            yield artifact
            if isinstance(artifact, Bundle):
                yield from artifact.chain

    @property
    def advertised(self) -> tuple[A, ...]:
        """The artifacts that are current."""
        return tuple(one for one in self.artifacts if one.current)

    def current(self, series: str) -> A | None:
        """Return the current artifact of a series, or None."""
        found = [one for one in self.advertised if one.series == series]
        return max(found, key=lambda one: one.created, default=None)

    def failure(self, format: str) -> Failure | None:
        """Return the last failure of a format, or None."""
        found = (failure for failure in self.failures if failure.format == format)
        return next(found, None)

    def added(self, artifact: A) -> Catalog[A]:
        """Return the catalog with an artifact, which may have been there before.

        It takes the place of the last of its series, whose failures end by it.
        """
        former: Catalog[A] = self._superseded(artifact).without(artifact)
        return replace(former, artifacts=former.artifacts + (artifact,))

    def _superseded(self, artifact: A) -> Catalog[A]:
        series = artifact.series
        if series is None:
            return self
        now = artifact.created
        return self.retired(lambda old: old.series == series, now).recovered(series)

    def retired(self, which: Callable[[A], bool], now: float) -> Catalog[A]:
        """Return the catalog with some artifacts advertised no more."""
        found: list[A] = []
        for artifact in self.artifacts:
            goes = artifact.current and which(artifact)
            found += artifact.retired(now) if goes else [artifact]
        return replace(self, artifacts=tuple(found))

    def cleared(self, now: float) -> Catalog[A]:
        """Return the catalog with nothing advertised, and all else forgotten."""
        return Catalog(self.retired(lambda one: True, now).artifacts)

    def without(self, artifact: A) -> Catalog[A]:
        """Return the catalog without an artifact."""
        kept = (one for one in self.artifacts if one.basename != artifact.basename)
        return replace(self, artifacts=tuple(kept))

    def failed(self, format: str, message: str, now: float) -> Catalog[A]:
        """Return the catalog with one more failure of a format."""
        before = self.failure(format)
        tries = min(_MOSTTRIES, before.tries + 1) if before else 1
        failure = Failure(format, message, now, tries)
        former: Catalog[A] = self.recovered(format)
        return replace(former, failures=(*former.failures, failure))

    def recovered(self, format: str) -> Catalog[A]:
        """Return the catalog without failures of a format."""
        kept = tuple(one for one in self.failures if one.format != format)
        return replace(self, failures=kept)

    def cut(
        self: Catalog[Bundle], good: Callable[[Bundle], bool], now: float
    ) -> Catalog[Bundle]:
        """Return the catalog with each chain up to its first increment not good.

        The others are advertised no more.
        """
        found: list[Bundle] = []
        for bundle in self.artifacts:
            kept = bundle.cut(good)
            gone: tuple[Bundle, ...] = bundle.chain[len(kept.chain) :]
            found += [kept, *(replace(one, replaced=now) for one in gone)]
        return replace(self, artifacts=tuple(found))

    def extended(
        self: Catalog[Bundle], base: Bundle, increment: Bundle
    ) -> Catalog[Bundle]:
        """Return the catalog with an increment more at a base's end.

        Where the base has changed in the meantime, the increment is not advertised.
        """
        former: Catalog[Bundle] = self.without(increment).recovered(increment.format)
        longer = replace(base, chain=(*base.chain, increment))
        if base in former.artifacts and base.current:
            after = tuple(longer if one == base else one for one in former.artifacts)
        else:
            after = (*former.artifacts, *increment.retired(increment.created))
        return replace(former, artifacts=after)


class Newer(ValueError):
    """A file was written by a newer version of hg-lfs."""


def encodebundles(catalog: Catalog[Bundle]) -> bytes:
    """Return the document of a catalog of bundles."""
    return _encode(
        bundles=[asdict(one) for one in catalog.artifacts],
        failures=[asdict(one) for one in catalog.failures],
    )


def decodebundles(text: bytes) -> Catalog[Bundle]:
    """Return the catalog of a document; raise ValueError, Newer for a newer version."""
    return _decode(
        text,
        lambda document: Catalog(
            tuple(map(_bundle, document['bundles'])),
            tuple(Failure(**item) for item in document['failures']),
        ),
    )


def encodepacks(catalog: Catalog[Pack]) -> bytes:
    """Return the document of a catalog of packs."""
    failure = catalog.failure(PACKS)
    return _encode(
        packs=[asdict(one) for one in catalog.artifacts],
        seen=catalog.seen,
        failure=asdict(failure) if failure is not None else None,
    )


def decodepacks(text: bytes) -> Catalog[Pack]:
    """Return the catalog of a document; raise ValueError, Newer for a newer version."""

    def decoded(document: dict[str, Any]) -> Catalog[Pack]:
        packs = tuple(map(_pack, document['packs']))
        failure = document['failure']
        failures = (Failure(**failure),) if failure is not None else ()
        return Catalog(packs, failures, tuple(document['seen']))

    return _decode(text, decoded)


def _encode(**members: Any) -> bytes:
    document = {'version': _VERSION, **members}
    return json.dumps(document, indent=1).encode('ascii') + b'\n'


def _decode(text: bytes, decoded: Callable[[dict[str, Any]], Catalog[A]]) -> Catalog[A]:
    try:
        document = json.loads(text)
        version = document['version']
        if isinstance(version, int) and version > _VERSION:
            raise Newer('a file of version %d' % version)
        if version != _VERSION:
            raise ValueError('a file of version %r' % version)
        return decoded(document)
    except (AttributeError, KeyError, TypeError, RecursionError) as exc:
        raise ValueError('not a catalog') from exc


def _bundle(item: dict[str, Any]) -> Bundle:
    places = tuple(Place(**place) for place in item.pop('places'))
    heads = tuple(item.pop('heads'))
    bases = tuple(item.pop('bases', ()))
    chain = tuple(map(_bundle, item.pop('chain', ())))
    return Bundle(heads=heads, places=places, bases=bases, chain=chain, **item)


def _pack(item: dict[str, Any]) -> Pack:
    places = tuple(Place(**place) for place in item.pop('places'))
    heads = tuple(item.pop('heads'))
    return Pack(heads=heads, places=places, **item)
