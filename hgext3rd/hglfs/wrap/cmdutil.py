"""``hg cat`` and ``hg revert``."""

from __future__ import annotations

from mercurial import cmdutil, exthelper, formatter

from ..bridge import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(cmdutil, '_updatecatformatter')
def _updatecatformatter(orig, fm, ctx, matcher, path, decode):
    if type(fm) is formatter.plainformatter:
        with largetext.scope():
            text = ctx[path].data()
        if isinstance(text, largetext.LargeText):
            return _print(fm, ctx, path, text, decode)
    orig(fm, ctx, matcher, path, decode)
    fm.data(rawdata=ctx[path].rawdata())
    return None


def _print(fm, ctx, path, text, decode):
    if decode:
        text = ctx.repo().wwritedata(path, text)
    chunks = [text] if isinstance(text, bytes) else text.checked()
    fm.startitem()
    fm.context(ctx=ctx)
    for chunk in chunks:
        fm.write(b'data', b'%s', chunk)
    fm.data(path=path)


@eh.wrapfunction(cmdutil, '_performrevert')
def _performrevert(
    orig, repo, ctx, names, uipathfn, actions, match, interactive=False, *args, **kwargs
):
    def revert():
        return orig(
            repo, ctx, names, uipathfn, actions, match, interactive, *args, **kwargs
        )

    if interactive:  # it shows texts, and takes them apart
        return revert()
    with largetext.scope():
        return revert()
