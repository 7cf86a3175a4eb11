"""Find all references to blobs: in the history, in stored bundles, and in lists.

The callers remove blobs that are not referenced, so anything that cannot be read is an
error. ``gc`` keeps all referenced blobs. ``prune`` keeps those that are needed locally;
its module ``needs`` uses this one.
"""

from __future__ import annotations

import contextlib
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mercurial import bundle2, error, exchange, requirements
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import bars, compat
from ...hg.lfsrepo import LfsRepo
from ...lfs import words
from ...lfs.errors import PointerError
from ...lfs.oid import CHUNK
from ...lfs.pointer import Pointer
from ...lfs.store import files, retention
from .. import history, scan
from . import shares

_OID = re.compile(rb'oid sha256:([0-9a-f]{64})')
#: The length of a match, less one.
_OVERLAP = len(b'oid sha256:') + 63
#: The directories with bundles, below a ``.hg`` directory.
_BUNDLES = (b'strip-backup', b'shelved', b'shelve-backup')
#: The exceptions that reading damaged data raises.
_DAMAGE = (error.Error, PointerError, OSError, ValueError, LookupError, zlib.error)


@dataclass(frozen=True)
class Reference:
    """A large revision of a file, which refers to the blob of its pointer.

    ``linkrev`` is the number of the changeset that introduced the revision.
    """

    path: bytes
    node: bytes
    linkrev: int
    pointer: Pointer


def checkwhole(repo) -> None:
    """Raise Abort in a repository without the whole history of its files.

    These are bundle repositories, and shallow clones of remotefilelog.
    """
    if repo.url().startswith((b'bundle:', b'union:')):
        raise error.InputError(_(b'a bundle has no blobs of its own'))
    if any(b'remotefilelog' in name for name in repo.requirements):
        raise error.StateError(
            _(b'the history of files is not in this repository'),
            hint=_(b'run this where the repository is served from'),
        )


def everywhere(repo) -> Iterator[Reference]:
    """Yield the references of all revisions of all files, including hidden ones."""
    repo = repo.unfiltered()
    changed = _changed(repo)
    with translate_errors(b'the store'):
        stored = set(compat.filelogs(repo))
    paths = changed | stored
    topic, unit = _(b'lfs references'), _(b'files')
    for path in bars.counted(repo.ui, topic, unit, sorted(paths), len(paths), bytes):
        # a changeset can list a file that never existed
        needed = path in changed and (path in stored or _isnamed(repo, path))
        yield from offile(repo, path, needed)


def _changed(repo) -> set[bytes]:
    """Return the files that the changesets list as changed."""
    with translate_errors(b'the changesets'):
        changelog = repo.changelog
        topic, unit, count = _(b'lfs changesets'), _(b'changesets'), len(changelog)
        revs = bars.counted(repo.ui, topic, unit, changelog, count)
        return {path for rev in revs for path in changelog.readfiles(rev)}


def since(repo, rev: int) -> Iterator[Reference]:
    """Yield the references in the files that changesets after ``rev`` have changed.

    All revisions of these files are searched. The files are found by comparing
    manifests, because the lists of files in changesets may be wrong.
    """
    repo = repo.unfiltered()
    paths: set[bytes] = set()
    with translate_errors(b'the changesets'):
        topic, unit = _(b'lfs changesets'), _(b'changesets')
        for new in bars.counted(repo.ui, topic, unit, repo.changelog.revs(rev)):
            before, after = repo[new].p1().manifest(), repo[new].manifest()
            paths.update(before.diff(after))
    for path in sorted(paths):
        yield from offile(repo, path, True)


def inmanifest(repo, manifest, known) -> Iterator[tuple[bytes, Pointer | None]]:
    """Yield (path, pointer) of the files that differ between a manifest and ``known``.

    ``known`` is another manifest, which may be empty; files that only it has are left
    out. The pointer is None for a file that is not large. In a narrow repository, files
    outside of the clone are left out.
    """
    with translate_errors(b'a manifest'):
        changes: Mapping[bytes, tuple] = known.diff(manifest)
    isinside = repo.narrowmatch()
    for path in sorted(changes):
        node = changes[path][1][0]
        if node is None or not isinside(path):
            continue
        with translate_errors(path):
            pointer = scan.ofrevision(history.of(repo.file(path)), node)
        yield path, pointer


