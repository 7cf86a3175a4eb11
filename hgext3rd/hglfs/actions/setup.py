"""Readies a repository that has just been opened."""

from __future__ import annotations

from ..bridge import endpoint, repolfs
from ..bridge.abort import translated
from ..bridge.repolfs import REQUIREMENT
from . import push


def opened(ui, repo, checkrequireslfs) -> None:
    """Ties our services to the repository, where it is a local one."""
    options = getattr(repo.svfs, 'options', {}) if repo.local() else {}
    box = options.get(repolfs.OPTION)
    if box is None:
        return
    box.bind(repo)
    repo.prepushoutgoinghooks.add(b'lfs', _beforepush)
    if REQUIREMENT in repo.requirements:
        _avoidrust(ui)
    else:
        hook = b'pretxnchangegroup.lfs'
        ui.setconfig(b'hooks', hook, checkrequireslfs, b'lfs')
    with translated():
        endpoint.checkconfigured(ui)
        if ui.verbose:
            box.announce()


def _beforepush(pushop) -> None:
    push.outgoing(pushop)  # here, so that it is loaded by a push alone


def _avoidrust(ui) -> None:
    # Mercurial's fast update in Rust ignores the flag of large revisions
    for item in (b'update-from-null', b'update-from-clean'):
        ui.setconfig(b'rust', item, False, b'lfs')
