"""Start a worker in the background when the repository has changed."""

from __future__ import annotations

from mercurial.i18n import _

from ...hg import background
from . import bundles, packing, state
from .bundles import BundleRepo
from .statefolder import StateFolder

WORKER = b'debug::clone-bundles-worker'


def changed(ui, repo, **kwargs) -> None:
    """Start a worker if bundles or packs are outdated; a ``txnclose`` hook.

    The hook runs after the repository has been unlocked.
    """
    known = bundles.open(repo)
    if not known.settings.formats:
        ui.warn(
            _(
                b'clone-bundles.auto-generate.on-change is set, but no '
                b'clone-bundles.auto-generate.formats: nothing is made\n'
            )
        )
    elif isdue(repo, known):
        worker(repo, known.folder)


def isdue(repo, known: BundleRepo) -> bool:
    """Return whether a worker has to generate or remove any bundles or packs."""
    return state.needswork(repo, known) or packing.isdue(repo, known)


def worker(repo, folder: StateFolder) -> None:
    """Start a worker in the background, unless one is running.

    A running worker checks for new changesets when it has finished.
    """
    if folder.worker.holder() is None:
        modes = folder.modes
        background.start(repo, WORKER, folder.log, modes, b'clone-bundles')
