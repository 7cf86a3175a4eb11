"""Set up a repository that has just been opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# modules, not names: load only what is needed when a repository is opened
from ..hg import abort, endpoint, lfsrepo, remotes, stockext
from ..lfs.blob import BlobRef
from . import push
from .maintenance import shares


@dataclass(frozen=True)
class Hooks:
    """Functions of other packages, which this package must not import.

    ``requirement`` is the hook for incoming changegroups, ``bundles`` the hook for
    closed transactions. ``prefetch`` prefetches the blobs of a first checkout.
    """

    requirement: Callable[..., object]
    bundles: Callable[..., object]
    prefetch: Callable[[lfsrepo.LfsRepo, list[BlobRef]], None]


def opened(ui, repo, hooks: Hooks) -> None:
    """Register hooks and callbacks in a repository that was just opened.

    Does nothing for a repository that is not on this machine.
    """
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
        _checkendpoint(ui, lfs)


def _checkendpoint(ui, lfs: lfsrepo.LfsRepo) -> None:
    """Raise Abort early if the configured endpoint is invalid.

    With --verbose, also print the endpoint in use.
    """
    with abort.translated():
        endpoint.checkconfigured(ui)
        if ui.verbose:
            remotes.first(lfs)


def _shared(lfs: lfsrepo.LfsRepo) -> None:
    shares.register(lfs)  # loads the module only for shares


def _beforepush(pushop) -> None:
    push.outgoing(pushop)  # loads the module only for pushes
