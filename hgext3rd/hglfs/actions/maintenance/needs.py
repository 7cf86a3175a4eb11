"""Find the blobs that a repository and its shares need locally.

These are the blobs of all files in

- the parents of each working directory;
- the changesets that an unfinished operation, such as a merge or a rebase, still uses;
- all changesets that are not public: drafts, secret ones, shelves, also hidden ones;
- recent changesets;

and the blobs named outside of the history: in bundles, and in the lists of blobs to
keep.
"""

from __future__ import annotations

from collections.abc import Callable

from mercurial.i18n import _
from mercurial.node import nullrev

from ...hg.lfsrepo import LfsRepo
from . import references
from .workdirs import WorkDirs, needed


class Needs:
    """The oids of the blobs that are needed locally, in ``oids``.

    ``update`` adds to ``oids``, and never removes from it. Changesets with a date after
    ``since``, in seconds, are recent. ``pace`` is called often during the search, and
    may raise to stop it.
    """

    def __init__(
        self, lfs: LfsRepo, since: float, pace: Callable[[], None] = lambda: None
    ) -> None:
        self.oids: set[bytes] = set()
        self.workdirs = WorkDirs(lfs)
        self._repo = lfs.repo.unfiltered()
        self._since = since
        self._pace = pace
        self._outside = references.Outside(lfs)
        self._read: set[bytes] = set()
        #: the recent changesets, and how far they have been looked for
        self._recent: set[bytes] = set()
        self._dated: tuple[int, bytes] = (0, self._repo.nullid)

    def update(self) -> None:
        """Add the oids that are needed now to ``oids``.

        Changesets that an earlier call has read are not read again. Raises StateError
        or StoreFailed if something cannot be read.
        """
        nodes = self._unpublished() | self._lately()
        for repo in self.workdirs.repositories():
            nodes |= needed(repo, self._repo.changelog)
        self._readmanifests(nodes - self._read)
        self.oids |= self._outside.update()

    def _unpublished(self) -> set[bytes]:
        tonode = self._repo.changelog.node
        with references.translate_errors(b'the phases'):
            return {tonode(rev) for rev in self._repo.revs(b'all() - public()')}

    def _lately(self) -> set[bytes]:
        """Return the recent changesets.

        Only the changesets that were added since the last call are read.
        """
        changelog = self._repo.changelog
        count, tip = self._dated
        if len(changelog) < count or changelog.node(count - 1) != tip:
            count, self._recent = 0, set()  # changesets were stripped
        with references.translate_errors(b'the changesets'):
            for rev in range(count, len(changelog)):
                node = changelog.node(rev)
                if changelog.changelogrevision(node).date[0] > self._since:
                    self._recent.add(node)
                self._pace()
        self._dated = len(changelog), changelog.node(len(changelog) - 1)
        return self._recent

    def _readmanifests(self, nodes: set[bytes]) -> None:
        """Add the blobs in the manifests of some changesets to ``oids``.

        Each manifest is compared with the manifest of its parent if this has been read
        before, and otherwise with the manifest that was read last. Thus most files are
        looked at only once.
        """
        repo = self._repo
        total = len(nodes)
        with repo.ui.makeprogress(_(b'lfs needs'), _(b'changesets'), total) as bar:
            last = repo[nullrev]
            for rev in sorted(map(repo.changelog.rev, nodes)):
                ctx = repo[rev]
                known = ctx.p1() if ctx.p1().node() in self._read else last
                with references.translate_errors(b'changeset %s' % ctx.hex()):
                    manifests = ctx.manifest(), known.manifest()
                for _file, pointer in references.inmanifest(repo, *manifests):
                    if pointer is not None:
                        self.oids.add(pointer.oid)
                    self._pace()
                self._read.add(ctx.node())
                last = ctx
                bar.increment()