def offile(repo, path: bytes, needed: bool) -> Iterator[Reference]:
    """Yield the references in the history of a file.

    Raises StateError if the history cannot be read. With ``needed``, also raises
    StateError if the history is empty, except in a narrow repository, where this is
    normal.
    """
    with translate_errors(path):
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
    """Return whether a changeset that lists a file as changed also has the file."""
    changelog = repo.changelog
    claims = (rev for rev in changelog if path in changelog.readfiles(rev))
    return any(path in repo[rev].manifest() for rev in claims)


def isnarrow(repo) -> bool:
    """Return whether the repository is narrow, so that files may lack their history."""
    return requirements.NARROW_REQUIREMENT in repo.requirements


def bundles(lfs: LfsRepo) -> set[bytes]:
    """Return the stored bundles of the repository and of all shares of its store.

    Raises StateError if a share or a directory of bundles cannot be read.
    """
    return {
        path
        for folder in shares.folders(lfs)
        for name in _BUNDLES
        for path in _bundlesin(os.path.join(folder, name))
    }


def _bundlesin(folder: bytes) -> list[bytes]:
    with translate_errors(folder):
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            if not files.isabsent(folder):
                raise
            return []
    wanted = (name for name in names if name.endswith(b'.hg') and name[:1] != b'.')
    return [os.path.join(folder, name) for name in wanted]


def inbundle(ui, path: bytes) -> set[bytes]:
    """Return the oids in the pointers of a bundle file; none if the file was removed.

    The bundle cannot be opened as a repository, because its base may be missing. It is
    searched for pointers instead: they are never sent as deltas.
    """
    topic = _(b'lfs bundles')
    with translate_errors(path):
        try:
            size = os.stat(path).st_size
            with open(path, 'rb') as handle, bars.ByteBar(ui, topic, size) as bar:
                item = words.shown(os.path.basename(path))

                def moved() -> None:
                    bar.advance(handle.tell() - bar.pos, item)

                return _named(exchange.readbundle(ui, handle, path), moved)
        except FileNotFoundError:
            if not files.isabsent(path):
                raise
            return set()


def _named(bundle, moved: Callable[[], None]) -> set[bytes]:
    """Return the oids in an open bundle; call ``moved`` to report progress."""
    if isinstance(bundle, bundle2.unbundle20):
        return {oid for part in bundle.iterparts() for oid in _oidsin(part, moved)}
    if not hasattr(bundle, 'read'):
        raise error.Abort(_(b'not a bundle of changesets'))
    return _oidsin(bundle, moved)


def _oidsin(stream, moved: Callable[[], None]) -> set[bytes]:
    found: set[bytes] = set()
    tail = b''
    while chunk := stream.read(CHUNK):
        text = tail + chunk
        found.update(_OID.findall(text))
        tail = text[-_OVERLAP:]
        moved()
    return found


def kept(lfs: LfsRepo) -> set[bytes]:
    """Return the oids that are listed in the files in ``.hg/lfs/keep``.

    Raises StoreFailed if a file cannot be read.
    """
    return retention.read_lists(lfs.state(b'keep'))


@dataclass
class Outside:
    """Find the blobs that are referenced outside of the history: in bundles and lists.

    The bundles that were read are recorded, so that a later search only reads new ones.
    """

    lfs: LfsRepo
    _read: set[bytes] = field(default_factory=set)

    def update(self) -> set[bytes]:
        """Return the oids in new bundles, and those in all lists.

        A bundle is new if it was not there at the last call. Raises StateError or
        StoreFailed if something cannot be read.
        """
        found: set[bytes] = set()
        new = bundles(self.lfs) - self._read
        for path in sorted(new):
            found |= inbundle(self.lfs.ui, path)
        if new:  # a bundle that vanished was applied, unless its disk is gone
            shares.folders(self.lfs)
        self._read |= new
        return found | kept(self.lfs)


@contextlib.contextmanager
def translate_errors(what: bytes) -> Iterator[None]:
    """Raise StateError in place of the errors that reading damaged data raises.

    ``what`` is the name of the data, for the message.
    """
    try:
        yield
    except _DAMAGE as exc:
        text = stringutil.forcebytestr(exc).strip()
        why = words.shown(files.reason(exc) if isinstance(exc, OSError) else text)
        raise error.StateError(
            _(b'cannot tell which blobs are named by %s: %s') % (what, why),
            hint=_(b"see 'hg verify'; a bundle that is damaged can be moved away"),
        ) from exc
