"""Readies a repository that has just been opened."""

from __future__ import annotations

# modules, not names: opening a repository loads what it needs and no more
from ..bridge import abort, coexist, endpoint, repolfs
from . import push, shares


def opened(ui, repo, checkrequireslfs) -> None:
    """Ties our services to the repository, where it is a local one."""
    options = getattr(repo.svfs, 'options', {}) if repo.local() else {}
    box = options.get(repolfs.OPTION)
    if box is None:
        return
    repo.prepushoutgoinghooks.add(b'lfs', _beforepush)
    if repolfs.REQUIREMENT in repo.requirements:
        repolfs.avoidrust(ui)
        if repo.sharedpath != repo.path:
            _shared(box)
    else:
        hook = b'pretxnchangegroup.lfs'
        ui.setconfig(b'hooks', hook, checkrequireslfs, b'lfs')
    onchange = ui.configbool(b'clone-bundles', b'auto-generate.on-change')
    if onchange and coexist.makesbundles(ui):
        ui.setconfig(b'hooks', b'txnclose.clone-bundles', _changed, b'lfs')
    if ui.verbose or any(ui.hasconfig(b'lfs', item) for item in endpoint.ITEMS):
        _lookahead(ui, box)


def _lookahead(ui, box: repolfs.RepoLfs) -> None:
    """Finds a wrong endpoint before it is needed, and says which one is used."""
    with abort.translated():
        endpoint.checkconfigured(ui)
        if ui.verbose:
            box.announce()


def _shared(box: repolfs.RepoLfs) -> None:
    shares.register(box)  # here, so that it is loaded by shares alone


def _beforepush(pushop) -> None:
    push.outgoing(pushop)  # here, so that it is loaded by a push alone


def _changed(ui, repo, **kwargs) -> None:
    from . import bundles_start  # here, so that it is loaded by a change alone

    bundles_start.changed(ui, repo)
