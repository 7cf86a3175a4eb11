"""Wraps of command dispatch: record which command runs, for ``hg.messages``.

That module uses it to determine whether standard output carries data.
"""

from __future__ import annotations

from mercurial import dispatch, exthelper

from ...hg import messages

eh = exthelper.exthelper()


@eh.wrapfunction(dispatch, '_parse')
def _parse(orig, ui, args):
    parsed = orig(ui, args)
    _cmd, func, pats, _options, cmdoptions = parsed
    messages.started(func, pats, cmdoptions)
    return parsed


@eh.wrapfunction(dispatch, '_dispatch')
def _dispatch(orig, req):
    with messages.nested():
        return orig(req)
