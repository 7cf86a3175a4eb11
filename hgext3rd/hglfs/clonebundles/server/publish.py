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
    """A destination, to which artifacts are published.

    Each method raises an LfsError if it fails. Implementations MUST be idempotent: a
    method may be called again after it has succeeded.
    """

    @property
    def name(self) -> str:
        """The name of the destination in the configuration."""
        ...

    def put(self, path: bytes, artifact: Artifact) -> str:
        """Publish a file; return its URL, or '' if that is different for each client.

        The implementation MUST NOT return before clients can download the file.
        """
        ...

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Yield the published file in chunks, as clients download it."""
        ...

    def remove(self, artifact: Artifact, url: str) -> None:
        """Remove an artifact; a missing one is not an error."""
        ...


class Folder:
    """A destination that is a folder on this machine, served by a web server.

    ``template`` is for URLs; see ``expand``. ``fetchurl`` downloads from the web
    server. It is None for the folder of inline bundles, whose files are read directly.
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
        """Copy the file into the folder, under a temporary name, and then rename it.

        The file is not hard-linked, because damage to one link would damage both.
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
    """A destination to which files are uploaded, and deleted, by shell commands."""

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
        """Run the upload command; return the artifact's URL.

        The command gets a copy of the file that already has its final name, as from
        Mercurial's clonebundles extension: commands such as ``cp`` keep that name.
        """
        url = expand(self._template, artifact)
        with _namedcopy(path, artifact.basename) as named:
            variables = {b'HGCB_BUNDLE_PATH': named}
            self._execute(b'upload', self._upload, artifact, url, variables)
        return url

    def fetch(self, artifact: Artifact, url: str) -> Iterator[bytes]:
        """Download the file from its URL; yield chunks."""
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
    """A destination that is the store of the repository, served by its own server.

    ``needed`` returns whether an artifact was also committed as a large file; then it
    is not removed from the store.
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
    """Publish an artifact at a destination, and verify it; retry on failure.

    To verify, the file is fetched from the destination; ``watch`` passes on its chunks,
    to show progress.
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
    """Fetch an artifact from a destination; raise RemoteError if it differs."""
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
    """Make a file available as ``basename`` in a temporary folder; yield the path.

    The file is hard-linked, or copied if that is impossible.
    """
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
