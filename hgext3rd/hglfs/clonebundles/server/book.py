"""Keeps the catalog of a repository on disk, and what follows from it.

That is ``clonebundles.manifest``, for whoever serves the repository without us, and
the list of blobs that are bundles, which nobody may prune.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...lfs.errors import StoreFailed
from ...lfs.store import files
from .. import manifest
from . import catalog as catalogs
from . import formats, lease, pullbundles
from .catalog import Bundle, Catalog, Place

#: The destination whose bundles are blobs of the repository.
BLOBS = 'store'
#: To write the catalog takes a moment; whoever waits for longer, in seconds, gives up.
_PATIENCE = 30.0
_EXPIRES = 60.0
#: The longest file that is read, in bytes: it has hashes of many heads.
LONGEST = 256 << 20


@dataclass(frozen=True)
class Paths:
    """The files: state in the folder ``home``, the manifest, the blobs to keep."""

    home: bytes
    manifest: bytes
    keep: bytes
    pullbundles: bytes


@dataclass(frozen=True)
class Destination:
    """What an entry needs to know of a destination: its attributes for clients.

    ``local`` is where its bundles are below ``.hg``, if they are there: a template
    as those of URLs.
    """

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    local: str = ''


class Book:
    """Reads and changes a repository's catalog. Safe between processes."""

    def __init__(self, paths: Paths, host: str, modes: files.Modes) -> None:
        self.paths = paths
        self._host = host
        self._modes = modes
        self._file = os.path.join(paths.home, b'catalog.json')

    @property
    def worker(self) -> lease.Lease:
        """A lease for the one process that makes bundles."""
        return lease.Lease(
            os.path.join(self.paths.home, b'worker'), self._host, self._modes
        )

    def read(self) -> Catalog:
        """Returns the catalog; an empty one where there is none, or a broken one."""
        try:
            return catalogs.decode(files.readbounded(self._file, LONGEST))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return Catalog()

    def change(
        self,
        how: Callable[[Catalog], Catalog],
        destinations: tuple[Destination, ...],
    ) -> Catalog:
        """Changes the catalog, and the files that follow from it; returns the new one.

        A reader sees the old or the new one, also where this process is killed.
        Raises StoreFailed.
        """
        with self.alone():
            checkknown(self._file, catalogs.decode)
            before = self.read()
            after = how(before)
            # nothing may be pruned that is told of, before or after
            self._keepblobs(before, after)
            if after != before:
                self._write(self._file, catalogs.encode(after))
            self._writemanifest(before, after, destinations)
            self._writepullbundles(after, destinations)
            self._keepblobs(after)
            return after

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps others from changing anything here; raises StoreFailed.

        So do failures to write what is changed meanwhile.
        """
        with self._told(), self._locked():
            yield

    def keepmaking(self, digest: str | None) -> None:
        """Has a blob kept that is to become a bundle, or none; for the one worker.

        It may take long until that is everywhere, and in the catalog.
        """
        path = self.paths.keep + b'-making'
        with self._told():
            if digest is None:
                files.discard(path)
            else:
                self._write(path, b'%s\n' % digest.encode('ascii'))

    def handwritten(self, catalog: Catalog) -> list[manifest.ManifestLine]:
        """Returns the lines of the manifest that are not ours."""
        ours = {url.encode('utf-8') for url in _urls(catalog)}
        lines = manifest.parse(self._text())
        return [line for line in lines if line.url not in ours]

    def _text(self) -> bytes:
        return _content(self.paths.manifest)

    def _writemanifest(
        self, before: Catalog, after: Catalog, destinations: tuple[Destination, ...]
    ) -> None:
        old = self._text()
        ours = {url.encode('utf-8') for cat in (before, after) for url in _urls(cat)}
        kept = [li for li in old.splitlines() if not _isone(li, ours)]
        known = {one.name: one for one in destinations}
        fixed = [
            entry(bundle, place.url, known[place.destination])
            for bundle, place in ordered(after, destinations)
            if place.url
        ]
        text = manifest.format(fixed) + b''.join(line + b'\n' for line in kept)
        if not text and not any(bundle.current for bundle in after.bundles):
            files.discard(self.paths.manifest)
        elif text != old or not os.path.exists(self.paths.manifest):
            # an empty one says that there are bundles, of which only we know where
            self._write(self.paths.manifest, text)

    def _writepullbundles(
        self, after: Catalog, destinations: tuple[Destination, ...]
    ) -> None:
        path = self.paths.pullbundles
        old = _content(path)
        folders = {one.name: one.local for one in destinations if one.local}
        text = pullbundles.merged(old, pullbundles.entries(after, folders))
        if old and not text:
            files.discard(path)
        elif text != old:
            self._write(path, text)

    def _keepblobs(self, *catalogs: Catalog) -> None:
        oids = {
            bundle.digest
            for catalog in catalogs
            for bundle in catalog.files
            if bundle.at(BLOBS)
        }
        text = ''.join('%s\n' % oid for oid in sorted(oids)).encode('ascii')
        if text != _content(self.paths.keep):
            self._write(self.paths.keep, text)

    def _write(self, path: bytes, text: bytes) -> None:
        unseen, handle = files.createunseen(os.path.dirname(path), self._modes)
        try:
            with handle:
                files.writeall(handle, text)
                os.fsync(handle.fileno())
            os.replace(unseen, path)
        except BaseException:
            files.discard(unseen)
            raise
        files.syncfolder(os.path.dirname(path))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = lease.Lease(
            os.path.join(self.paths.home, b'lock'), self._host, self._modes, _EXPIRES
        )
        until = time.monotonic() + _PATIENCE
        while not lock.take():
            if time.monotonic() > until:
                raise StoreFailed(
                    b'the catalog of the clone bundles is locked',
                    hint=b'see who has %s/lock' % self.paths.home,
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            why = os.fsencode(exc.strerror or str(exc))
            raise StoreFailed(
                b'cannot write the catalog of the clone bundles: %s' % why,
                hint=b'check the free space and the permissions of %s'
                % self.paths.home,
            ) from exc


def ordered(
    catalog: Catalog, destinations: tuple[Destination, ...]
) -> list[tuple[Bundle, Place]]:
    """Returns the bundles that clients are told of, where they are, the best first.

    Of equals goes first what the configuration names first.
    """
    found = []
    for bundle in catalog.bundles:
        for order, destination in enumerate(destinations):
            place = bundle.at(destination.name) if bundle.current else None
            if place is not None:
                key = formats.rank(bundle.format), order, -bundle.created
                found.append((key, bundle, place))
    found.sort(key=lambda item: item[0])
    return [(bundle, place) for _key, bundle, place in found]


def entry(bundle: Bundle, url: str, destination: Destination) -> manifest.Entry:
    """Returns a bundle's line."""
    pairs = [
        ('BUNDLESPEC', bundle.spec),
        ('DIGEST', 'sha256:%s' % bundle.digest),
        ('SIZE', '%d' % bundle.size),
        *destination.attributes,
    ]
    attributes = [(key.encode('utf-8'), value.encode('utf-8')) for key, value in pairs]
    if url.lower().startswith('https://'):
        attributes.append(manifest.SNI)
    return manifest.Entry(url.encode('utf-8'), tuple(attributes))


def _content(path: bytes) -> bytes:
    try:
        return files.readbounded(path, LONGEST)
    except FileNotFoundError:
        return b''


def checkknown(path: bytes, decode: Callable[[bytes], object]) -> None:
    """Verify that what a file has is known before it is written anew.

    Raises OSError for one that can't be reached, and StoreFailed for one that a newer
    version wrote: what it has would be forgotten, and its blobs removed. One that
    makes no sense is begun anew.
    """
    try:
        decode(files.readbounded(path, LONGEST))
    except FileNotFoundError:
        if not files.isabsent(path):
            raise
    except catalogs.Newer as exc:
        raise StoreFailed(
            b'%s was written by a newer version of hg-lfs' % path,
            hint=b'use that version, or remove the file to begin anew',
        ) from exc
    except ValueError:
        pass


def _isone(line: bytes, urls: set[bytes]) -> bool:
    return line.split(None, 1)[:1] != [] and line.split(None, 1)[0] in urls


def _urls(catalog: Catalog) -> set[str]:
    return {place.url for one in catalog.files for place in one.places if place.url}
