"""Publish bundles and packs at destinations, and verify what is there."""

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
from ...lfs.store.api import LocalStore, Watch
from ...lfs.transfer.retry import Retry
from .catalog import Artifact, Place

#: Downloads a URL; yields chunks; raises RemoteError.
Fetch = Callable[[str], Iterator[bytes]]
#: Runs a shell command with environment variables; returns its exit status.
Run = Callable[[bytes, Mapping[bytes, bytes]], int]


class Publisher(Protocol):
    """A destination. Each method raises an LfsError where it fails.

    Calls MUST be idempotent, because they are repeated even if they have succeeded
    before.
    """

    @property
    def name(self) -> str:
        """The name of the destination in the configuration."""
        ...

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Publish a file; return its URL, or '' where that depends on the client.

        Clients MUST be able to download the file when this returns.
        """
        ...

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield the published file in chunks, as clients download it."""
        ...

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove an artifact; a missing one is not an error."""
        ...


class Folder:
    """A folder on this machine, which is served by a web server.

    ``fetchurl`` downloads from that server; it is None for the folder of inline
    bundles, which is read directly.
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
        """Copy the file under a temporary name, and rename it.

        It is not hard-linked: damage to one file would be damage to both.
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
        """Yield the file from the web server, or from the folder."""
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
            # not where the folder's disk is not mounted: the file may still exist
            if self._fetchurl is not None or not files.isabsent(self._folder):
                os.stat(self._folder)
            files.discard(path)
        except OSError as exc:
            raise _storefailed(b'remove', path, exc) from exc

    def _path(self, artifact: Artifact) -> bytes:
        return os.path.join(self._folder, os.fsencode(artifact.basename))


class Commands:
    """A destination with shell commands for upload and removal."""

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

        The name matters to commands such as ``cp``. Mercurial's clonebundles extension
        does the same.
        """
        url = expand(self._template, artifact)
        with _namedcopy(path, artifact.basename) as named:
            variables = {b'HGCB_BUNDLE_PATH': named}
            self._execute(b'upload', self._upload, artifact, url, variables)
        return url

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield the file from its URL."""
        return self._fetchurl(url)

    def remove(self, artifact: Artifact, url: str) -> None:
        """Run the delete command, if there is one; otherwise keep the artifact."""
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
                # Mercurial's clonebundles extension documents one and sets the other
                b'HGCB_BUNDLE_BASENAME': name,
                b'HGCB_BASENAME': name,
                b'HGCB_BUNDLE_URL': url.encode('utf-8'),
                **more,
            },
        )
        if status:
            # without the command itself, which may contain a password
            raise RemoteError(
                b'the %s command of "%s" ended with status %d'
                % (what, self.name.encode('utf-8'), status),
                transient=True,
            )


class Blobs:
    """The store of the repository, whose blobs its server serves.

    ``needed`` returns whether an artifact is also a large file in the history.
    """

    def __init__(
        self, name: str, store: LocalStore, needed: Callable[[Artifact], bool]
    ) -> None:
        self.name = name
        self._store = store
        self._needed = needed

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Add the file to the store."""
        with open(path, 'rb') as handle:
            self._store.share(handle, _oid(artifact), artifact.size)
        self._store.flush()
        return ''

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield the blob."""
        with self._store.open(_oid(artifact)) as handle:
            yield from files.readchunks(handle)

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove the blob, unless it is also a large file in the history."""
        if not self._needed(artifact):
            self._store.remove(_oid(artifact))


def publish(
    destination: Publisher,
    path: bytes,
    artifact: Artifact,
    retry: Retry,
    sleep: Callable[[float], None] = time.sleep,
    watch: Watch = iter,
) -> Place:
    """Publish an artifact at a destination and verify it; retry on failure.

    ``watch`` observes the chunks that are fetched back.
    """
    tries = 0
    while True:
        try:
            url = destination.put(path, artifact)
            try:
                check(destination, artifact, url, watch)
            except LfsError:
                # it is in no catalog yet, and so would never be removed
                with contextlib.suppress(LfsError):
                    destination.remove(artifact, url)
                raise
            return Place(destination.name, url)
        except LfsError as exc:
            tries += 1
            if not retry.allows(exc, tries):
                raise
            sleep(retry.pause(exc, tries))


def check(
    destination: Publisher, artifact: Artifact, url: str, watch: Watch = iter
) -> None:
    """Verify an artifact at a destination; raise RemoteError for a difference."""
    hasher, size = hashlib.sha256(), 0
    for chunk in watch(iter(destination.fetch(artifact, url))):
        hasher.update(chunk)
        size += len(chunk)
    where = b'what is at "%s" ' % destination.name.encode('utf-8')
    if size != artifact.size:
        words = b'has %d bytes instead of %d' % (size, artifact.size)
        raise RemoteError(where + words, transient=True)
    if hasher.hexdigest() != artifact.digest:
        raise RemoteError(where + b'is not the bundle that was made', transient=True)


def expand(template: str, artifact: Artifact) -> str:
    """Return the URL of an artifact: replace ``{basename}`` in a template."""
    return template.replace('{basename}', urllib.parse.quote(artifact.basename))


@contextlib.contextmanager
def _namedcopy(path: bytes, basename: str) -> Iterator[bytes]:
    """Yield a link to a file, or a copy, under a name in a temporary folder."""
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
    why = files.reason(exc)
    return StoreFailed(
        b'cannot %s a clone bundle: %s' % (verb, why),
        hint=b'check the free space and the permissions of %s' % os.path.dirname(path),
    )
