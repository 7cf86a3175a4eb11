"""Who names which blobs: the whole history, bundles that were put by, and lists.

Nothing is left out in silence: what can't be read is an error, since what is not named
is going to be removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from mercurial import bundle2, error, exchange, requirements
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import compat
from ...hg.lfsrepo import LfsRepo
from ...lfs import words
from ...lfs.errors import PointerError
from ...lfs.oid import CHUNK
from ...lfs.pointer import Pointer
from ...lfs.store import files, retention
from .. import history, scan
from . import shares

_OID = re.compile(rb'oid sha256:([0-9a-f]{64})')
#: As long as what is looked for, less one.
_OVERLAP = len(b'oid sha256:') + 63
#: Where Mercurial puts bundles by, below a ``.hg`` folder.
_BUNDLES = (b'strip-backup', b'shelved', b'shelve-backup')
#: What damage raises when it is read.
_DAMAGE = (error.Error, PointerError, OSError, ValueError, LookupError, zlib.error)


@dataclass(frozen=True)
class Reference:
    """A large revision of a file: where it is, and what it stands for."""

    path: bytes
    node: bytes
    linkrev: int
    pointer: Pointer


def everywhere(repo) -> Iterator[Reference]:
    """Yields what all revisions of all files stand for, hidden ones with them."""
    repo = repo.unfiltered()
    changed = _changed(repo)
    with _translate_errors(b'the store'):
        stored = set(compat.filelogs(repo))
    paths = changed | stored
    with repo.ui.makeprogress(_(b'lfs references'), _(b'files'), len(paths)) as bar:
        for path in sorted(paths):
            # what a changeset claims to change may be a file that never was
            needed = path in changed and (path in stored or _isnamed(repo, path))
            yield from offile(repo, path, needed)
            bar.increment()


def _changed(repo) -> set[bytes]:
    """Returns the files that any changeset changed."""
    with _translate_errors(b'the changesets'):
        changelog = repo.changelog
        return {path for rev in changelog for path in changelog.readfiles(rev)}


def since(repo, rev: int) -> Iterator[Reference]:
    """Yields what the revisions of all files stand for that changesets changed.

    Their manifests decide which files: their lists of files may be false.
    """
    repo = repo.unfiltered()
    paths: set[bytes] = set()
    with _translate_errors(b'the changesets'):
        for new in repo.changelog.revs(rev):
            before, after = repo[new].p1().manifest(), repo[new].manifest()
            paths.update(before.diff(after))
    for path in sorted(paths):
        yield from offile(repo, path, True)


def offile(repo, path: bytes, needed: bool) -> Iterator[Reference]:
    """Yields what all revisions of a file stand for; if ``needed``, it has some."""
    with _translate_errors(path):
        rlog = history.of(repo.file(path))
        if needed and not len(rlog) and not isnarrow(repo):
            raise error.StorageError(_(b'its history is missing'))
        for rev in rlog:
            if scan.islargerev(rlog, rev):
                node = rlog.node(rev)
                pointer = scan.ofrevision(rlog, node)
                if pointer is not None:
                    yield Reference(path, node, rlog.linkrev(rev), pointer)


def _isnamed(repo, path: bytes) -> bool:
    """Tell whether a changeset that claims to change a file really has it."""
    changelog = repo.changelog
    claims = (rev for rev in changelog if path in changelog.readfiles(rev))
    return any(path in repo[rev].manifest() for rev in claims)


def isnarrow(repo) -> bool:
    """Tells whether files may lack their history, or have it without changesets."""
    return requirements.NARROW_REQUIREMENT in repo.requirements


def bundles(lfs: LfsRepo) -> set[bytes]:
    """Return the bundles that were put by, here and wherever the store is shared.

    Raises StateError where a share or a folder of bundles can't be read.
    """
    return {
        path
        for folder in shares.folders(lfs)
        for name in _BUNDLES
        for path in _bundlesin(os.path.join(folder, name))
    }


def _bundlesin(folder: bytes) -> list[bytes]:
    with _translate_errors(folder):
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            if not files.isabsent(folder):
                raise
            return []
    wanted = (name for name in names if name.endswith(b'.hg') and name[:1] != b'.')
    return [os.path.join(folder, name) for name in wanted]


def inbundle(ui, path: bytes) -> set[bytes]:
    """Return the oids that a bundle names; none of one that is gone by now.

    Its changesets' parents may be gone, so that it can't be opened as a repository;
    pointers are never sent as deltas, and stand in it as they are.
    """
    with _translate_errors(path):
        try:
            with open(path, 'rb') as handle:
                return _named(exchange.readbundle(ui, handle, path))
        except FileNotFoundError:
            if not files.isabsent(path):
                raise
            return set()


def _named(bundle) -> set[bytes]:
    """Return the oids that a bundle names."""
    if isinstance(bundle, bundle2.unbundle20):
        return {oid for part in bundle.iterparts() for oid in _oidsin(part)}
    if not hasattr(bundle, 'read'):
        raise error.Abort(_(b'not a bundle of changesets'))
    return _oidsin(bundle)


def _oidsin(stream) -> set[bytes]:
    found: set[bytes] = set()
    tail = b''
    while chunk := stream.read(CHUNK):
        text = tail + chunk
        found.update(_OID.findall(text))
        tail = text[-_OVERLAP:]
    return found


def kept(lfs: LfsRepo) -> set[bytes]:
    """Return the oids that lists beside the store name; raise StoreFailed."""
    return retention.read_lists(lfs.state(b'keep'))


@contextlib.contextmanager
def _translate_errors(what: bytes) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as exc:
        said = stringutil.forcebytestr(exc).strip()
        why = words.shown(files.reason(exc) if isinstance(exc, OSError) else said)
        raise error.StateError(
            _(b'cannot tell which blobs are named by %s: %s') % (what, why),
            hint=_(b"see 'hg verify'; a bundle that is damaged can be moved away"),
        ) from exc
