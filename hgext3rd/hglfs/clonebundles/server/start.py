"""Start making bundles in the background, when the repository has changed."""

from __future__ import annotations

from mercurial.i18n import _

from ...hg import background
from . import bundles, packing, state
from .bundles import BundleRepo
from .statefolder import StateFolder

WORKER = b'debug::clone-bundles-worker'


def changed(ui, repo, **kwargs) -> None:
    """Start a worker where that is worth it: a ``txnclose`` hook.

    By then the repository is locked no more.
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
    """Return whether there is anything to do, other than what failed lately."""
    return state.worthwhile(repo, known) or packing.isdue(repo, known)


def worker(repo, folder: StateFolder) -> None:
    """Start a worker, unless one lives: that one looks again when it is done."""
    if folder.worker.holder() is None:
        modes = folder.modes
        background.start(repo, WORKER, folder.log, modes, b'clone-bundles')
