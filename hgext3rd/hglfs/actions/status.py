"""Predict what the next commit, push and update do with large files, offline."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mercurial import destutil
from mercurial import match as matchmod
from mercurial.node import short

from ..hg import lfsrepo, tracking
from ..hg.lfsrepo import LfsRepo
from . import listing, plainfiles, scan
from .listing import LargeFile

#: The names of the sections, in their order.
COMMIT, PLAIN, UPLOAD, DOWNLOAD, MISSING = (
    b'commit',
    b'plain',
    b'upload',
    b'download',
    b'missing',
)
#: The phases of changesets that are on no server, as far as is known here. Those of the
#: second are not pushed before their phase is changed.
_PHASES = (b'draft', b'secret')


@dataclass(frozen=True)
class Section:
    """A section of the status: its files, and a name that describes them.

    - COMMIT: files that the next commit stores as large files
    - PLAIN: big files that the next commit adds as they are, because no rule matches
      them
    - UPLOAD: files whose blobs a push uploads; ``state`` is the phase of a changeset
    - DOWNLOAD: files whose blobs an update fetches
    - MISSING: files of the working directory's parent whose content is not on this
      machine

    ``target`` is the short hash of the changeset that DOWNLOAD is about, ``hint`` the
    advice about PLAIN. Both are empty in other sections.
    """

    name: bytes
    files: list[LargeFile]
    target: bytes = b''
    hint: bytes = b''

    @property
    def size(self) -> int:
        """The total size in bytes; files with the same blob count once."""
        sizes = {each.oid or each.path: each.size for each in self.files}
        return sum(sizes.values())


def foresee(repo, match, target) -> Iterator[Section]:
    """Yield the sections that have files matched by ``match``.

    ``target`` is the changeset to update to, or None for the one that :hg:`update`
    chooses. Raises Abort for invalid rules, and for invalid pointers.
    """
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return
    sections = [*_atcommit(lfs, match)]
    if lfsrepo.get_if_required(repo) is not None:
        sections.append(Section(UPLOAD, _unpublished(lfs, match)))
        sections += _atupdate(repo, match, target)
    yield from (section for section in sections if section.files)


def _atcommit(lfs: LfsRepo, match) -> Iterator[Section]:
    repo = lfs.repo
    data = tracking.readfile(repo)
    if data is not None:
        tracking.checkmisplaced(data)
    rules = tracking.read(repo)
    status = repo.status(match=match)
    plainfiles.warnmisplaced(lfs, status.added)
    large = listing.pending(repo, status, rules)
    yield Section(COMMIT, sorted(large, key=lambda each: each.path))
    big = [
        LargeFile(path, None, size, listing.ADDED, None)
        for path, size in plainfiles.big(lfs, status.added, rules)
    ]
    hint = plainfiles.hint(repo, big[0].path, rules) if big else b''
    yield Section(PLAIN, big, hint=hint)


def _unpublished(lfs: LfsRepo, match) -> list[LargeFile]:
    """Return the files of draft and secret changesets whose blobs a push may upload.

    These are files whose blobs no public changeset has introduced, in the same file or
    in the file from which it was copied.
    """
    repo = lfs.repo
    found: dict[bytes, LargeFile] = {}
    public = functools.cache(functools.partial(scan.publicoids, repo))
    for phase in _PHASES:
        for rev in repo.revs(b'%s()' % phase):
            for path, pointer in scan.ofchangeset(repo[rev]).items():
                oid, size = pointer.oid, pointer.size
                sources = {path, pointer.hgmeta.get(b'copy', path)}
                if not match(path) or any(oid in public(name) for name in sources):
                    continue
                place = listing.present(lfs, oid, size)
                found.setdefault(oid, LargeFile(path, oid, size, phase, place))
    return sorted(found.values(), key=lambda each: each.path)


def _atupdate(repo, match, target) -> Iterator[Section]:
    # files that are in another changeset only are no mistakes in a pattern
    match = repo.narrowmatch(matchmod.badmatch(match, lambda path, what: None))
    parent = repo[b'.']
    target = _destination(repo) if target is None else target
    if target.rev() is not None:
        arriving = _missing(target, _changed(parent, target, match))
        yield Section(DOWNLOAD, _once(arriving), short(target.node()))
    yield Section(MISSING, [*_missing(parent, parent.walk(match))])


def _destination(repo):
    """Return the changeset that :hg:`update` without a revision updates to."""
    with repo.ui.silent():  # it would report the bookmark
        return repo[destutil.destupdate(repo)[0]]


def _changed(parent, target, match) -> list[bytes]:
    """Return the files that an update from ``parent`` to ``target`` writes, sorted."""
    differences = target.manifest().diff(parent.manifest(), match)
    return sorted(path for path, (new, _old) in differences.items() if new[0])


def _missing(ctx, paths: Iterable[bytes]) -> Iterator[LargeFile]:
    return (each for each in listing.recorded(ctx, paths) if each.ismissing)


def _once(files: Iterable[LargeFile]) -> list[LargeFile]:
    """Return one file for each blob: the first in ``files``."""
    found: dict[bytes | None, LargeFile] = {}
    for each in files:
        found.setdefault(each.oid, each)
    return list(found.values())
