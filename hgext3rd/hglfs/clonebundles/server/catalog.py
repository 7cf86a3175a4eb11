"""The catalogs of bundles and packs as frozen values, and their JSON documents.

An *artifact* is a file that is generated from changesets and published for clients: a
bundle, or a pack, which is a file of blobs. A *catalog* has all artifacts of one kind.

Format, ours: a document is a JSON object with a ``version``. That of the bundles has
``bundles`` and ``failures``, that of the packs has ``packs``, ``seen`` and one
``failure``. Their members are the fields of the classes below, in the same order.
"""

from __future__ import annotations

import abc
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Generic, TypeVar

#: The name of the destination that stores artifacts as blobs of the repository.
BLOBS = 'store'
#: The ``format`` of a failure to generate packs.
PACKS = 'blobs'
#: The largest count of consecutive failures: the pause between tries is limited.
_MOSTTRIES = 20
#: The version of both documents.
_VERSION = 1


@dataclass(frozen=True)
class Place:
    """The URL of an artifact at a configured destination.

    ``url`` is empty if it is different for each client.
    """

    destination: str
    url: str


class Artifact(abc.ABC):
    """The base class of bundles and packs.

    ``digest`` is the file's SHA-256 in hex digits, ``size`` its length in bytes.
    ``heads`` are the hashes of the changesets from which it was generated, without
    their ancestors. ``created`` is the Unix time in seconds when it was generated.
    ``replaced`` is the Unix time since when it is no longer advertised, or None if it
    is advertised.
    """

    digest: str
    size: int
    heads: tuple[str, ...]
    created: float
    replaced: float | None
    places: tuple[Place, ...]

    @property
    @abc.abstractmethod
    def basename(self) -> str:
        """The unique file name of the artifact, for destinations that need one."""

    @property
    def series(self) -> str | None:
        """The name of the artifact's series, or None if it belongs to none.

        Only the newest artifact of a series is advertised.
        """
        return None

    @property
    def current(self) -> bool:
        """Whether the artifact is advertised to clients."""
        return self.replaced is None

    def at(self, destination: str) -> Place | None:
        """Return the place of the artifact at a destination, or None."""
        found = (place for place in self.places if place.destination == destination)
        return next(found, None)


@dataclass(frozen=True)
class Bundle(Artifact):
    """A bundle file: a base, or an increment.

    ``format`` is the configured format, ``spec`` the exact BUNDLESPEC. ``revs`` is the
    number of changesets that are ``heads`` or their ancestors.

    A base has its increments in ``chain``, in order. In an increment, ``heads`` are the
    heads of its own changesets. ``bases`` are the parents of its changesets that are
    not in the increment themselves. ``revs`` includes the changesets of the base and of
    all increments before.
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
        """The number of changesets in the bundle and its increments."""
        return self.chain[-1].revs if self.chain else self.revs

    @property
    def ends(self) -> tuple[str, ...]:
        """The heads of the bundle and its increments; some are ancestors of others."""
        return tuple(head for one in (self, *self.chain) for head in one.heads)

    @property
    def chainsize(self) -> int:
        """The size of all increments in bytes."""
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
        """The configured format: all bundles of one format belong to one series."""
        return self.format

    def lacking(self, revs: int) -> int:
        """Return the size in bytes of the changesets that are not in the bundle.

        ``revs`` is the number of all public changesets. The size is an estimate from
        the average size of a changeset in the bundle.
        """
        return max(0, revs - self.covers) * self.size // max(1, self.revs)

    def retired(self, now: float) -> tuple[Bundle, ...]:
        """Return the bundle and each of its increments, with ``replaced`` set.

        Thus they are no longer advertised. ``now`` is the Unix time in seconds.
        """
        alone = (replace(self, chain=()), *self.chain)
        return tuple(replace(one, replaced=now) for one in alone)

    def cut(self, good: Callable[[Bundle], bool]) -> Bundle:
        """Return the bundle with only those increments that precede the first bad one.

        ``good`` tests an increment.
        """
        return replace(self, chain=tuple(itertools.takewhile(good, self.chain)))


@dataclass(frozen=True)
class Pack(Artifact):
    """A pack file, with the blobs of some changesets.

    ``index`` is the size of its index in bytes, ``blobs`` the number of its blobs,
    ``content`` their total size in bytes.
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
        """Return the pack with ``replaced`` set, so that it is no longer advertised."""
        return (replace(self, replaced=now),)


