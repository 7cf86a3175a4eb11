"""Foresee what the next commit, push and update do with large files; no network."""

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
    """Some files, of which something has to be said.

    The ``name`` is one of these: COMMIT, files that the next commit stores as large
    ones; PLAIN, big files that it adds although no rule matches them; UPLOAD, files
    whose blobs a push uploads, with the phase of a changeset as their ``state``;
    DOWNLOAD, files whose blobs an update fetches; MISSING, files of the working
    directory's parent whose content is not on this machine.

    ``target`` is the hash of DOWNLOAD's changeset, ``hint`` what to do about PLAIN.
    """

    name: bytes
    files: list[LargeFile]
    target: bytes = b''
    hint: bytes = b''

    @property
    def size(self) -> int:
        """The total size in bytes, of each blob once."""
        sizes = {each.oid or each.path: each.size for each in self.files}
        return sum(sizes.values())


def foresee(repo, match, target) -> Iterator[Section]:
    """Yield the sections that have files, of those that ``match`` matches.

    ``target`` is the changeset to update to, or None for the usual one. Raises Abort
    for invalid rules, and for invalid pointers.
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
    """Return the files of draft and secret changesets whose blobs are not public.

    A blob that a public changeset has given to the same file, or to the one that it was
    copied from, is public.
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
    """Return the changeset that :hg:`update` updates to."""
    with repo.ui.silent():  # it would report the bookmark
        return repo[destutil.destupdate(repo)[0]]


def _changed(parent, target, match) -> list[bytes]:
    """Return the files of a changeset that an update from another one writes."""
    differences = target.manifest().diff(parent.manifest(), match)
    return sorted(path for path, (new, _old) in differences.items() if new[0])


def _missing(ctx, paths: Iterable[bytes]) -> Iterator[LargeFile]:
    return (each for each in listing.recorded(ctx, paths) if each.ismissing)


def _once(files: Iterable[LargeFile]) -> list[LargeFile]:
    """Return the first file of each blob."""
    found: dict[bytes | None, LargeFile] = {}
    for each in files:
        found.setdefault(each.oid, each)
    return list(found.values())
