"""Wraps of filelogs: store a pointer in place of the content of a large file.

Mercurial stores the content of each file revision. These wraps set a flag on revisions
of large files. For this flag, the flag processor stores the content as a blob, and its
pointer in the filelog. The wraps get the size and the copy source of such a revision
from its pointer, without the blob.
"""

from __future__ import annotations

from mercurial import extensions, exthelper, filelog
from mercurial.node import bin

from ...actions import (
    commit,
    content,
    history,
    placeholders,
    requirement,
    revision,
    scan,
)
from ...hg import compat, largetext, lfsrepo

eh = exthelper.exthelper()


def addrevision(orig, self, text, transaction, link, p1, p2, **kwargs):
    rlog = history.of(self)
    lfs = lfsrepo.from_opener(rlog.opener)
    islarge = lfs.ops.commit.rule if lfs else None
    token = isinstance(text, largetext.LargeText)
    if token and not (islarge and islarge(text.path, text.size)):
        text = content.whole(text)
    if islarge and islarge(scan.pathof(rlog), content.size(text)):
        kwargs['flags'] = kwargs.get('flags', 0) | scan.LARGE
    placeholders.refuse(rlog, text, (p1, p2), bool(kwargs.get('flags', 0) & scan.LARGE))
    rev = orig(self, text, transaction, link, p1, p2, **kwargs)
    if islarge:
        commit.committed(lfs, scan.pathof(rlog))
    # a shallow clone cannot read a revision yet that it has just added
    shallow = isinstance(rev, bytes) and kwargs.get('flags', 0) & scan.LARGE
    if lfs and (shallow or isinstance(rev, int) and scan.islargerev(rlog, rev)):
        requirement.committed(lfs, transaction)
    return rev


def addgroup(orig, self, deltas, linkmapper, transaction, *args, **kwargs):
    rlog = self._revlog
    before = len(rlog)
    result = orig(self, deltas, linkmapper, transaction, *args, **kwargs)
    lfs = lfsrepo.from_opener(rlog.opener)
    if lfs and lfs.ops.incoming.measure:
        lfs.ops.incoming.measure(rlog, range(before, len(rlog)))
    if lfs and (lfs.ops.incoming.inspect or not lfs.ops.incoming.large):
        requirement.arrived(lfs, rlog, range(before, len(rlog)), transaction)
    return result


def cmp(orig, self, node, text):
    if not isinstance(text, largetext.LargeText):
        return orig(self, node, text)
    pointer = scan.ofrevision(history.of(self), node)
    if pointer is not None:
        return revision.differs(text, pointer)
    old = b'' if self.iscensored(self.rev(node)) else self.read(node)
    return len(old) != text.size or text.read() != old


def renamed(orig, self, node):
    pointer = scan.ofrevision(history.of(self), node)
    if pointer is None:
        return orig(self, node)
    meta = pointer.hgmeta
    if b'copy' in meta and b'copyrev' in meta:
        return meta[b'copy'], bin(meta[b'copyrev'])
    return False


def has_meta(orig, self, node):
    pointer = scan.ofrevision(history.of(self), node)
    return orig(self, node) if pointer is None else bool(pointer.hgmeta)


def size(orig, self, rev):
    rlog = history.of(self)
    pointer = scan.ofrevision(rlog, rlog.node(rev))
    return orig(self, rev) if pointer is None else pointer.size


def wrapfilelog(cls) -> None:
    """Wrap the methods that are common to filelogs of full and shallow clones."""
    for wrapper in compat.supported(cls, addrevision, renamed, has_meta, size):
        extensions.wrapfunction(cls, wrapper.__name__, wrapper)


def init_with_processor(orig, self, opener, *args, **kwargs):
    orig(self, opener, *args, **kwargs)
    # a revlog takes it from there by itself
    processors = opener.options[b'flagprocessors']
    if scan.LARGE in processors:
        self._flagprocessors[scan.LARGE] = processors[scan.LARGE]


def rawdata(orig, self, node, *args, **kwargs):
    rlog = history.of(self)
    return rlog.rawdata(node) if scan.islarge(rlog, node) else orig(self, node)


def rawsize(orig, self, node):
    return len(self.rawdata(node))


def emitrevisions(orig, self, nodes, *args, **kwargs):
    rlog = history.of(self)
    for sent in orig(self, nodes, *args, **kwargs):
        if scan.islarge(rlog, sent.node) or scan.islarge(rlog, sent.basenode):
            # as in core, a pointer is neither sent as a delta nor used as a base
            text = rlog.rawdata(sent.node)
            base = rlog.nullid
            yield compat.evolve(sent, basenode=base, revision=text, delta=None)
        else:
            yield sent


def wrapshallow(cls) -> None:
    """Wrap the filelog class of remotefilelog, an extension for shallow clones."""
    wrapfilelog(cls)
    extensions.wrapfunction(cls, '__init__', init_with_processor)
    for wrapper in (rawdata, rawsize, emitrevisions):
        extensions.wrapfunction(cls, wrapper.__name__, wrapper)


@eh.uisetup
def _wrapfilelog(ui):
    wrapfilelog(filelog.filelog)
    extensions.wrapfunction(filelog.filelog, 'addgroup', addgroup)
    extensions.wrapfunction(filelog.filelog, 'cmp', cmp)
    extensions.wrapfunction(filelog.narrowfilelog, 'cmp', cmp)
