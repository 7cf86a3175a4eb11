"""Wraps of archives: write large files into them as streams, not from memory."""

from __future__ import annotations

from mercurial import archival, exthelper

from ...actions import archive as sinks
from ...actions import partial
from ...hg import largetext
from ...lfs.oid import CHUNK

eh = exthelper.exthelper()


@eh.wrapfunction(archival, 'archive')
def archive(orig, repo, *args, **kwargs):
    with partial.archiving(repo), largetext.forcheckout():
        return orig(repo, *args, **kwargs)


@eh.wrapfunction(archival, 'buildmetadata')
def buildmetadata(orig, *args, **kwargs):
    with largetext.suspended():
        return orig(*args, **kwargs)


@eh.wrapfunction(archival, 'stringio')
def stringio(orig, *args):
    # a tar archive reads a file from this
    if args and isinstance(args[0], largetext.LargeText):
        return largetext.LargeTextReader(args[0])
    return orig(*args)


@eh.wrapfunction(archival.tarit, '__init__')
def tarit(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    self.z.copybufsize = CHUNK


@eh.wrapfunction(archival.zipit, '__init__')
def zipit(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    plain = self.z.writestr

    def writestr(info, data):
        if not isinstance(data, largetext.LargeText):
            return plain(info, data)
        info.file_size = data.size
        with self.z.open(info, 'w') as sink:
            sink.writelines(data.chunks())
        return None

    self.z.writestr = writestr


@eh.wrapfunction(archival.fileit, '__init__')
def fileit(orig, self, *args, **kwargs):
    orig(self, *args, **kwargs)
    self.opener = sinks.Opener(self.opener)
