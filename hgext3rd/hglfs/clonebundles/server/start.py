"""Starts making bundles in the background, when the repository has changed."""

from __future__ import annotations

import os

from mercurial.i18n import _

from ...hg import background
from . import bundles, state
from . import packing as packs

WORKER = b'debug::clone-bundles-worker'
_LOG = b'log'


def changed(ui, repo, **kwargs) -> None:
    """Starts a worker where that is worth it: a ``txnclose`` hook.

    By then the repository is locked no more.
    """
    settings = bundles.readsettings(repo)
    if not settings.formats:
        ui.warn(
            _(
                b'clone-bundles.auto-generate.on-change is set, but no '
                b'clone-bundles.auto-generate.formats: nothing is made\n'
            )
        )
    elif state.worthwhile(repo, settings) or packs.isdue(repo, settings):
        worker(repo)


def worker(repo) -> None:
    """Starts a worker, unless one lives: that one looks again when it is done."""
    book = bundles.open(repo)
    if book.worker.holder() is None:
        log = os.path.join(book.paths.home, _LOG)
        background.start(repo, WORKER, log, bundles.modes(repo), b'clone-bundles')
