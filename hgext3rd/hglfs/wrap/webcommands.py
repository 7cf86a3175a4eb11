"""hgweb's download of a single file."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.hgweb import request, webcommands
from mercurial.utils import stringutil

from ..bridge import largetext
from ..bridge.largetext import LargeText

eh = exthelper.exthelper()


@eh.wrapfunction(webcommands, 'rawfile')
def rawfile(orig, web):
    with largetext.scope():
        return orig(web)


@eh.wrapfunction(stringutil, 'binary')
def binary(orig, text):
    return text.isbinary() if isinstance(text, LargeText) else orig(text)


@eh.wrapfunction(request.wsgiresponse, 'setbodybytes')
def setbodybytes(orig, self, body):
    if not isinstance(body, LargeText):
        return orig(self, body)
    self.headers[b'Content-Length'] = b'%d' % body.size
    return self.setbodygen(body.chunks())
