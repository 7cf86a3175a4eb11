"""The steps of the worker that are the same for bundles and packs."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mercurial import error, util
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import bars
from ...lfs import words
from ...lfs.errors import LfsError
from ...lfs.store.api import Watch
from ...lfs.transfer.retry import Retry
from . import bundles, prune, publish
from .bundles import BundleRepo, tolocal
from .catalog import BLOBS, A, Artifact, Place
from .catalogfile import CatalogFile
from .lease import Lease

_RETRY = Retry(count=2, first=1.0)


@dataclass(frozen=True)
class Published:
    """The result of publishing an artifact.

    ``places`` are the places where it is now. ``failed`` are the messages of the
    destinations that failed.
    """

    places: tuple[Place, ...]
    failed: tuple[bytes, ...]


@dataclass(frozen=True)
class Work:
    """Publish, report and remove the artifacts of a repository. Not thread-safe.

    ``publishers`` are the destinations by name, in the order of the configuration.
    ``lease`` is the lease of the worker. The caller holds it while artifacts are
    generated.
    """

    ui: Any
    known: BundleRepo
    publishers: Mapping[str, publish.Publisher]
    lease: Lease

    def publish(
        self, path: bytes, artifact: Artifact, names: Collection[str]
    ) -> Published:
        """Publish a file at the destinations with these names.

        Raises Abort if all of them failed, or if the lease was lost.
        """
        places = []
        failed = []
        for name in names:
            if name == BLOBS:
                self.known.folder.protectblob(artifact.digest)
            destination = self.publishers[name]
            try:
                place = publish.publish(
                    destination, path, artifact, _RETRY, watch=self._watch(artifact)
                )
                places.append(place)
            except LfsError as exc:
                failed.append(b'%s: %s' % (tolocal(name), words.shown(exc.message)))
        if not places:
            raise error.Abort(failed[-1])
        if not self.lease.held():
            raise error.Abort(_(b'another process has taken over'))
        return Published(tuple(places), tuple(failed))

    def _watch(self, artifact: Artifact) -> Watch:
        topic, item = _(b'clone bundle check'), tolocal(artifact.basename)
        return bars.watch(self.ui, topic, item, artifact.size)

    def announce(self, artifact: Artifact) -> None:
        """Show that an artifact has been published."""
        names = b', '.join(tolocal(place.destination) for place in artifact.places)
        self.ui.status(
            _(b'clone bundles: published %s, %s, at %s\n')
            % (tolocal(artifact.basename), util.bytecount(artifact.size), names)
        )

    def warn(self, name: bytes, message: bytes) -> None:
        """Show a failure of an artifact or a format."""
        self.ui.warn(_(b'clone bundles: %s: %s\n') % (name, message))

    def reason(self, exc: Exception) -> bytes:
        """Return the message of an exception, safe for a terminal and without secrets.

        With --traceback, show the traceback as well.
        """
        self.ui.traceback()
        return words.shown(
            getattr(exc, 'message', None) or stringutil.forcebytestr(exc)
        )

    def prune(self, catalogfile: CatalogFile[A], grace: float) -> bool:
        """Remove artifacts that were replaced at least ``grace`` seconds ago.

        Returns whether all of these could be removed.
        """
        good = True
        for artifact, exc in prune.prune(catalogfile, self.publishers, grace):
            self.warn(tolocal(artifact.basename), words.shown(exc.message))
            good = False
        return good

    def clear(self, catalogfile: CatalogFile[A]) -> bool:
        """Remove all artifacts of one kind; return whether all could be removed."""
        moment = time.time()
        catalogfile.change(lambda old: old.cleared(moment))
        return self.prune(catalogfile, grace=0.0)


def prepared(repo) -> Work:
    """Return a Work for a repository; its lease has not been taken."""
    known = bundles.open(repo)
    publishers = bundles.publishers(repo, known.settings)
    return Work(repo.ui, known, publishers, known.folder.worker)
