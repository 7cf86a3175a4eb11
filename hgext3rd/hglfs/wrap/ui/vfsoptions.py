"""Wrap of the options of a repository's store: add an LfsRepo and a flag processor.

The LfsRepo has the services of the repository. The flag processor converts between the
pointer and the content of a large revision.
"""

from __future__ import annotations

import importlib

from mercurial import error, exthelper, revlog
from mercurial.i18n import _

from ...actions import content, history, scan
from ...hg import compat, lfsrepo, stockext

eh = exthelper.exthelper()
_module, _name = compat.firstmodule(compat.VFSOPTIONS)


@eh.wrapfunction(importlib.import_module(_module), _name)
def resolveoptions(orig, ui, requirements, features):
    options = orig(ui, requirements, features)
    if stockext.enabled(ui):
        processors = options[b'flagprocessors']
        if revlog.REVIDX_EXTSTORED in processors:
            raise error.Abort(
                _(b"cannot register multiple processors on flag '%#x'.")
                % revlog.REVIDX_EXTSTORED
            )
        lfs = lfsrepo.install(ui, options)
        processors[revlog.REVIDX_EXTSTORED] = _processor(lfs)
    return options


def _processor(lfs):
    """Return the flag processor of large revisions: (read, write, raw) functions."""

    def read(rlog, rawtext):
        rlog = history.viewof(rlog)
        scan.checkfile(rlog)
        return content.read(lfs, scan.pathof(rlog), rawtext), True

    def write(rlog, text):
        return content.write(lfs, text), False

    def raw(rlog, rawtext):
        scan.checkfile(history.viewof(rlog))
        return False  # a pointer does not hash to the revision's node

    return read, write, raw
