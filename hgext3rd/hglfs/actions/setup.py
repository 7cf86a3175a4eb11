"""Readies a repository that has just been opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# modules, not names: opening a repository loads what it needs and no more
from ..hg import abort, endpoint, lfsrepo, remotes, stockext
from ..lfs.blob import BlobRef
from . import push
from .maintenance import shares


@dataclass(frozen=True)
class Hooks:
    """What is called by a repository, from places that this package does not know.

    ``requirement`` is for changegroups that come in, ``bundles`` for transactions that
    are closed, ``prefetch`` for the blobs of a first checkout.
    """

    requirement: Callable[..., object]
    bundles: Callable[..., object]
    prefetch: Callable[[lfsrepo.LfsRepo, list[BlobRef]], None]


def opened(ui, repo, hooks: Hooks) -> None:
    """Ties our services to the repository, where it is a local one."""
    options = getattr(repo.svfs, 'options', {}) if repo.local() else {}
    lfs = options.get(lfsrepo.OPTION)
    if lfs is None:
        return
    lfs.prefetch = hooks.prefetch
    repo.prepushoutgoinghooks.add(b'lfs', _beforepush)
    if lfsrepo.REQUIREMENT in repo.requirements:
        lfsrepo.avoidrust(ui)
        if repo.sharedpath != repo.path:
            _shared(lfs)
    else:
        hook = b'pretxnchangegroup.lfs'
        ui.setconfig(b'hooks', hook, hooks.requirement, b'lfs')
    onchange = ui.configbool(b'clone-bundles', b'auto-generate.on-change')
    if onchange and stockext.makesbundles(ui):
        ui.setconfig(b'hooks', b'txnclose.clone-bundles', hooks.bundles, b'lfs')
    if ui.verbose or any(ui.hasconfig(b'lfs', item) for item in endpoint.ITEMS):
        _lookahead(ui, lfs)


def _lookahead(ui, lfs: lfsrepo.LfsRepo) -> None:
    """Finds a wrong endpoint before it is needed, and says which one is used."""
    with abort.translated():
        endpoint.checkconfigured(ui)
        if ui.verbose:
            remotes.first(lfs)


def _shared(lfs: lfsrepo.LfsRepo) -> None:
    shares.register(lfs)  # here, so that it is loaded by shares alone


def _beforepush(pushop) -> None:
    push.outgoing(pushop)  # here, so that it is loaded by a push alone
