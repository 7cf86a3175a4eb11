"""The catalogs of bundles and packs on disk, with the files derived from them.

For each catalog there is a list of blobs to keep: artifacts in the store, which must
not be pruned. ``clonebundles.manifest``, for servers without hg-lfs, and
``pullbundles.manifest`` are derived from the bundles. The index of each pack is copied,
so that the pack itself need not be read.
"""

from __future__ import annotations

import abc
import contextlib
import os
import time
from collections.abc import Callable
from typing import Generic

from ...lfs.errors import StoreFailed
from ...lfs.store import files
from ...lfs.wire.blobstream import Item
from ...lfs.wire.wirejson import WireError
from .. import blobpack, manifest
from . import catalog as catalogs
from . import manifestentries, pullbundles
from .catalog import BLOBS, A, Bundle, Catalog, Newer, Pack
from .manifestentries import Destination
from .statefolder import LONGEST, StateFolder, content


class CatalogFile(abc.ABC, Generic[A]):
    """Read and change the catalog of one kind of artifacts.

    ``path`` is the file with the catalog, ``keep`` the file with the list of blobs to
    keep. Several processes can use the same file.
    """

    def __init__(self, folder: StateFolder, path: bytes, keep: bytes) -> None:
        self.folder = folder
        self.path = path
        self._keep = keep

    def read(self) -> Catalog[A]:
        """Read the catalog; return an empty one for a missing or corrupt file."""
        try:
            return self._decode(files.readbounded(self.path, LONGEST))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return Catalog()

    def change(self, how: Callable[[Catalog[A]], Catalog[A]]) -> Catalog[A]:
        """Apply ``how`` to the catalog, and update the files derived from it.

        Returns the new catalog. Each file is replaced atomically, even if this process
        is killed. Raises StoreFailed.
        """
        with self.folder.exclusive():
            self._checkknown()
            before = self.read()
            after = how(before)
            # keep the blobs of both: either may be advertised if this is killed
            self._keepblobs(before, after)
            if after != before:
                self._write(self.path, self._encode(after))
            self._follow(before, after)
            self._keepblobs(after)
            return after

    def notefailure(self, format: str, message: bytes) -> None:
        """Note one more failure of a format; raise StoreFailed."""
        words = message.decode('utf-8', 'replace')
        self.change(lambda old: old.failed(format, words, time.time()))

    @abc.abstractmethod
    def _encode(self, catalog: Catalog[A]) -> bytes:
        """Encode a catalog as the text of a document."""

    @abc.abstractmethod
    def _decode(self, text: bytes) -> Catalog[A]:
        """Decode the text of a document; raise ValueError."""

    @abc.abstractmethod
    def _follow(self, before: Catalog[A], after: Catalog[A]) -> None:
        """Write the files derived from a catalog, except the list of blobs to keep.

        ``before`` is the catalog before the change, ``after`` that after it.
        """

    def _write(self, path: bytes, text: bytes) -> None:
        self.folder.write(path, text)

    def _checkknown(self) -> None:
        """Raise an error if the file must not be overwritten.

        Raises OSError if the file cannot be read. Raises StoreFailed if a newer version
        of hg-lfs wrote it, because its content would be lost, and then its blobs would
        be removed. A corrupt file may be overwritten.
        """
        try:
            self._decode(files.readbounded(self.path, LONGEST))
        except FileNotFoundError:
            if not files.isabsent(self.path):
                raise
        except Newer as exc:
            raise StoreFailed(
                b'%s was written by a newer version of hg-lfs' % self.path,
                hint=b'use that version, or remove the file to begin anew',
            ) from exc
        except ValueError:
            pass

    def _keepblobs(self, *catalogs: Catalog[A]) -> None:
        digests = {
            one.digest for catalog in catalogs for one in catalog.files if one.at(BLOBS)
        }
        text = ''.join('%s\n' % digest for digest in sorted(digests)).encode('ascii')
        if text != content(self._keep):
            self._write(self._keep, text)


