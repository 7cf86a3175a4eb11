"""Files' histories: which revisions are large, and what their pointers tell."""

from __future__ import annotations

import functools

from mercurial import extensions, exthelper, filelog
from mercurial.node import bin

from ..actions import content, require, revision, scan
from ..bridge import compat, largetext, repolfs

eh = exthelper.exthelper()


def addrevision(orig, self, text, transaction, link, p1, p2, **kwargs):
    rlog = self._revlog
    box = repolfs.ofvfs(rlog.opener)
    islarge = box.tracking if box else None
    token = isinstance(text, largetext.LargeText)
    if token and not (islarge and islarge(text.path, text.size)):
        text = content.whole(text)
    if islarge and islarge(scan.pathof(rlog), content.size(text)):
        kwargs['flags'] = kwargs.get('flags', 0) | scan.LARGE
    rev = orig(self, text, transaction, link, p1, p2, **kwargs)
    if box and scan.islargerev(rlog, rev):
        require.committed(box, transaction)
    return rev


def addgroup(orig, self, deltas, linkmapper, transaction, *args, **kwargs):
    rlog = self._revlog
    before = len(rlog)
    result = orig(self, deltas, linkmapper, transaction, *args, **kwargs)
    box = repolfs.ofvfs(rlog.opener)
    if box and (box.inspect or not box.received):
        require.arrived(box, rlog, range(before, len(rlog)), transaction)
    return result


def cmp(orig, self, node, text):
    if not isinstance(text, largetext.LargeText):
        return orig(self, node, text)
    pointer = scan.ofrevision(self._revlog, node)
    if pointer is not None:
        return revision.differs(text, pointer)
    old = b'' if self.iscensored(self.rev(node)) else self.read(node)
    return len(old) != text.size or text.read() != old


def renamed(orig, self, node):
    pointer = scan.ofrevision(self._revlog, node)
    if pointer is None:
        return orig(self, node)
    meta = pointer.hgmeta
    if b'copy' in meta and b'copyrev' in meta:
        return meta[b'copy'], bin(meta[b'copyrev'])
    return False


def has_meta(orig, self, node):
    pointer = scan.ofrevision(self._revlog, node)
    return orig(self, node) if pointer is None else bool(pointer.hgmeta)


def size(orig, self, rev):
    pointer = scan.ofrevision(self._revlog, self._revlog.node(rev))
    return orig(self, rev) if pointer is None else pointer.size


def wrapfilelog(cls) -> None:
    """Teaches a class of file histories about large files."""
    for wrapper in compat.known(cls, addrevision, renamed, has_meta, size):
        extensions.wrapfunction(cls, wrapper.__name__, _ofrevlogs(wrapper))


def _ofrevlogs(wrapper):
    """Return a wrapper that leaves histories alone that are no revlogs."""

    @functools.wraps(wrapper)
    def guarded(orig, self, *args, **kwargs):
        if not hasattr(self, '_revlog'):  # as those of remotefilelog
            return orig(self, *args, **kwargs)
        return wrapper(orig, self, *args, **kwargs)

    return guarded


@eh.uisetup
def _wrapfilelog(ui):
    wrapfilelog(filelog.filelog)
    extensions.wrapfunction(filelog.filelog, 'addgroup', addgroup)
    extensions.wrapfunction(filelog.filelog, 'cmp', cmp)
    extensions.wrapfunction(filelog.narrowfilelog, 'cmp', cmp)
