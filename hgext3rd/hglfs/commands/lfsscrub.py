"""``hg admin::lfs-scrub``."""

from __future__ import annotations

from mercurial import cmdutil, error, pycompat, registrar, util
from mercurial.i18n import _

table: dict = {}
command = registrar.command(table)


@command(
    b'admin::lfs-scrub',
    [
        (
            b'',
            b'rate',
            b'50MB',
            _(b'read so many bytes a second at the most; 0 is no limit'),
            _(b'SIZE'),
        ),
        (b'', b'restart', None, _(b'begin anew, where the last run was ended early')),
        *cmdutil.formatteropts,
    ],
    _(b'[--rate SIZE] [--restart]'),
    helpcategory=command.CATEGORY_MAINTENANCE,
)
def lfsscrub(ui, repo, **opts):
    """read all blobs again and put aside those that are damaged

    Reads the repository's own store at a limited rate. A blob that is not what its
    name says is moved to ``.hg/lfs/quarantine``, so that it isn't handed out, and
    can be sent again. Where the user's cache has a sound copy, that takes its place.
    For each the files and changesets are told that it belongs to.

    A run that is ended early, or killed, is gone on with by the next.

    To mend what is damaged, push it again from a clone that has it, with
    :hg:`debuglfsupload -r REV`, where REV is a changeset that is told here.

    Returns 0 if all blobs are sound, or could be repaired, 1 if damage remains.
    """
    from ..actions.maintenance import scrub
    from ..hg import lfsrepo

    lfs = lfsrepo.get(repo)
    try:
        rate = util.sizetoint(opts['rate'])
    except error.ParseError as exc:
        raise error.InputError(_(b'not a size: %s') % opts['rate']) from exc
    remains = False
    with ui.formatter(b'lfs-scrub', pycompat.byteskwargs(opts)) as fm:
        for damage in scrub.scrub(lfs, rate, bool(opts['restart'])) if lfs else ():
            remains = remains or damage.state != scrub.REPAIRED
            _show(fm, scrub, lfs, damage)
    return 1 if remains else 0


def _show(fm, scrub, lfs, damage) -> None:
    fm.startitem()
    fm.data(oid=damage.oid, state=damage.state)
    fm.plain(b'%s: %s\n' % (damage.oid, damage.state))
    nested = fm.nested(b'files')
    for reference in damage.files:
        node = scrub.changeset(lfs, reference)
        nested.startitem()
        nested.data(path=reference.path, node=node)
        nested.plain(_(b'  %s in %s\n') % (reference.path, node[:12]))
    nested.end()