class BundleCatalogFile(CatalogFile[Bundle]):
    """The catalog of the bundles, from which the manifests are derived.

    ``destinations`` are the configured destinations. Bundles at other places are not
    advertised.
    """

    def __init__(
        self, folder: StateFolder, destinations: tuple[Destination, ...]
    ) -> None:
        super().__init__(folder, folder.path(b'catalog.json'), folder.paths.keep)
        self._destinations = destinations

    def handwritten(self, catalog: Catalog[Bundle]) -> list[manifest.ManifestLine]:
        """Return the lines of ``clonebundles.manifest`` that hg-lfs did not generate.

        ``catalog`` has the bundles whose lines were generated.
        """
        ours = manifestentries.urls(catalog)
        lines = manifest.parse(content(self.folder.paths.manifest))
        return [line for line in lines if line.url not in ours]

    def _encode(self, catalog: Catalog[Bundle]) -> bytes:
        return catalogs.encodebundles(catalog)

    def _decode(self, text: bytes) -> Catalog[Bundle]:
        return catalogs.decodebundles(text)

    def _follow(self, before: Catalog[Bundle], after: Catalog[Bundle]) -> None:
        self._writemanifest(before, after)
        self._writepullbundles(after)

    def _writemanifest(self, before: Catalog[Bundle], after: Catalog[Bundle]) -> None:
        path = self.folder.paths.manifest
        old = content(path)
        ours = manifestentries.urls(before) | manifestentries.urls(after)
        kept = [line for line in old.splitlines() if _url(line) not in ours]
        text = manifest.format(manifestentries.fixed(after, self._destinations))
        text += b''.join(line + b'\n' for line in kept)
        if not text and not after.advertised:
            files.discard(path)
        elif text != old or not os.path.exists(path):
            # also an empty one: it advertises bundles whose URLs depend on the client
            self._write(path, text)

    def _writepullbundles(self, after: Catalog[Bundle]) -> None:
        path = self.folder.paths.pullbundles
        old = content(path)
        folders = {one.name: one.local for one in self._destinations if one.local}
        text = pullbundles.merged(old, pullbundles.entries(after, folders))
        if old and not text:
            files.discard(path)
        elif text != old:
            self._write(path, text)


class PackCatalogFile(CatalogFile[Pack]):
    """The catalog of the packs, with copies of their indexes."""

    def __init__(self, folder: StateFolder) -> None:
        keep = folder.paths.keep + b'-packs'
        super().__init__(folder, folder.path(b'packs.json'), keep)

    def exists(self) -> bool:
        """Return whether there is a catalog of packs."""
        return os.path.exists(self.path)

    def items(self, pack: Pack) -> list[Item] | None:
        """Return the blobs in a pack, by the copy of its index; None if it is lost."""
        try:
            text = files.readbounded(self._index(pack), LONGEST)
            return blobpack.decodeindex(text)
        except (OSError, WireError):
            return None

    def note(self, pack: Pack, items: list[Item]) -> None:
        """Write a copy of a pack's index.

        The caller does this before it advertises the pack.
        """
        self._write(self._index(pack), blobpack.encodeindex(items))

    def _encode(self, catalog: Catalog[Pack]) -> bytes:
        return catalogs.encodepacks(catalog)

    def _decode(self, text: bytes) -> Catalog[Pack]:
        return catalogs.decodepacks(text)

    def _follow(self, before: Catalog[Pack], after: Catalog[Pack]) -> None:
        left = {pack.digest for pack in after.artifacts}
        for pack in before.artifacts:
            if pack.digest not in left:
                with contextlib.suppress(OSError):
                    files.discard(self._index(pack))

    def _index(self, pack: Pack) -> bytes:
        return self.folder.path(b'packs', pack.digest.encode('ascii'))


def _url(line: bytes) -> bytes:
    return (line.split(None, 1) or [b''])[0]
