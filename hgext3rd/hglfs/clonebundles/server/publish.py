"""Brings bundles to where clients get them, and looks whether they are there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ...lfs.errors import LfsError, RemoteError, StoreFailed
from ...lfs.store import files
from ...lfs.store.api import LocalStore
from ...lfs.transfer.retry import Retry
from .catalog import Place

#: Yields what is at a URL, in chunks; raises RemoteError.
Fetch = Callable[[str], Iterator[bytes]]
#: Runs a shell command with variables; returns its status.
Run = Callable[[bytes, Mapping[bytes, bytes]], int]


class Artifact(Protocol):
    """A file that is made of some changesets: a bundle, or a pack of blobs."""

    @property
    def basename(self) -> str:
        """The name of the file wherever it has one."""
        ...

    @property
    def digest(self) -> str:
        """Its SHA-256, in hex digits."""
        ...

    @property
    def size(self) -> int:
        """Its bytes."""
        ...

    @property
    def heads(self) -> tuple[str, ...]:
        """The hashes of the changesets."""
        ...


class Publisher(Protocol):
    """A place for bundles. Each method raises an LfsError where it can't.

    All may be asked again for what is done already.
    """

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    def put(self, path: bytes, bundle: Artifact) -> str:
        """Brings a file there; returns its URL, or '' where that depends on who asks.

        Returns when whoever is told the URL can have the file.
        """
        ...

    def fetch(self, bundle: Artifact, url: str) -> Iterator[bytes]:
        """Yields what is there now, in chunks."""
        ...

    def remove(self, bundle: Artifact, url: str) -> None:
        """Removes a bundle; one that is gone already is no error."""
        ...


class Folder:
    """A folder on this machine, which somebody serves.

    ``fetchurl`` asks whoever that is for a file; None where that is the repository's
    own server, which is not asked.
    """

    def __init__(
        self,
        name: str,
        folder: bytes,
        template: str,
        modes: files.Modes | None = None,
        fetchurl: Fetch | None = None,
    ) -> None:
        self.name = name
        self._folder = folder
        self._template = template
        self._modes = modes or files.Modes()
        self._fetchurl = fetchurl

    def put(self, path: bytes, bundle: Artifact) -> str:
        """Copies the file, under its name at one go.

        A link would make what harms the one harm the other.
        """
        target = self._path(bundle)
        unseen = b''
        try:
            unseen, sink = files.createunseen(self._folder, self._modes)
            with open(path, 'rb') as source, sink:
                if not files.clone(source, sink):
                    for chunk in files.readchunks(source):
                        files.writeall(sink, chunk)
                os.fsync(sink.fileno())
            os.replace(unseen, target)
        except OSError as exc:
            if unseen:
                files.discard(unseen)
            raise _failed(b'write', target, exc) from exc
        files.syncfolder(self._folder)
        return expand(self._template, bundle)

    def fetch(self, bundle: Artifact, url: str) -> Iterator[bytes]:
        """Yields what clients get, or else what is in the folder."""
        if self._fetchurl is not None:
            yield from self._fetchurl(url)
            return
        path = self._path(bundle)
        try:
            with open(path, 'rb') as handle:
                yield from files.readchunks(handle)
        except OSError as exc:
            raise _failed(b'read', path, exc) from exc

    def remove(self, bundle: Artifact, url: str) -> None:
        """Removes the file."""
        path = self._path(bundle)
        try:
            # where the folder's disk isn't mounted, the file is not gone
            if self._fetchurl is not None or not files.isabsent(self._folder):
                os.stat(self._folder)
            files.discard(path)
        except OSError as exc:
            raise _failed(b'remove', path, exc) from exc

    def _path(self, bundle: Artifact) -> bytes:
        return os.path.join(self._folder, os.fsencode(bundle.basename))


class Commands:
    """Whatever two shell commands can reach."""

    def __init__(
        self,
        name: str,
        upload: bytes,
        delete: bytes | None,
        template: str,
        run: Run,
        fetchurl: Fetch,
    ) -> None:
        self.name = name
        self._upload = upload
        self._delete = delete
        self._template = template
        self._run = run
        self._fetchurl = fetchurl

    def put(self, path: bytes, bundle: Artifact) -> str:
        """Run the upload command on the file under its final name.

        As with Mercurial's own extension: commands such as ``cp`` take it from there.
        """
        url = expand(self._template, bundle)
        with _named(path, bundle.basename) as named:
            variables = {b'HGCB_BUNDLE_PATH': named}
            self._do(b'upload', self._upload, bundle, url, variables)
        return url

    def fetch(self, bundle: Artifact, url: str) -> Iterator[bytes]:
        """Yields what clients get."""
        return self._fetchurl(url)

    def remove(self, bundle: Artifact, url: str) -> None:
        """Runs the delete command; without one, bundles stay where they are."""
        if self._delete:
            self._do(b'delete', self._delete, bundle, url, {})

    def _do(
        self,
        what: bytes,
        command: bytes,
        bundle: Artifact,
        url: str,
        more: Mapping[bytes, bytes],
    ) -> None:
        name = os.fsencode(bundle.basename)
        status = self._run(
            command,
            {
                # Mercurial's own extension tells of the one and sets the other
                b'HGCB_BUNDLE_BASENAME': name,
                b'HGCB_BASENAME': name,
                b'HGCB_BUNDLE_URL': url.encode('utf-8'),
                **more,
            },
        )
        if status:
            # not the command itself, which may have a password
            raise RemoteError(
                b'the %s command of "%s" ended with status %d'
                % (what, self.name.encode('utf-8'), status),
                transient=True,
            )


class Blobs:
    """The repository's own blobs, which its server serves.

    ``needed`` returns whether a blob is one of the history, too.
    """

    def __init__(
        self, name: str, store: LocalStore, needed: Callable[[Artifact], bool]
    ) -> None:
        self.name = name
        self._store = store
        self._needed = needed

    def put(self, path: bytes, bundle: Artifact) -> str:
        """Makes the file a blob."""
        with open(path, 'rb') as handle:
            self._store.share(handle, _oid(bundle), bundle.size)
        self._store.flush()
        return ''

    def fetch(self, bundle: Artifact, url: str) -> Iterator[bytes]:
        """Yields the blob."""
        with self._store.open(_oid(bundle)) as handle:
            yield from files.readchunks(handle)

    def remove(self, bundle: Artifact, url: str) -> None:
        """Removes the blob, unless somebody has committed the same."""
        if not self._needed(bundle):
            self._store.remove(_oid(bundle))


def publish(
    destination: Publisher,
    path: bytes,
    bundle: Artifact,
    retry: Retry,
    sleep: Callable[[float], None] = time.sleep,
) -> Place:
    """Brings a bundle to a destination and looks whether it is there; tries again."""
    tries = 0
    while True:
        try:
            url = destination.put(path, bundle)
            try:
                check(destination, bundle, url)
            except LfsError:
                # no list names what is there now, so that it would stay for ever
                with contextlib.suppress(LfsError):
                    destination.remove(bundle, url)
                raise
            return Place(destination.name, url)
        except LfsError as exc:
            tries += 1
            if not retry.allows(exc, tries):
                raise
            sleep(retry.pause(exc, tries))


def check(destination: Publisher, bundle: Artifact, url: str) -> None:
    """Raises RemoteError where a bundle isn't at a destination as it was made."""
    hasher, size = hashlib.sha256(), 0
    for chunk in destination.fetch(bundle, url):
        hasher.update(chunk)
        size += len(chunk)
    where = b'what is at "%s" ' % destination.name.encode('utf-8')
    if size != bundle.size:
        words = b'has %d bytes instead of %d' % (size, bundle.size)
        raise RemoteError(where + words, transient=True)
    if hasher.hexdigest() != bundle.digest:
        raise RemoteError(where + b'is not the bundle that was made', transient=True)


def expand(template: str, bundle: Artifact) -> str:
    """Returns a bundle's URL, where ``{basename}`` stands for the file's name."""
    return template.replace('{basename}', urllib.parse.quote(bundle.basename))


@contextlib.contextmanager
def _named(path: bytes, basename: str) -> Iterator[bytes]:
    """Lend a file under a name of its own, in a folder of its own beside it."""
    try:
        with tempfile.TemporaryDirectory(
            prefix=b'upload-', dir=os.path.dirname(path)
        ) as folder:
            named = os.path.join(folder, os.fsencode(basename))
            files.linkorcopy(path, named, folder, files.Modes())
            yield named
    except OSError as exc:
        raise _failed(b'prepare', path, exc) from exc


def _oid(bundle: Artifact) -> bytes:
    return bundle.digest.encode('ascii')


def _failed(verb: bytes, path: bytes, exc: OSError) -> StoreFailed:
    why = os.fsencode(exc.strerror or str(exc))
    return StoreFailed(
        b'cannot %s a clone bundle: %s' % (verb, why),
        hint=b'check the free space and the permissions of %s' % os.path.dirname(path),
    )
