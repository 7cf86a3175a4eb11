"""Commands that transfer blobs."""

from __future__ import annotations

from mercurial import registrar
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'debuglfsupload',
    [(b'r', b'rev', [], _(b'upload large files introduced by REV'))],
)
def debuglfsupload(ui, repo, **opts):
    """upload lfs blobs added by the working copy parent or given revisions

    Examples::

      hg debuglfsupload -r 5f711a4b083d   # a changeset that a message has named
      hg debuglfsupload -r 'all()'        # all blobs, as to a new server
    """
    from mercurial import logcmdutil

    from ..actions import push

    push.upload(repo, logcmdutil.revrange(repo, opts.get('rev', [])))
