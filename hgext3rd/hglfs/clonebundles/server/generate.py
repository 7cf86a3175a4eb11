"""Generate a bundle of all public changesets, or an increment."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mercurial import bundle2, bundlecaches, commands, discovery, error
from mercurial.i18n import _

from ...hg import bars
from ...lfs.store import files
from ...lfs.store.hashing import digest
from . import bundlespecs
from .bundlespecs import Format
from .catalog import Bundle
from .statefolder import StateFolder


@dataclass(frozen=True)
class Content:
    """The changesets for a bundle: hashes of the heads, and their number.

    ``bases`` and ``increment`` are as in Bundle.
    """

    heads: tuple[str, ...]
    revs: int
    bases: tuple[str, ...] = ()
    increment: bool = False


def content(repo) -> Content:
    """Return the content of a bundle with all changesets that are public now."""
    repo = repo.unfiltered()
    public = repo.revs(b'public()')
    node = repo.changelog.node
    heads = tuple(node(rev).hex() for rev in repo.revs(b'heads(%ld)', public))
    return Content(heads, len(public))


@contextlib.contextmanager
def written(
    repo, folder: StateFolder, format: Format, what: Content, base: Bundle | None
) -> Iterator[tuple[bytes, Bundle]]:
    """Generate a bundle, or an increment of ``base``; yield its path and description.

    The file is removed at the end of the context. Raises Abort or OSError if the bundle
    cannot be generated.
    """
    obstacle = bundlespecs.obstacle(repo, format)
    if obstacle:
        raise error.Abort(obstacle)
    what = what if base is None else _since(repo, what, base)
    path, handle = files.createunseen(folder.making, folder.modes)
    handle.close()
    try:
        spec = bundlespecs.exact(repo, format)
        _write(repo, format, spec, what, path)
        yield path, _describe(repo.ui, format, spec, what, path)
    finally:
        files.discard(path)


def _since(repo, what: Content, base: Bundle) -> Content:
    """Return those changesets of ``what`` that a base and its increments lack."""
    repo = repo.unfiltered()
    known = [bytes.fromhex(head) for head in base.ends]
    wanted = [bytes.fromhex(head) for head in what.heads]
    more = repo.revs(b'only(%ln, %ln)', wanted, known)
    node = repo.changelog.node
    heads = tuple(node(rev).hex() for rev in repo.revs(b'heads(%ld)', more))
    below = repo.revs(b'parents(%ld) - %ld', more, more)
    bases = tuple(node(rev).hex() for rev in below)
    return Content(heads, what.revs, bases, True)


def _write(repo, format: Format, spec: str, what: Content, path: bytes) -> None:
    repo = repo.filtered(b'served')
    with repo.ui.silent():
        if format.stream:
            _writestream(repo, format, path)
        else:
            _writechanges(repo, spec, what, path)


def _writechanges(repo, spec: str, what: Content, path: bytes) -> None:
    # the function, not the wrapped command, which would upload the blobs
    # clients of Mercurial's pull bundles get phases only from the bundle
    phases = {(b'experimental', b'bundle-phases'): True} if what.increment else {}
    with repo.ui.configoverride(phases, b'lfs'):
        failed = commands.bundle(
            repo.ui,
            repo,
            path,
            type=spec.encode('utf-8'),
            base=[base.encode('ascii') for base in what.bases] or [b'null'],
            rev=[head.encode('ascii') for head in what.heads],
        )
    if failed:
        raise error.Abort(_(b'there is nothing to bundle'))


def _writestream(repo, format: Format, path: bytes) -> None:
    spec = bundlecaches.parsebundlespec(repo, format.type)
    # not with the command, which hg <= 6.8 refuses in a repository with large files
    bundle2.writenewbundle(
        repo.ui,
        repo,
        b'bundle',
        path,
        b'HG20',
        discovery.outgoing(repo, [repo.nullid], None),
        spec.contentopts,
        compression=spec.wirecompression,
    )
    # verify again: a stream contains what was committed while it was written
    repo.invalidateall()
    obstacle = bundlespecs.obstacle(repo, format)
    if obstacle:
        raise error.Abort(obstacle)


def _describe(ui, format: Format, spec: str, what: Content, path: bytes) -> Bundle:
    watch = bars.watch(ui, _(b'clone bundle'), b'', os.stat(path).st_size)
    with open(path, 'rb') as handle:
        os.fsync(handle.fileno())
        oid, size = digest(watch(files.readchunks(handle)))
    return Bundle(
        format=format.name,
        spec=spec,
        heads=what.heads,
        revs=what.revs,
        size=size,
        digest=oid.decode('ascii'),
        created=time.time(),
        increment=what.increment,
        bases=what.bases,
    )
