"""A Mercurial extension: one command that prints all state that two repositories share.

One command instead of five, for a comparison that is made after every step.
"""

from __future__ import annotations

from mercurial import mergestate, registrar

cmdtable = {}
command = registrar.command(cmdtable)


@command(b'observe', [])
def observe(ui, repo):
    """print status, changesets and the state of a merge"""
    status = repo.status(ignored=True, clean=True, unknown=True)
    for name in ('modified', 'added', 'removed', 'deleted', 'unknown', 'ignored'):
        ui.write(b'%s %s\n' % (name.encode(), b' '.join(getattr(status, name))))
    ui.write(b'clean %s\n' % b' '.join(status.clean))
    for target, source in sorted(repo.dirstate.copies().items()):
        ui.write(b'copied %s %s\n' % (source, target))
    states = [b'%s=%s' % (path, entry.state) for path, entry in repo.dirstate.items()]
    ui.write(b'dirstate %s %s\n' % (repo.dirstate.branch(), b' '.join(sorted(states))))
    ui.write(b'parents %s\n' % b' '.join(ctx.hex() for ctx in repo[None].parents()))
    ui.write(b'bookmarks %s\n' % b' '.join(sorted(repo._bookmarks)))
    merging = mergestate.mergestate.read(repo)
    for path in sorted(merging):
        extras = sorted(merging.extras(path).items())
        record = b' '.join(b'%s=%s' % pair for pair in extras)
        ui.write(b'merging %s %s %s\n' % (path, merging[path], record))
    changesets(ui, repo)


def changesets(ui, repo) -> None:
    """Print every changeset, including hidden ones."""
    whole = repo.unfiltered()
    for rev in whole:
        ctx = whole[rev]
        ui.write(
            b'changeset %d:%s %s %s %s %s\n'
            % (
                rev,
                ctx.hex(),
                ctx.manifestnode().hex().encode(),
                ctx.phasestr(),
                b'obsolete' if ctx.obsolete() else b'',
                b' '.join(ctx.bookmarks()),
            )
        )
