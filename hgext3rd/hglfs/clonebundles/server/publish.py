"""Bring bundles and packs to where clients get them, and check that they are there."""

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
from .catalog import Artifact, Place

#: Yields what is at a URL, in chunks; raises RemoteError.
Fetch = Callable[[str], Iterator[bytes]]
#: Runs a shell command with variables; returns its status.
Run = Callable[[bytes, Mapping[bytes, bytes]], int]


class Publisher(Protocol):
    """A destination. Each method raises an LfsError where it fails.

    Implementations MUST allow each call to be repeated for what is done already.
    """

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Bring a file there; return its URL, or '' where that depends on the client.

        Clients can fetch the file when this returns.
        """
        ...

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield what is there now, in chunks."""
        ...

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove an artifact; one that is gone already is no error."""
        ...


class Folder:
    """A folder on this machine, which a web server serves.

    ``fetchurl`` fetches a file from that server; None where it is the repository's
    own, which is not asked.
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

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Copy the file, and give it its name at once.

        A link would make what harms the one harm the other.
        """
        target = self._path(artifact)
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
            raise _storefailed(b'write', target, exc) from exc
        files.syncfolder(self._folder)
        return expand(self._template, artifact)

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield what clients get, or else what is in the folder."""
        if self._fetchurl is not None:
            yield from self._fetchurl(url)
            return
        path = self._path(artifact)
        try:
            with open(path, 'rb') as handle:
                yield from files.readchunks(handle)
        except OSError as exc:
            raise _storefailed(b'read', path, exc) from exc

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove the file."""
        path = self._path(artifact)
        try:
            # where the folder's disk isn't mounted, the file is not gone
            if self._fetchurl is not None or not files.isabsent(self._folder):
                os.stat(self._folder)
            files.discard(path)
        except OSError as exc:
            raise _storefailed(b'remove', path, exc) from exc

    def _path(self, artifact: Artifact) -> bytes:
        return os.path.join(self._folder, os.fsencode(artifact.basename))


class Commands:
    """A destination that two shell commands reach."""

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

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Run the upload command on the file under its final name.

        As with Mercurial's own extension: commands such as ``cp`` take it from there.
        """
        url = expand(self._template, artifact)
        with _namedcopy(path, artifact.basename) as named:
            variables = {b'HGCB_BUNDLE_PATH': named}
            self._execute(b'upload', self._upload, artifact, url, variables)
        return url

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield what clients get."""
        return self._fetchurl(url)

    def remove(self, artifact: Artifact, url: str) -> None:
        """Run the delete command; without one, artifacts stay where they are."""
        if self._delete:
            self._execute(b'delete', self._delete, artifact, url, {})

    def _execute(
        self,
        what: bytes,
        command: bytes,
        artifact: Artifact,
        url: str,
        more: Mapping[bytes, bytes],
    ) -> None:
        name = os.fsencode(artifact.basename)
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

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Make the file a blob."""
        with open(path, 'rb') as handle:
            self._store.share(handle, _oid(artifact), artifact.size)
        self._store.flush()
        return ''

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield the blob."""
        with self._store.open(_oid(artifact)) as handle:
            yield from files.readchunks(handle)

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove the blob, unless the same is in the history."""
        if not self._needed(artifact):
            self._store.remove(_oid(artifact))


def publish(
    destination: Publisher,
    path: bytes,
    artifact: Artifact,
    retry: Retry,
    sleep: Callable[[float], None] = time.sleep,
) -> Place:
    """Bring an artifact to a destination and check that it is there; retry."""
    tries = 0
    while True:
        try:
            url = destination.put(path, artifact)
            try:
                check(destination, artifact, url)
            except LfsError:
                # no list names what is there now, so that it would stay for ever
                with contextlib.suppress(LfsError):
                    destination.remove(artifact, url)
                raise
            return Place(destination.name, url)
        except LfsError as exc:
            tries += 1
            if not retry.allows(exc, tries):
                raise
            sleep(retry.pause(exc, tries))


def check(destination: Publisher, artifact: Artifact, url: str) -> None:
    """Raise RemoteError where an artifact isn't at a destination as it was made."""
    hasher, size = hashlib.sha256(), 0
    for chunk in destination.fetch(artifact, url):
        hasher.update(chunk)
        size += len(chunk)
    where = b'what is at "%s" ' % destination.name.encode('utf-8')
    if size != artifact.size:
        words = b'has %d bytes instead of %d' % (size, artifact.size)
        raise RemoteError(where + words, transient=True)
    if hasher.hexdigest() != artifact.digest:
        raise RemoteError(where + b'is not the bundle that was made', transient=True)


def expand(template: str, artifact: Artifact) -> str:
    """Return an artifact's URL, where ``{basename}`` stands for the file's name."""
    return template.replace('{basename}', urllib.parse.quote(artifact.basename))


@contextlib.contextmanager
def _namedcopy(path: bytes, basename: str) -> Iterator[bytes]:
    """Lend a file under a name of its own, in a folder of its own beside it."""
    try:
        with tempfile.TemporaryDirectory(
            prefix=b'upload-', dir=os.path.dirname(path)
        ) as folder:
            named = os.path.join(folder, os.fsencode(basename))
            files.linkorcopy(path, named, folder, files.Modes())
            yield named
    except OSError as exc:
        raise _storefailed(b'prepare', path, exc) from exc


def _oid(artifact: Artifact) -> bytes:
    return artifact.digest.encode('ascii')


def _storefailed(verb: bytes, path: bytes, exc: OSError) -> StoreFailed:
    why = os.fsencode(exc.strerror or str(exc))
    return StoreFailed(
        b'cannot %s a clone bundle: %s' % (verb, why),
        hint=b'check the free space and the permissions of %s' % os.path.dirname(path),
    )
