"""Wraps of ``hg cat``, ``hg revert`` and amending, for large files.

``cat`` and ``revert`` write large files as streams, not from memory. Amending warns of
big files that no rule matches, as a commit does.
"""

from __future__ import annotations

from mercurial import cmdutil, exthelper, formatter

from ...actions import cat, partial, plainfiles, revision
from ...hg import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(cmdutil, '_updatecatformatter')
def _updatecatformatter(orig, fm, ctx, matcher, path, decode):
    plain = type(fm) is formatter.plainformatter
    text = revision.stored(ctx[path]) if plain else None
    if text is not None:
        return _print(fm, ctx, path, text, decode)
    orig(fm, ctx, matcher, path, decode)
    if not plain:
        fm.data(rawdata=ctx[path].rawdata())
    return None


def _print(fm, ctx, path, text, decode):
    if decode:
        text = ctx.repo().wwritedata(path, text)
    fm.startitem()
    fm.context(ctx=ctx)
    if isinstance(text, bytes):
        fm.write(b'data', b'%s', text)
    elif not cat.intofile(text, fm.hglfssink):
        for chunk in text.checked():
            fm.write(b'data', b'%s', chunk)
    fm.data(path=path)


@eh.wrapfunction(cmdutil, 'amend')
def amend(orig, ui, repo, *args, **kwargs):
    with plainfiles.warning(repo):
        return orig(ui, repo, *args, **kwargs)


@eh.wrapfunction(cmdutil, 'revert')
def revert(orig, ui, repo, ctx, *pats, **opts):
    isparent = ctx.node() in repo.dirstate.parents()
    with partial.checkout(repo, ctx, bool(opts.get('interactive')) or not isparent):
        return orig(ui, repo, ctx, *pats, **opts)


@eh.wrapfunction(cmdutil, '_performrevert')
def _performrevert(
    orig, repo, ctx, names, uipathfn, actions, match, interactive=False, *args, **kwargs
):
    def revert():
        return orig(
            repo, ctx, names, uipathfn, actions, match, interactive, *args, **kwargs
        )

    if interactive:  # needs whole texts to select hunks
        return revert()
    with largetext.forcheckout():
        return revert()