@dataclass(frozen=True)
class Failure:
    """The last of several consecutive failures to generate or publish artifacts.

    ``format`` is the format of a bundle, or PACKS. ``when`` is a Unix time in seconds.
    ``tries`` is the number of consecutive failures, up to a limit.
    """

    format: str
    message: str
    when: float
    tries: int = 1


#: The kind of artifacts in a catalog.
A = TypeVar('A', Bundle, Pack)


@dataclass(frozen=True)
class Catalog(Generic[A]):
    """All artifacts of one kind, and the last failure of each format.

    A failure is removed after a success. ``seen`` are the hashes of the changesets
    whose blobs were last compared with the packs.
    """

    artifacts: tuple[A, ...] = ()
    failures: tuple[Failure, ...] = ()
    seen: tuple[str, ...] = ()

    @property
    def files(self) -> Iterator[A]:
        """All artifacts, with the increments of bundles."""
        for artifact in self.artifacts:
            yield artifact
            if isinstance(artifact, Bundle):
                yield from artifact.chain

    @property
    def advertised(self) -> tuple[A, ...]:
        """The artifacts that are advertised, without increments."""
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
        """Return the catalog with an artifact added.

        Other artifacts of its series are marked as no longer advertised, and failures
        of this series are removed. If the catalog has the same artifact already, it is
        replaced.
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
        """Return the catalog with some artifacts marked as no longer advertised.

        ``which`` selects the artifacts. ``now`` is the Unix time in seconds.
        """
        found: list[A] = []
        for artifact in self.artifacts:
            goes = artifact.current and which(artifact)
            found += artifact.retired(now) if goes else [artifact]
        return replace(self, artifacts=tuple(found))

    def cleared(self, now: float) -> Catalog[A]:
        """Return the catalog with all artifacts marked as no longer advertised.

        Failures and ``seen`` are emptied.
        """
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
        """Return the catalog with each chain cut before its first bad increment.

        ``good`` tests an increment. The increments after the cut stay in the catalog,
        but are not advertised.
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
        """Return the catalog with an increment appended to the chain of a base.

        If the base was changed or replaced since ``base`` was read, the increment is
        added to the catalog, but not advertised.
        """
        former: Catalog[Bundle] = self.without(increment).recovered(increment.format)
        longer = replace(base, chain=(*base.chain, increment))
        if base in former.artifacts and base.current:
            after = tuple(longer if one == base else one for one in former.artifacts)
        else:
            after = (*former.artifacts, *increment.retired(increment.created))
        return replace(former, artifacts=after)


class Newer(ValueError):
    """Raised if a document was written by a newer version of hg-lfs."""


def encodebundles(catalog: Catalog[Bundle]) -> bytes:
    """Encode the catalog of the bundles as a document."""
    return _encode(
        bundles=[asdict(one) for one in catalog.artifacts],
        failures=[asdict(one) for one in catalog.failures],
    )


def decodebundles(text: bytes) -> Catalog[Bundle]:
    """Decode a document; raise ValueError, or Newer for a newer version."""
    return _decode(
        text,
        lambda document: Catalog(
            tuple(map(_bundle, document['bundles'])),
            tuple(Failure(**item) for item in document['failures']),
        ),
    )


def encodepacks(catalog: Catalog[Pack]) -> bytes:
    """Encode the catalog of the packs as a document."""
    failure = catalog.failure(PACKS)
    return _encode(
        packs=[asdict(one) for one in catalog.artifacts],
        seen=catalog.seen,
        failure=asdict(failure) if failure is not None else None,
    )


def decodepacks(text: bytes) -> Catalog[Pack]:
    """Decode a document; raise ValueError, or Newer for a newer version."""

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
