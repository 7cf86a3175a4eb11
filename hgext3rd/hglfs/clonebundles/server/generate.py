"""Makes one bundle: a file of all public changesets, or says why it can't."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mercurial import bundle2, bundlecaches, commands, discovery, error
from mercurial.i18n import _

from ...actions import scan
from ...hg import lfsrepo
from ...lfs.errors import LfsError
from ...lfs.store import files
from ...lfs.store.hashing import digest
from ...lfs.transfer.retry import Retry
from . import book, bundles, bundlespecs, publish
from .catalog import Bundle, Place
from .settings import BundleSettings

_MAKING = b'making'
_RETRY = Retry(count=2, first=1.0)


@dataclass(frozen=True)
class Content:
    """What goes into bundles: the hashes of the heads, and how many changesets.

    For an increment, ``bases`` is what it needs, as in Bundle.
    """

    heads: tuple[str, ...]
    revs: int
    bases: tuple[str, ...] = ()
    increment: bool = False


def content(repo) -> Content:
    """Returns all public changesets, as they are now."""
    repo = repo.unfiltered()
    public = repo.revs(b'public()')
    node = repo.changelog.node
    heads = tuple(node(rev).hex() for rev in repo.revs(b'heads(%ld)', public))
    return Content(heads, len(public))


@dataclass(frozen=True)
class Made:
    """A bundle with where it is, and what went wrong at some destination."""

    bundle: Bundle
    failed: bytes | None


def make(
    repo,
    settings: BundleSettings,
    format: bundlespecs.Format,
    what: Content,
    base: Bundle | None,
) -> Made:
    """Makes a bundle, or what is not in a base, and publishes it.

    Raises Abort or OSError where it is nowhere.
    """
    obstacle = bundlespecs.obstacle(repo, format)
    if obstacle:
        raise error.Abort(obstacle)
    what = what if base is None else _since(repo, what, base)
    path = _write(repo, format, what)
    try:
        bundle = _describe(repo, format, what, path)
        return _publish(repo, settings, path, bundle)
    finally:
        files.discard(path)


def _since(repo, what: Content, base: Bundle) -> Content:
    """Returns what is not in a base nor in its increments."""
    repo = repo.unfiltered()
    known = [bytes.fromhex(head) for head in base.ends]
    wanted = [bytes.fromhex(head) for head in what.heads]
    more = repo.revs(b'only(%ln, %ln)', wanted, known)
    node = repo.changelog.node
    heads = tuple(node(rev).hex() for rev in repo.revs(b'heads(%ld)', more))
    below = repo.revs(b'parents(%ld) - %ld', more, more)
    bases = tuple(node(rev).hex() for rev in below)
    return Content(heads, what.revs, bases, True)


def sweep(repo) -> None:
    """Removes what workers that died were making; for the one that lives."""
    known = bundles.open(repo)
    known.keepmaking(None)
    folder = making(repo)
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        files.discard(os.path.join(folder, name))


def making(repo) -> bytes:
    """Returns the folder of what is being made."""
    return os.path.join(bundles.open(repo).paths.home, _MAKING)


def _write(repo, format: bundlespecs.Format, what: Content) -> bytes:
    path, handle = files.createunseen(making(repo), bundles.modes(repo))
    handle.close()
    write = _writestream if format.stream else _writechanges
    try:
        with repo.ui.silent():
            write(repo.filtered(b'served'), format, what, path)
    except BaseException:
        files.discard(path)
        raise
    return path


def _writechanges(repo, format: bundlespecs.Format, what: Content, path: bytes) -> None:
    # not by the command's own entry, which would send the blobs somewhere
    # who gets an increment instead of a pull's answer is told no phases besides
    phases = {(b'experimental', b'bundle-phases'): True} if what.increment else {}
    with repo.ui.configoverride(phases, b'lfs'):
        failed = commands.bundle(
            repo.ui,
            repo,
            path,
            type=bundlespecs.exact(repo, format).encode('utf-8'),
            base=[base.encode('ascii') for base in what.bases] or [b'null'],
            rev=[head.encode('ascii') for head in what.heads],
        )
    if failed:
        raise error.Abort(_(b'there is nothing to bundle'))


def _writestream(repo, format: bundlespecs.Format, what: Content, path: bytes) -> None:
    spec = bundlecaches.parsebundlespec(repo, format.type)
    # the command of hg <= 6.8 refuses where there are large files
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
    _checkstream(repo, format)


def _checkstream(repo, format: bundlespecs.Format) -> None:
    # what was committed meanwhile is in a stream, too
    repo.invalidateall()
    obstacle = bundlespecs.obstacle(repo, format)
    if obstacle:
        raise error.Abort(obstacle)


def _describe(repo, format: bundlespecs.Format, what: Content, path: bytes) -> Bundle:
    with open(path, 'rb') as handle:
        os.fsync(handle.fileno())
        oid, size = digest(files.readchunks(handle))
    return Bundle(
        format=format.name,
        spec=bundlespecs.exact(repo, format),
        heads=what.heads,
        revs=what.revs,
        size=size,
        digest=oid.decode('ascii'),
        created=time.time(),
        increment=what.increment,
        bases=what.bases,
    )


def _publish(repo, settings: BundleSettings, path: bytes, bundle: Bundle) -> Made:
    failed: list[bytes] = []
    places = publishat(repo, settings.targets, path, bundle, failed)
    return Made(replace(bundle, places=places), failed[-1] if failed else None)


def publishat(
    repo, targets: Iterable, path: bytes, bundle: publish.Artifact, failed: list[bytes]
) -> tuple[Place, ...]:
    """Brings a file to some destinations; returns where it is.

    What went wrong is added to ``failed``; raises Abort where it is nowhere.
    """
    places = []
    for target in targets:
        destination = destinationof(repo, target)
        if target.name == book.BLOBS:
            bundles.open(repo).keepmaking(bundle.digest)
        try:
            places.append(publish.publish(destination, path, bundle, _RETRY))
        except LfsError as exc:
            failed.append(b'%s: %s' % (bundles.tolocal(target.name), exc.message))
    if not places:
        raise error.Abort(failed[-1])
    return tuple(places)


def destinationof(repo, target) -> publish.Publisher:
    """Returns a destination that the configuration states."""
    return bundles.destination(repo, target, lambda bundle: _isneeded(repo, bundle))


def _isneeded(repo, bundle: publish.Artifact) -> bool:
    """Tells whether a bundle is a blob of the history, too.

    Nobody can have committed it before it was made.
    """
    whole = repo.unfiltered()
    if lfsrepo.get_if_required(whole) is None:
        return False
    heads = [bytes.fromhex(head) for head in bundle.heads]
    known = list(filter(whole.changelog.hasnode, heads))
    oid = bundle.digest.encode('ascii')
    try:
        refs = scan.ofrevs(whole, whole.revs(b'not ::%ln', known))
        return any(ref.oid == oid for ref in refs)
    except (error.Abort, LfsError):  # nobody knows
        return True
